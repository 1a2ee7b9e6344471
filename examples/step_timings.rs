//! Prints the times of a training step and of predictions of both networks on this machine's CPU.
//!
//! `cargo run --release --example step_timings`. Settings and sizes are those of docs/performance.md.

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use std::time::Instant;
use tenfold::{
    domain::{CLASS_COUNT, IMAGE_SIDE, NetworkName, Settings},
    train::{Run, batches::Batch, read_loss},
};

/// Images in a step.
const BATCH: usize = 128;

/// Values in an image.
const IMAGE_LEN: usize = 3 * IMAGE_SIDE * IMAGE_SIDE;

/// So many that the learning rate does not change.
const STEPS_PER_EPOCH: u64 = 1 << 40;

/// Pixels around 0, the same in each call.
fn pixels(count: usize) -> Vec<f32> {
    (0..count * IMAGE_LEN).map(|at| (at as f32 * 0.71).sin() + (at as f32 * 0.013).cos()).collect()
}

/// The batch of each step, with as many images of each class as possible.
fn batch() -> Batch {
    let mut targets = vec![0.0; BATCH * CLASS_COUNT];
    for image in 0..BATCH {
        targets[image * CLASS_COUNT + image % CLASS_COUNT] = 1.0;
    }
    Batch { images: pixels(BATCH), targets, len: BATCH }
}

/// Times `work` this often, after three calls that do not count, and prints a line.
fn time(what: &str, times: usize, mut work: impl FnMut()) {
    (0..3).for_each(|_| work());
    let mut milliseconds: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    milliseconds.sort_by(f64::total_cmp);
    let (least, median) = (milliseconds[0], milliseconds[times / 2]);
    println!("{what:<42}{median:>10.1}{least:>10.1}");
}

fn main() {
    tenfold::device::keep_freed_memory();
    let device = Device::flex();
    println!("{:<42}{:>10}{:>10}", "milliseconds", "median", "least");
    for name in NetworkName::ALL {
        let dropout_rate = if name.settings().has_dropout() { Settings::ARTICLE_DROPOUT_RATE } else { 0.0 };
        let mut run = Run::new(Settings { warm_up_epochs: 0.0, dropout_rate, ..name.page_settings() }, &device);
        let Batch { images, targets, len } = batch();
        time(&format!("{}: training step, 128 images", name.id()), 40, || {
            run.advance(Batch { images: images.clone(), targets: targets.clone(), len }, STEPS_PER_EPOCH);
            pollster::block_on(read_loss(&mut run)).expect("the loss stays finite");
        });

        let network = run.network().valid();
        // Prepared, as the network that answers in the page.
        let prepared = network.prepared_for_answers(1);
        for (what, count, times) in [("128 images", BATCH, 40), ("one image", 1, 200)] {
            let images = TensorData::new(pixels(count), [count, 3, IMAGE_SIDE, IMAGE_SIDE]);
            let images = Tensor::<4>::from_data(images, &device);
            time(&format!("{}: {what}", name.id()), times, || {
                network.answer(images.clone(), prepared.as_ref()).into_data();
            });
        }
    }
}
