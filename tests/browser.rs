//! In a real browser, in a worker as in the page: WebGPU computes what TensorFlow and the CPU compute.
#![cfg(target_family = "wasm")]

#[path = "common/layers.rs"]
mod layers;
#[path = "common/learning.rs"]
mod learning;
#[path = "common/pool_timings.rs"]
mod pool_timings;
#[path = "common/reference.rs"]
mod reference;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use tenfold::spec::shape::Activation;
use tenfold::{
    data::Normalisation,
    device::{self, Opened},
    infer::Classifier,
    inspect,
    model::{
        Masks, Network,
        layers::{
            dense::{dense, summed::SummedDense},
            max_pool::window_8x8::max_pool_same,
        },
    },
    platform::{constructors, gpu},
    protocol::{DeviceChoice, DeviceReport, NetworkName, inspect::Unit},
    train::{Adam, momentum::Momentum},
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// WebGPU, or a failed test: never the CPU in its place.
async fn webgpu() -> Device {
    constructors::run_once();
    let opened = device::open(DeviceChoice::WebGpu, gpu::adapter().await.map_err(|error| error.to_string())).await;
    let Opened { device, report } = opened.expect("the browser has WebGPU");
    assert!(matches!(report, DeviceReport::WebGpu { .. }), "{report:?}");
    assert_ne!(device, Device::flex());
    device
}

#[wasm_bindgen_test]
async fn logits_gradients_and_adam_agree_with_tensorflow_on_webgpu() {
    reference::agrees_with_tensorflow(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn logits_gradients_and_adam_agree_with_tensorflow_on_the_cpu() {
    constructors::run_once();
    reference::agrees_with_tensorflow(&Device::flex()).await;
}

#[wasm_bindgen_test]
async fn dense_layers_and_their_gradients_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    for shape in layers::DENSE_SHAPES {
        layers::dense_agrees(&gpu, shape).await;
    }
}

#[wasm_bindgen_test]
async fn a_dense_layer_that_has_summed_its_weights_gives_what_the_plain_one_gives_on_webgpu() {
    let gpu = webgpu().await;
    let tensor = |seed: usize, shape: &[usize]| {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|i| ((i * 7919 + seed) % 1013) as f32 / 506.0 - 1.0).collect();
        TensorData::new(values, shape.to_vec())
    };
    let read = async |y: Tensor<2>| y.into_data_async().await.expect("readable").try_into_vec::<f32>().expect("f32");
    for [planes, height, width, outputs] in [[18, 32, 32, 384], [2, 17, 9, 12], [1, 3, 70, 132]] {
        let inputs = planes * height * width;
        let weight = Tensor::<2>::from_data(tensor(3, &[inputs, outputs]), &gpu) * 0.05;
        let bias = Tensor::<1>::from_data(tensor(4, &[outputs]), &gpu);
        for (n, activation) in [1, 2, 7].into_iter().flat_map(|n| [(n, Activation::None), (n, Activation::Relu)]) {
            let what = format!("{n} images, {planes} planes of {height}x{width}, {outputs} outputs, {activation:?}");
            let x = max_pool_same(Tensor::from_data(tensor(n, &[n, planes, height, width]), &gpu)).reshape([n, inputs]);
            let layer = SummedDense::new(weight.clone(), bias.clone(), activation, [height, width]);
            let layer = layer.expect("it is outside any graph");
            let summed = read(layer.forward(x.clone())).await;
            let plain = read(dense(x.clone(), weight.clone(), bias.clone(), activation)).await;
            assert_eq!(summed.len(), n * outputs, "{what}");
            let largest = plain.iter().fold(0.0_f32, |most, y| most.max(y.abs()));
            let worst = plain.iter().zip(&summed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 2e-5 * largest, "off by {worst} of {largest}: {what}");

            // In the last image alone, and there in the last row.
            let mut values: Vec<f32> = x.into_data_async().await.expect("readable").try_into_vec().expect("f32");
            *values.last_mut().expect("a pixel") = f32::NAN;
            let x = Tensor::from_data(TensorData::new(values, [n, inputs]), &gpu);
            let with_nan = read(layer.forward(x)).await;
            let (before, last) = with_nan.split_at((n - 1) * outputs);
            assert_eq!(before, &summed[..before.len()], "{what}");
            assert!(last.iter().all(|y| y.is_nan()), "what is not a number stays seen: {what}");
        }
    }
    let learning = gpu.autodiff();
    let (weight, bias) =
        (Tensor::from_data(tensor(1, &[4, 4]), &learning), Tensor::from_data(tensor(2, &[4]), &learning));
    assert!(SummedDense::new(weight, bias, Activation::None, [2, 2]).is_none());
}

#[wasm_bindgen_test]
async fn a_network_that_is_prepared_answers_any_number_of_images_as_before_on_webgpu() {
    let images = learning::noise(9);
    let network = Network::init(NetworkName::Cui2017, 7, &webgpu().await);
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

#[wasm_bindgen_test]
async fn layers_of_any_shape_and_their_gradients_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    // Each shape is a program for the driver to compile: fewer of them than on the CPU.
    for shape in layers::AnyShape::draw(20, 29) {
        layers::any_convolution_agrees(&gpu, shape).await;
        layers::any_pool_agrees(&gpu, shape).await;
    }
    for shape in [[3, 7, 7, 8], [3, 5, 7, 3]] {
        layers::activations_agree(&gpu, shape).await;
    }
}

#[wasm_bindgen_test]
async fn the_convolution_and_its_gradients_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    for shape in layers::CONVOLUTION_SHAPES {
        layers::convolution_agrees(&gpu, shape).await;
    }
}

#[wasm_bindgen_test]
async fn the_loss_and_its_gradient_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    layers::loss_agrees(&gpu).await;
    layers::loss_stays_finite_and_counts_the_first_of_equal_answers(&gpu).await;
}

#[wasm_bindgen_test]
async fn optimisers_update_shared_and_unshared_tensors_on_webgpu_as_on_the_cpu() {
    let gpu = webgpu().await;
    for count in [1, 6, 384, 18_432 * 3] {
        let mut updated = Vec::new();
        for device in [&gpu, &Device::flex()] {
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

#[wasm_bindgen_test]
async fn the_modern_networks_layers_and_their_gradients_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    for shape in layers::CONV3X3_SHAPES {
        layers::conv3x3_agrees(&gpu, shape).await;
    }
    for shape in layers::NORM_SHAPES {
        layers::norm_agrees(&gpu, shape).await;
    }
    for shape in layers::MAX_POOL_SHAPES {
        layers::max_pool_agrees(&gpu, shape).await;
    }
    layers::whitening_agrees(&gpu).await;
    layers::blending_agrees(&gpu).await;
}

#[wasm_bindgen_test]
async fn the_modern_network_gives_the_same_logits_on_webgpu_and_on_the_cpu() {
    let images = learning::noise(3);
    let mut logits = Vec::new();
    for device in [&webgpu().await, &Device::flex()] {
        let network = Network::init(NetworkName::Tenfold2026, 7, device);
        let classifier = Classifier::new(network, Normalisation::of(&images));
        let pictures: Vec<_> = (0..3).map(|index| images.interleaved(index)).collect();
        logits.push(classifier.logits(&pictures).await.expect("the device does not fail"));
    }
    let pairs = logits[0].as_flattened().iter().zip(logits[1].as_flattened());
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-3, "off by {worst}: {logits:?}");
}

#[wasm_bindgen_test]
async fn the_inside_of_both_networks_is_the_same_on_webgpu_and_on_the_cpu() {
    // Of trained weights: in fresh ones, whose statistics are nobody's, a gradient hangs on a few equal values.
    let shipped: [(NetworkName, &[u8], &[u8]); 2] = [
        (
            NetworkName::Cui2017,
            include_bytes!("../assets/weights/cui2017/weights.safetensors"),
            include_bytes!("../assets/weights/cui2017/card.json"),
        ),
        (
            NetworkName::Tenfold2026,
            include_bytes!("../assets/weights/tenfold2026/weights.safetensors"),
            include_bytes!("../assets/weights/tenfold2026/card.json"),
        ),
    ];
    // No two pixels alike: in even ground the values of a window are equal but for rounding, and any may be the highest.
    let picture = std::array::from_fn(|at| ((at as u32).wrapping_mul(2_654_435_761) >> 24) as u8);
    for (name, weights, card) in shipped {
        let card = serde_json::from_slice(card).expect("a model card");
        let mut found = Vec::new();
        for device in [&webgpu().await, &Device::flex()] {
            let classifier = Classifier::load(weights, &card, device).expect("today's network");
            let (layers, outputs) = inspect::layers(&classifier, &picture).await.expect("readable");
            let gradient = inspect::gradient(&classifier, &picture, 3).await.expect("readable");
            let activation = inspect::class_activation(&classifier, &picture, 3).await.expect("readable");
            let hidden = inspect::occluded(&classifier, &picture, 0..3).await.expect("readable");
            let unit = Unit { layer: 1, channel: 5, row: 6, column: 7 };
            let unit = inspect::arithmetic(&classifier, &picture, unit).await.expect("readable").expect("a unit");
            let mut maps = layers;
            maps.extend([gradient.map, activation.map]);
            let sums =
                [&outputs.logits[..], hidden.as_flattened(), &[gradient.sum, activation.sum, unit.value]].concat();
            found.push((maps, sums));
        }
        let [(on_gpu, gpu_sums), (on_cpu, cpu_sums)] = &found[..] else { panic!("two devices") };
        for (gpu, cpu) in gpu_sums.iter().zip(cpu_sums) {
            assert!((gpu - cpu).abs() < 1e-3, "{name:?}: {gpu} on WebGPU, {cpu} on the CPU");
        }
        for (gpu, cpu) in on_gpu.iter().zip(on_cpu) {
            for (gpu, cpu) in gpu.limits.iter().zip(&cpu.limits) {
                assert!((gpu - cpu).abs() < 1e-3, "{name:?}: {gpu} on WebGPU, {cpu} on the CPU");
            }
            assert!(cpu.limit() > 0.0, "{name:?}, {}", cpu.name);
            let steps = gpu.values.iter().zip(&cpu.values).map(|(gpu, cpu)| gpu.abs_diff(*cpu));
            if cpu.name.is_empty() {
                // Where two values of a window differ by a rounding, either may be the highest, and has all of the gradient.
                let off: u32 = steps.map(u32::from).sum();
                let all: u32 = cpu.values.iter().map(|value| u32::from(value.unsigned_abs())).sum();
                assert!(50 * off <= all, "{name:?}: a map by gradient is off by {off} of {all}");
            } else {
                // Rounding to a byte may fall to either side.
                assert!(steps.max() <= Some(1), "{name:?}, {}", cpu.name);
            }
        }
    }
}

#[wasm_bindgen_test]
async fn the_modern_network_learns_a_batch_by_heart_on_webgpu() {
    learning::the_modern_network_learns_a_batch_by_heart(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn dropout_drops_the_same_values_on_webgpu_and_on_the_cpu() {
    let gpu = webgpu().await;
    for count in [1, 6, 384, 18_432 * 3] {
        let mut dropped = Vec::new();
        for device in [&gpu, &Device::flex()] {
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

#[wasm_bindgen_test]
async fn the_pool_and_its_gradient_are_the_same_on_webgpu_and_on_the_cpu_ties_included() {
    let (gpu, cpu) = (webgpu().await, Device::flex());
    for shape in [[2, 3, 32, 32], [1, 1, 1, 1], [1, 2, 5, 9], [2, 1, 17, 8], [1, 1, 8, 33]] {
        let count = shape.iter().product();
        // Small whole numbers: equal values are frequent, and sums do not depend on their order.
        let scatter = |i: usize, modulus: usize| (i.wrapping_mul(2_654_435_761) >> 7) % modulus;
        let x: Vec<f32> = (0..count).map(|i| scatter(i, 5) as f32).collect();
        let weights: Vec<f32> = (0..count).map(|i| scatter(i + 1, 16) as f32 - 8.0).collect();
        let (on_gpu, on_cpu) = (pooled(shape, &x, &weights, &gpu).await, pooled(shape, &x, &weights, &cpu).await);
        assert_eq!(on_gpu, on_cpu, "{shape:?}");
    }
}

#[wasm_bindgen_test]
async fn every_way_to_pool_gives_the_same_maxima_on_webgpu_and_takes_this_long() {
    wasm_bindgen_test::console_log!("WebGPU, {}", pool_timings::table(&webgpu().await, 4, 2).await);
}

#[wasm_bindgen_test]
async fn every_way_to_pool_gives_the_same_maxima_on_the_cpu_and_takes_this_long() {
    constructors::run_once();
    wasm_bindgen_test::console_log!("CPU, {}", pool_timings::table(&Device::flex(), 16, 2).await);
}

#[wasm_bindgen_test]
async fn a_batch_of_64_is_learnt_by_heart_on_the_cpu() {
    constructors::run_once();
    learning::a_batch_of_64_is_learnt_by_heart(&Device::flex()).await;
}

#[wasm_bindgen_test]
async fn a_batch_of_64_is_learnt_by_heart_on_webgpu() {
    learning::a_batch_of_64_is_learnt_by_heart(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn a_resumed_run_continues_as_an_uninterrupted_one_would_on_the_cpu() {
    constructors::run_once();
    learning::a_resumed_run_continues_as_an_uninterrupted_one_would().await;
}

#[wasm_bindgen_test]
async fn equal_seeds_give_equal_curves_on_the_cpu() {
    constructors::run_once();
    learning::equal_seeds_give_equal_curves_and_other_seeds_others().await;
}
