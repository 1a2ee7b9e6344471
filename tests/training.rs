//! The loop learns, repeats itself, and resumes where it was stopped, bit for bit on the CPU.

use burn::tensor::Device;
use tenfold::{
    checkpoint::{read_snapshot, write_snapshot},
    data::{IMAGE_LEN, Images, Normalisation, read_batch},
    model::Cui2017Config,
    protocol::{LearningRates, Settings},
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

/// Keeps what it hears, and stops the run when it has made `stop_at` steps.
#[derive(Default)]
struct Listener {
    heard: Vec<Progress>,
    stop_at: Option<u64>,
}

impl Sink for Listener {
    async fn progress(&mut self, progress: Progress) -> Control {
        self.heard.push(progress);
        if Some(progress.step) == self.stop_at { Control::Stop } else { Control::Continue }
    }

    async fn epoch_ended(&mut self, _: &Run) -> Control {
        Control::Continue
    }
}

fn go_on(run: &mut Run, images: &Images, stop_at: Option<u64>) -> Vec<Progress> {
    let normalisation = Normalisation::of(images);
    let mut listener = Listener { stop_at, ..Listener::default() };
    pollster::block_on(train(run, images, &normalisation, 1, &mut listener)).expect("the loss stays finite");
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

#[test]
fn a_resumed_run_continues_as_an_uninterrupted_one_would() {
    let images = noise(40);
    let device = Device::flex();
    let mut whole = Run::new(Cui2017Config::default(), settings(), &device);
    let uninterrupted = go_on(&mut whole, &images, None);
    assert_eq!(uninterrupted.len(), 15);

    let mut first = Run::new(Cui2017Config::default(), settings(), &device);
    // In the middle of the second epoch.
    let mut heard = go_on(&mut first, &images, Some(7));
    let kept = pollster::block_on(write_snapshot(&first)).expect("the CPU does not fail");
    drop(first);
    let mut second = read_snapshot(&kept, &device).expect("just written");
    assert_eq!((second.step, &second.settings), (7, &settings()));
    heard.extend(go_on(&mut second, &images, None));

    assert_eq!(heard, uninterrupted);
    let bytes = |run: &Run| pollster::block_on(write_snapshot(run)).expect("the CPU does not fail");
    assert!(bytes(&second) == bytes(&whole), "weights and moments are the same bits");
}

#[test]
fn a_run_whose_loss_is_no_number_stops_and_says_what_to_lower() {
    let images = noise(16);
    let rates = LearningRates { convolution: 1e30, dense: 1e30 };
    let settings = Settings { learning_rates: rates, ..settings() };
    let mut run = Run::new(Cui2017Config::default(), settings, &Device::flex());
    let mut listener = Listener::default();
    let normalisation = Normalisation::of(&images);
    let result = pollster::block_on(train(&mut run, &images, &normalisation, 1, &mut listener));
    let error = result.expect_err("the weights overflow").to_string();
    assert!(error.contains("lower the learning rate"), "{error}");
}
