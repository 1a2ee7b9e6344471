//! The loop learns, repeats itself, and resumes where it was stopped, bit for bit on the CPU.

use burn::tensor::Device;
use tenfold::{
    checkpoint::{Logbook, read_snapshot, write_snapshot},
    data::{IMAGE_LEN, Images, Normalisation, read_batch},
    model::Cui2017Config,
    protocol::{CurvePoint, History, LearningRates, OptimiserChoice, Settings, Start},
    train::{Control, Progress, Run, Sink, train},
};

/// `count` images of 16 random grey patches each, whose class can only be learnt by heart.
fn noise(count: usize) -> Images {
    let shade = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
    let records: Vec<u8> = (0..count)
        .flat_map(|image| {
            let patch = |at: usize| at % 1024 / 256 * 4 + at % 32 / 8;
            let pixels = (0..IMAGE_LEN).map(move |at| shade(image * 16 + patch(at)));
            std::iter::once((image * 7 % 10) as u8).chain(pixels)
        })
        .collect();
    read_batch("noise", &records).expect("whole records")
}

fn settings() -> Settings {
    Settings {
        epochs: 3,
        batch_size: 8,
        learning_rates: LearningRates { convolution: 3e-3, dense: 1e-3 },
        ..Settings::default()
    }
}

/// Keeps what it hears, and stops the run as soon as it has made `stop_at` steps.
#[derive(Default)]
struct Listener {
    heard: Vec<Progress>,
    stop_at: Option<u64>,
}

impl Sink for Listener {
    async fn progress(&mut self, _: &Run, progress: Progress) -> Control {
        self.heard.push(progress);
        Control::Continue
    }

    async fn step_ended(&mut self, run: &Run) -> Control {
        if Some(run.step) == self.stop_at { Control::Stop } else { Control::Continue }
    }

    async fn epoch_ended(&mut self, _: &Run) -> Control {
        Control::Continue
    }
}

fn go_on(run: &mut Run, images: &Images, stop_at: Option<u64>) -> Vec<Progress> {
    let normalisation = Normalisation::of(images);
    let mut listener = Listener { stop_at, ..Listener::default() };
    pollster::block_on(train(run, images, &normalisation, &mut listener)).expect("the loss stays finite");
    listener.heard
}

#[test]
fn a_batch_of_64_is_learnt_by_heart() {
    let images = noise(64);
    let settings = Settings {
        epochs: 250,
        batch_size: 64,
        dropout_rate: 0.0,
        flip: false,
        // One step an epoch.
        warm_up_epochs: 20.0,
        learning_rates: LearningRates { convolution: 3e-3, dense: 6e-4 },
        ..settings()
    };
    let narrow = Cui2017Config { hidden: 64, ..Cui2017Config::default() };
    let mut run = Run::new(narrow, settings, &Device::flex());
    let heard = go_on(&mut run, &images, None);
    let last = heard.last().expect("250 steps");
    assert!(last.accuracy > 0.95, "{last:?}");
}

/// A logbook that has something in every part.
fn logbook(images: &Images) -> Logbook {
    let point = CurvePoint { step: 7, loss: 2.3, accuracy: 0.1 };
    let history = History { points: vec![point], validations: Vec::new() };
    Logbook { start: Start::Shipped, normalisation: Normalisation::of(images), image_count: images.len(), history }
}

/// Runs with `settings` to the end, once at a stretch and once interrupted after `stop_at` steps, through a file.
fn resuming_changes_nothing(settings: &Settings, stop_at: u64) {
    let images = noise(40);
    let device = Device::flex();
    let mut whole = Run::new(Cui2017Config::default(), settings.clone(), &device);
    let uninterrupted = go_on(&mut whole, &images, None);
    assert_eq!(whole.step, 15);

    let mut first = Run::new(Cui2017Config::default(), settings.clone(), &device);
    let mut heard = go_on(&mut first, &images, Some(stop_at));
    let kept = pollster::block_on(write_snapshot(&first, &logbook(&images))).expect("the CPU does not fail");
    drop(first);
    let (mut second, read) = read_snapshot(&kept, &device).expect("just written");
    assert_eq!((second.step, &second.settings, read), (stop_at, settings, logbook(&images)));
    heard.extend(go_on(&mut second, &images, None));

    assert_eq!(heard, uninterrupted);
    let bytes = |run: &Run| pollster::block_on(write_snapshot(run, &logbook(&images))).expect("the CPU does not fail");
    assert!(bytes(&second) == bytes(&whole), "weights and the optimiser's state are the same bits");
}

#[test]
fn a_resumed_run_continues_as_an_uninterrupted_one_would() {
    // In the middle of the second epoch, and between two reports.
    resuming_changes_nothing(&settings(), 7);
    resuming_changes_nothing(&settings(), 13);
}

#[test]
fn a_resumed_run_with_momentum_continues_as_an_uninterrupted_one_would() {
    let optimiser = OptimiserChoice::Momentum;
    resuming_changes_nothing(&Settings { optimiser, learning_rates: optimiser.learning_rates(), ..settings() }, 8);
}

#[test]
fn a_run_begins_with_a_report_each_step_and_then_each_tenth_and_at_each_epochs_end() {
    let images = noise(104);
    let mut run = Run::new(Cui2017Config { filters: 1, hidden: 1 }, settings(), &Device::flex());
    let steps: Vec<_> = go_on(&mut run, &images, None).iter().map(|progress| progress.step).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 20, 26, 30, 39]);
}

#[test]
fn equal_seeds_give_equal_curves_and_other_seeds_others() {
    let images = noise(24);
    let curve = |seed| {
        let mut run = Run::new(Cui2017Config::default(), Settings { seed, ..settings() }, &Device::flex());
        go_on(&mut run, &images, None)
    };
    assert_eq!(curve(1), curve(1));
    assert_ne!(curve(1), curve(2));
}

#[test]
fn a_run_whose_loss_is_no_number_stops_and_says_what_to_lower() {
    let images = noise(16);
    let rates = LearningRates { convolution: 1e30, dense: 1e30 };
    let settings = Settings { learning_rates: rates, ..settings() };
    let mut run = Run::new(Cui2017Config::default(), settings, &Device::flex());
    let mut listener = Listener::default();
    let normalisation = Normalisation::of(&images);
    let result = pollster::block_on(train(&mut run, &images, &normalisation, &mut listener));
    let error = result.expect_err("the weights overflow").to_string();
    assert!(error.contains("lower the learning rate"), "{error}");
}
