//! In a real browser, in a worker like the page's: WebGPU agrees with TensorFlow and with the CPU.
#![cfg(target_family = "wasm")]

#[path = "common/kernels.rs"]
mod kernels;
#[path = "common/layers.rs"]
mod layers;
#[path = "common/learning.rs"]
mod learning;
#[path = "common/noise.rs"]
mod noise;
#[path = "common/own.rs"]
mod own;
#[path = "common/pool_timings.rs"]
mod pool_timings;
#[path = "common/reference.rs"]
mod reference;

use burn::tensor::Device;
use noise::noise;
use tenfold::{
    device::{self, Opened},
    domain::arithmetic::Unit,
    domain::{DeviceChoice, DeviceReport, NetworkName, OptimiserChoice},
    infer::Classifier,
    inspect,
    platform::{constructors, gpu},
    train::Run,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The WebGPU device. The test fails if there is none; the CPU never takes its place.
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
    kernels::summed_dense_layers_give_what_plain_ones_give(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn a_network_that_is_prepared_answers_any_number_of_images_as_before_on_webgpu() {
    kernels::a_prepared_network_answers_as_before(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn layers_of_any_shape_and_their_gradients_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    // The driver compiles a program for each shape, so there are fewer shapes than on the CPU.
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
    kernels::optimisers_update_as_on_the_cpu(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn the_modern_networks_layers_and_their_gradients_are_those_of_burns_operations_on_webgpu() {
    let gpu = webgpu().await;
    for shape in layers::CONV3X3_SHAPES {
        layers::conv3x3_agrees(&gpu, shape).await;
    }
    for shape in layers::NORM_SHAPES {
        layers::norm_agrees(&gpu, shape).await;
        layers::scales_agree(&gpu, shape).await;
    }
    for shape in layers::MAX_POOL_SHAPES {
        layers::max_pool_agrees(&gpu, shape).await;
    }
    layers::whitening_agrees(&gpu).await;
    layers::blending_agrees(&gpu).await;
}

#[wasm_bindgen_test]
async fn the_modern_network_gives_the_same_logits_on_webgpu_and_on_the_cpu() {
    kernels::the_modern_network_gives_the_logits_of_the_cpu(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn the_inside_of_both_networks_is_the_same_on_webgpu_and_on_the_cpu() {
    // Trained weights: fresh ones have untrained statistics, so that a gradient depends on a few nearly equal values.
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
    // No two pixels are alike. In an even area a window's values are equal except for rounding, and any of them may be
    // the highest.
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
                // If two values of a window differ by rounding only, either may be the highest and get the whole
                // gradient.
                let off: u32 = steps.map(u32::from).sum();
                let all: u32 = cpu.values.iter().map(|value| u32::from(value.unsigned_abs())).sum();
                assert!(50 * off <= all, "{name:?}: a map by gradient is off by {off} of {all}");
            } else {
                // Rounding to a byte can go either way.
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
async fn networks_of_random_layers_learn_on_webgpu_as_on_the_cpu() {
    let (gpu, images) = (webgpu().await, noise(3 * own::BATCH));
    for (at, spec) in own::possible().take(12).enumerate() {
        let mut losses = Vec::new();
        for device in [&gpu, &Device::flex()] {
            let mut run = Run::new(own::settings(&spec, OptimiserChoice::ALL[at % 2]), device);
            let heard = learning::go_on(&mut run, &images, None).await;
            losses.push(heard.iter().map(|progress| progress.loss).collect::<Vec<_>>());
        }
        let [there, here] = &losses[..] else { unreachable!("two devices") };
        assert_eq!((there.len(), here.len()), (3, 3), "{spec}");
        for (there, here) in there.iter().zip(here) {
            assert!((there - here).abs() < 1e-3 * here.abs().max(1.0), "{spec}: {there}, on the CPU {here}");
        }
    }
}

#[wasm_bindgen_test]
async fn dropout_drops_the_same_values_on_webgpu_and_on_the_cpu() {
    kernels::dropout_drops_what_the_cpu_drops(&webgpu().await).await;
}

#[wasm_bindgen_test]
async fn the_pool_and_its_gradient_are_the_same_on_webgpu_and_on_the_cpu_ties_included() {
    kernels::the_pool_is_that_of_the_cpu_ties_included(&webgpu().await).await;
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
