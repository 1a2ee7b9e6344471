//! Times predictions and a training step of the article's network, and its layers composed of Burn's operations.

use burn::{
    Tensor,
    tensor::{
        Device, Distribution,
        activation::relu,
        module::conv2d,
        ops::{ConvOptions, PadMode},
    },
};
use std::fmt::Write;
use tenfold::{
    model::{Network, layers::max_pool::window_8x8::max_pool_same},
    platform::clock::now_ms,
    protocol::{NetworkName, Settings},
    train::{Run, batches::Batch},
};

/// The least of `repeats` times in milliseconds, after one without a clock, in which kernels are compiled.
async fn milliseconds(repeats: usize, mut work: impl AsyncFnMut()) -> f64 {
    work().await;
    let mut least = f64::INFINITY;
    for _ in 0..repeats {
        let started = now_ms();
        work().await;
        least = least.min(now_ms() - started);
    }
    least
}

async fn read<const D: usize>(tensor: Tensor<D>) {
    tensor.into_data_async().await.expect("readable");
}

/// A table of milliseconds on `device`: predictions by the network, by Burn's operations alone, and training steps.
pub async fn table(device: &Device, batches: &[usize], training_batch: usize) -> String {
    let mut table = String::from("the network, ms\n");
    let network = Network::init(NetworkName::Cui2017, 1, device);
    let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Uniform(-1.0, 1.0), device);
    for &n in batches {
        let images = random([n, 3, 32, 32]);
        let time = milliseconds(5, async || read(network.forward(images.clone())).await).await;
        writeln!(table, "{n:>4} images, logits                 {time:>8.1}").expect("writes to a string");
    }

    let images = random([1, 3, 32, 32]);
    let kernels = random([18, 3, 4, 4]);
    let weight = random([1, 1, 18_432, 384]).reshape([18_432, 384]);
    let time = milliseconds(2, async || {
        let x = images.clone().pad((1, 2, 1, 2), PadMode::Constant(0.0));
        let x = relu(conv2d(x, kernels.clone(), None, ConvOptions::new([1, 1], [0, 0], [1, 1], 1)));
        // Burn's convolution leaves the channels innermost, and our pool takes rows only.
        let x = x.reshape([18, 1024]).reshape([1, 18, 32, 32]);
        read(max_pool_same(x).flatten::<2>(1, 3).matmul(weight.clone())).await;
    });
    writeln!(table, "   1 image, Burn's conv2d and matmul {:>8.1}", time.await).expect("writes to a string");

    let mut run = Run::new(Settings::default(), device);
    let time = milliseconds(3, async || {
        let n = training_batch;
        let images = (0..n * 3072).map(|i| ((i * 7919) % 1013) as f32 / 506.0 - 1.0).collect();
        let targets = (0..n * 10).map(|i| f32::from(u8::from(i / 10 % 10 == i % 10))).collect();
        run.advance(Batch { images, targets, len: n }, 391);
        read(std::mem::take(&mut run.since_report).loss_and_right.expect("a step was made")).await;
    });
    writeln!(table, "{training_batch:>4} images, training step          {:>8.1}", time.await)
        .expect("writes to a string");
    table
}
