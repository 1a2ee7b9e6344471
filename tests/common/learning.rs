//! Tests of a run, natively and in the browser: it learns, repeats itself, and resumes where it stopped.

use super::noise::noise;
use burn::tensor::Device;
use tenfold::spec::{
    cui2017::{self, Widths},
    tenfold2026,
};
use tenfold::{
    checkpoint::{Logbook, read_snapshot, write_snapshot},
    data::{Images, Normalisation},
    domain::{CurvePoint, History, LearningRates, NetworkName, Settings, StartingWeights},
    infer::{Classifier, evaluate},
    model::Network,
    shelf::record::hex,
    train::{Control, Progress, Run, Sink, train},
};

/// The settings of a run of three short epochs.
pub fn settings() -> Settings {
    Settings {
        epochs: 3,
        batch_size: 8,
        learning_rates: LearningRates { convolution: 3e-3, dense: 1e-3 },
        ..Settings::default()
    }
}

/// Keeps all reports. Stops the run after step `stop_at`.
#[derive(Default)]
pub struct Listener {
    pub heard: Vec<Progress>,
    pub stop_at: Option<u64>,
}

impl Sink for Listener {
    async fn progress(&mut self, _: &Run, progress: Progress) -> Control {
        self.heard.push(progress);
        Control::Continue
    }

    async fn step_ended(&mut self, run: &mut Run) -> Control {
        if Some(run.step) == self.stop_at { Control::Stop } else { Control::Continue }
    }

    async fn epoch_ended(&mut self, _: &Run) -> Control {
        Control::Continue
    }
}

/// The reports of `run` from here to its end, or to step `stop_at`.
pub async fn go_on(run: &mut Run, images: &Images, stop_at: Option<u64>) -> Vec<Progress> {
    let normalisation = Normalisation::of(images);
    let mut listener = Listener { stop_at, ..Listener::default() };
    train(run, &[images.into()], &normalisation, &mut listener).await.expect("the loss stays finite");
    listener.heard
}

/// On `device`, a network overfits one batch of 64.
pub async fn a_batch_of_64_is_learnt_by_heart(device: &Device) {
    let images = noise(64);
    let settings = Settings {
        epochs: 250,
        batch_size: 64,
        dropout_rate: 0.0,
        flip: false,
        // There is one step per epoch.
        warm_up_epochs: 20.0,
        learning_rates: LearningRates { convolution: 3e-3, dense: 6e-4 },
        ..settings()
    };
    let narrow = cui2017::spec(Widths { hidden: 64, ..Widths::default() });
    let network = Network::fresh(&narrow, settings.seed, &device.clone().autodiff()).expect("a narrow network");
    let mut run = Run::from_network(network, settings);
    let heard = go_on(&mut run, &images, None).await;
    let last = heard.last().expect("250 steps");
    assert!(last.accuracy > 0.95, "{last:?}");
}

/// A fresh network like `tenfold2026`, but narrow.
pub fn narrow(device: &Device) -> Network {
    Network::fresh(&tenfold2026::spec([16, 32, 32]), 5, device).expect("widths for which there are kernels")
}

/// On `device`, `tenfold2026` overfits one batch of 16, and its predictions with running statistics agree.
pub async fn the_modern_network_learns_a_batch_by_heart(device: &Device) {
    let images = noise(16);
    let settings = Settings {
        epochs: 60,
        batch_size: 16,
        flip: false,
        shift_pixels: 0,
        cutout_pixels: 0,
        cutmix_share: 0.0,
        warm_up_epochs: 5.0,
        weight_decay: 0.0,
        learning_rates: LearningRates { convolution: 2e-2, dense: 1e-2 },
        ..NetworkName::Tenfold2026.settings()
    };
    let mut run = Run::from_network(narrow(&device.clone().autodiff()), settings);
    let heard = go_on(&mut run, &images, None).await;
    let last = heard.last().expect("60 steps");
    assert!(last.accuracy > 0.95, "{last:?}");
    let classifier = Classifier::new(run.network().valid(), Normalisation::of(&images));
    let evaluation = evaluate(&classifier, &images, |_| ()).await.expect("the device does not fail");
    assert!(evaluation.test_accuracy > 90.0, "{evaluation:?}");
}

/// A logbook with an entry in every part.
fn logbook(images: &Images) -> Logbook {
    let point = CurvePoint { step: 7, loss: 2.3, accuracy: 0.1 };
    let history = History {
        points: vec![point],
        validations: Vec::new(),
        trained_secs: 1.5,
        early_steps: 3,
        lapse: "1:312,7:319".into(),
    };
    Logbook {
        start: StartingWeights::Shipped,
        normalisation: Normalisation::of(images),
        image_count: images.len(),
        image_digest: Some(hex(&images.digest())),
        history,
    }
}

/// Trains the `fresh` run to its end on the CPU, once without interruption, and once interrupted after step `stop_at`
/// and resumed from a file. Both give the same bits.
pub async fn resuming_changes_nothing(fresh: impl Fn(&Device) -> Run, stop_at: u64) {
    let images = noise(40);
    let device = Device::flex();
    let mut whole = fresh(&device);
    let uninterrupted = go_on(&mut whole, &images, None).await;
    assert_eq!(whole.step, 15);

    let mut first = fresh(&device);
    let settings = first.settings.clone();
    let mut heard = go_on(&mut first, &images, Some(stop_at)).await;
    let kept = write_snapshot(&first, &logbook(&images)).await.expect("the CPU does not fail");
    drop(first);
    let (mut second, read) = read_snapshot(&kept, &device).expect("just written");
    assert_eq!((second.step, &second.settings, read), (stop_at, &settings, logbook(&images)));
    heard.extend(go_on(&mut second, &images, None).await);

    assert_eq!(heard, uninterrupted);
    let second = write_snapshot(&second, &logbook(&images)).await.expect("the CPU does not fail");
    let whole = write_snapshot(&whole, &logbook(&images)).await.expect("the CPU does not fail");
    assert!(second == whole, "weights and the optimiser's state are the same bits");
}

/// A run is resumed in the middle of an epoch, and between two reports.
pub async fn a_resumed_run_continues_as_an_uninterrupted_one_would() {
    let fresh = |device: &Device| Run::new(settings(), device);
    resuming_changes_nothing(fresh, 7).await;
    resuming_changes_nothing(fresh, 13).await;
}

/// On the CPU the seed determines the curves.
pub async fn equal_seeds_give_equal_curves_and_other_seeds_others() {
    let images = noise(24);
    let mut curves = Vec::new();
    for seed in [1, 1, 2] {
        let mut run = Run::new(Settings { seed, ..settings() }, &Device::flex());
        curves.push(go_on(&mut run, &images, None).await);
    }
    assert_eq!(curves[0], curves[1]);
    assert_ne!(curves[0], curves[2]);
}
