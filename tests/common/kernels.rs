//! Compares WebGPU with the CPU, in the browser and natively.

use super::noise::noise;
use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use tenfold::{
    data::Normalisation,
    domain::NetworkName,
    infer::Classifier,
    layers::{
        dense::compute::{dense, summed::SummedDense},
        max_pool::compute::window_8x8::max_pool_same,
    },
    model::{Masks, Network},
    spec::shape::Activation,
    train::{Adam, momentum::Momentum},
};

/// On `gpu`, a dense layer with summed weights gives the plain layer's output.
pub async fn summed_dense_layers_give_what_plain_ones_give(gpu: &Device) {
    let tensor = |seed: usize, shape: &[usize]| {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|i| ((i * 7919 + seed) % 1013) as f32 / 506.0 - 1.0).collect();
        TensorData::new(values, shape.to_vec())
    };
    let read = async |y: Tensor<2>| y.into_data_async().await.expect("readable").try_into_vec::<f32>().expect("f32");
    for [planes, height, width, outputs] in [[18, 32, 32, 384], [2, 17, 9, 12], [1, 3, 70, 132]] {
        let inputs = planes * height * width;
        let weight = Tensor::<2>::from_data(tensor(3, &[inputs, outputs]), gpu) * 0.05;
        let bias = Tensor::<1>::from_data(tensor(4, &[outputs]), gpu);
        for (n, activation) in [1, 2, 7].into_iter().flat_map(|n| [(n, Activation::None), (n, Activation::Relu)]) {
            let what = format!("{n} images, {planes} planes of {height}x{width}, {outputs} outputs, {activation:?}");
            let x = max_pool_same(Tensor::from_data(tensor(n, &[n, planes, height, width]), gpu)).reshape([n, inputs]);
            let layer = SummedDense::new(weight.clone(), bias.clone(), activation, [height, width]);
            let layer = layer.expect("it is outside any graph");
            let summed = read(layer.forward(x.clone())).await;
            let plain = read(dense(x.clone(), weight.clone(), bias.clone(), activation)).await;
            assert_eq!(summed.len(), n * outputs, "{what}");
            let largest = plain.iter().fold(0.0_f32, |most, y| most.max(y.abs()));
            let worst = plain.iter().zip(&summed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 2e-5 * largest, "off by {worst} of {largest}: {what}");

            // A NaN only in the last image, in its last row.
            let mut values: Vec<f32> = x.into_data_async().await.expect("readable").try_into_vec().expect("f32");
            *values.last_mut().expect("a pixel") = f32::NAN;
            let x = Tensor::from_data(TensorData::new(values, [n, inputs]), gpu);
            let with_nan = read(layer.forward(x)).await;
            let (before, last) = with_nan.split_at((n - 1) * outputs);
            assert_eq!(before, &summed[..before.len()], "{what}");
            assert!(last.iter().all(|y| y.is_nan()), "what is not a number stays seen: {what}");
        }
    }
    let learning = gpu.clone().autodiff();
    let (weight, bias) =
        (Tensor::from_data(tensor(1, &[4, 4]), &learning), Tensor::from_data(tensor(2, &[4]), &learning));
    assert!(SummedDense::new(weight, bias, Activation::None, [2, 2]).is_none());
}

/// On `gpu`, a prepared network answers any number of images like an unprepared one.
pub async fn a_prepared_network_answers_as_before(gpu: &Device) {
    let images = noise(9);
    let network = Network::init(NetworkName::Cui2017, 7, gpu);
    let plain = Classifier::new(network, Normalisation::of(&images));
    let prepared = plain.clone().prepared(1);
    assert!(prepared.is_prepared() && !plain.clone().prepared(8).is_prepared());
    let pictures: Vec<_> = (0..9).map(|index| images.interleaved(index)).collect();
    for count in [1, 7, 8, 9] {
        let mut logits = Vec::new();
        for classifier in [&plain, &prepared] {
            logits.push(classifier.logits(&pictures[..count]).await.expect("the device does not fail"));
        }
        let pairs = logits[0].as_flattened().iter().zip(logits[1].as_flattened());
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "off by {worst}: {logits:?}");
    }
}

/// On `gpu`, optimisers update shared and unshared tensors as they do on the CPU.
pub async fn optimisers_update_as_on_the_cpu(gpu: &Device) {
    for count in [1, 6, 384, 18_432 * 3] {
        let mut updated = Vec::new();
        for device in [gpu, &Device::flex()] {
            let values = |scale: f32| {
                let values = (0..count).map(|i| (i as f32 * scale).sin()).collect();
                Tensor::<1>::from_data(TensorData::new(values, [count]), device)
            };
            let (mut adam, mut momentum) = (Adam::default(), Momentum::default());
            let start = values(0.7);
            let (mut by_adam, mut by_momentum) = (start.clone(), start.clone());
            for scale in [0.3, 0.2, 0.1] {
                adam.step += 1;
                by_adam = adam.update("w", by_adam, values(scale), 0.01, 1e-3);
                by_momentum = momentum.update("w", by_momentum, values(scale), 0.01, 1e-3);
            }
            for x in [by_adam, by_momentum, start] {
                updated.push(x.into_data_async().await.expect("readable").try_into_vec::<f32>().expect("f32"));
            }
        }
        let (on_gpu, on_cpu) = updated.split_at(3);
        for (gpu, cpu) in on_gpu.iter().flatten().zip(on_cpu.iter().flatten()) {
            assert!((gpu - cpu).abs() < 1e-5, "{gpu} on WebGPU, {cpu} on the CPU, of {count}");
        }
    }
}

/// `tenfold2026` gives the same logits on `gpu` and on the CPU.
pub async fn the_modern_network_gives_the_logits_of_the_cpu(gpu: &Device) {
    let images = noise(3);
    let mut logits = Vec::new();
    for device in [gpu, &Device::flex()] {
        let network = Network::init(NetworkName::Tenfold2026, 7, device);
        let classifier = Classifier::new(network, Normalisation::of(&images));
        let pictures: Vec<_> = (0..3).map(|index| images.interleaved(index)).collect();
        logits.push(classifier.logits(&pictures).await.expect("the device does not fail"));
    }
    let pairs = logits[0].as_flattened().iter().zip(logits[1].as_flattened());
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-3, "off by {worst}: {logits:?}");
}

/// Dropout sets the same values to 0 on `gpu` and on the CPU.
pub async fn dropout_drops_what_the_cpu_drops(gpu: &Device) {
    for count in [1, 6, 384, 18_432 * 3] {
        let mut dropped = Vec::new();
        for device in [gpu, &Device::flex()] {
            let values = (0..count).map(|i| i as f32 + 0.5).collect();
            let x = Tensor::<1>::from_data(TensorData::new(values, [count]), device);
            let mut masks = Masks::new(0.3, 5, 6);
            for x in [masks.apply(x.clone()), masks.apply(x)] {
                dropped.push(x.into_data_async().await.expect("readable").try_into_vec::<f32>().expect("f32"));
            }
        }
        assert_eq!(dropped[..2], dropped[2..], "{count} values");
        assert!(count < 384 || dropped[0] != dropped[1], "the second mask is another one");
    }
}

/// The 8x8 pool and its gradient are the same on `gpu` and on the CPU, with ties.
pub async fn the_pool_is_that_of_the_cpu_ties_included(gpu: &Device) {
    let cpu = Device::flex();
    for shape in [[2, 3, 32, 32], [1, 1, 1, 1], [1, 2, 5, 9], [2, 1, 17, 8], [1, 1, 8, 33]] {
        let count = shape.iter().product();
        // Small whole numbers: equal values are frequent, and sums do not depend on their order.
        let scatter = |i: usize, modulus: usize| (i.wrapping_mul(2_654_435_761) >> 7) % modulus;
        let x: Vec<f32> = (0..count).map(|i| scatter(i, 5) as f32).collect();
        let weights: Vec<f32> = (0..count).map(|i| scatter(i + 1, 16) as f32 - 8.0).collect();
        let (on_gpu, on_cpu) = (pooled(shape, &x, &weights, gpu).await, pooled(shape, &x, &weights, &cpu).await);
        assert_eq!(on_gpu, on_cpu, "{shape:?}");
    }
}

/// The maxima of `x`, `[n, c, h, w]`, and the gradient of their sum weighted with `weights`.
async fn pooled(shape: [usize; 4], x: &[f32], weights: &[f32], device: &Device) -> [Vec<f32>; 2] {
    let device = device.clone().autodiff();
    let tensor = |values: &[f32]| Tensor::<4>::from_data(TensorData::new(values.to_vec(), shape), &device);
    let x = tensor(x).require_grad();
    let maxima = max_pool_same(x.clone());
    let gradients = (maxima.clone() * tensor(weights)).sum().backward();
    let mut read = Vec::new();
    for tensor in [maxima.inner(), x.grad(&gradients).expect("x requires a gradient")] {
        read.push(tensor.into_data_async().await.expect("readable").try_into_vec().expect("f32"));
    }
    read.try_into().expect("two tensors")
}
