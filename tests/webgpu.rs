//! Natively, on any Vulkan, Metal or DirectX adapter: WebGPU agrees with TensorFlow and with the CPU, within WebGPU's
//! default limits. So kernels can be changed and tested without a browser.
//!
//! Without an adapter these tests fail. `cargo xtask test --only webgpu` looks for one first.

#[path = "common/kernels.rs"]
mod kernels;
#[path = "common/layers.rs"]
mod layers;
#[path = "common/noise.rs"]
mod noise;
#[path = "common/reference.rs"]
mod reference;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use burn_wgpu::{WgpuSetup, wgpu};
use noise::noise;
use pollster::block_on;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::sync::LazyLock;
use tenfold::{
    data::Normalisation,
    domain::{NetworkName, OptimiserChoice, Settings},
    infer::Classifier,
    layers::dense::compute::dense,
    model::{Network, named_parameters, tensors::read_one},
    spec::{limits, shape::Activation},
    train::{Run, batches::Batch, read_loss, run::TooManyImages},
};

/// The number of random shapes for each operation.
const TRIES: u64 = 6;

/// A WebGPU device with no more than WebGPU's default limits. The CPU never takes its place.
///
/// One feature is added, if the adapter has it: integers of 64 bits, for Burn's own random numbers and sums, which the
/// tests use.
static DEVICE: LazyLock<Device> = LazyLock::new(|| {
    let backends = if cfg!(target_os = "linux") { wgpu::Backends::VULKAN } else { wgpu::Backends::PRIMARY };
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let setup = block_on(async {
        let adapter = instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await;
        let adapter = adapter.expect("there is a WebGPU adapter; on Debian mesa-vulkan-drivers brings one");
        println!("{:?}", adapter.get_info());
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: wgpu::Limits::default(),
            required_features: adapter.features() & wgpu::Features::SHADER_INT64,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) =
            adapter.request_device(&descriptor).await.expect("the default limits are every adapter's");
        let backend = adapter.get_info().backend;
        WgpuSetup { instance, adapter, device, queue, backend }
    });
    let device = Device::wgpu_options().setup(setup).init().expect("Burn takes the device");
    assert_ne!(device, Device::flex());
    device
});

/// A random generator for each try.
fn tries() -> impl Iterator<Item = ChaCha8Rng> {
    (0..TRIES).map(ChaCha8Rng::seed_from_u64)
}

#[test]
fn logits_gradients_and_adam_agree_with_tensorflow() {
    block_on(reference::agrees_with_tensorflow(&DEVICE));
}

#[test]
fn dense_layers_and_their_gradients_are_those_of_burns_operations() {
    block_on(async {
        for shape in layers::DENSE_SHAPES {
            layers::dense_agrees(&DEVICE, shape).await;
        }
        for mut random in tries() {
            let [images, inputs, outputs] = [1..70, 1..90, 1..50].map(|range| random.random_range(range));
            layers::dense_agrees(&DEVICE, [images, 4 * inputs, 4 * outputs]).await;
            layers::dense_agrees(&DEVICE, [images, inputs, outputs]).await;
        }
    });
}

#[test]
fn the_convolution_of_3_by_3_and_its_gradients_are_those_of_burns_operations() {
    block_on(async {
        for shape in layers::CONV3X3_SHAPES {
            layers::conv3x3_agrees(&DEVICE, shape).await;
        }
        for mut random in tries() {
            let [images, height, width, inputs, outputs] =
                [1..6, 1..17, 1..17, 1..10, 1..10].map(|range| random.random_range(range));
            layers::conv3x3_agrees(&DEVICE, [images, height, width, 8 * inputs, 8 * outputs]).await;
        }
    });
}

#[test]
fn the_articles_convolution_and_its_gradients_are_those_of_burns_operations() {
    block_on(async {
        for shape in layers::CONVOLUTION_SHAPES {
            layers::convolution_agrees(&DEVICE, shape).await;
        }
        for mut random in tries() {
            let [images, channels, filters, height, width] =
                [1..20, 1..5, 1..20, 1..20, 1..6].map(|range| random.random_range(range));
            layers::convolution_agrees(&DEVICE, [images, channels, filters, height, 4 * width]).await;
        }
    });
}

#[test]
fn normalisation_and_pool_are_those_of_burns_operations() {
    block_on(async {
        for shape in layers::NORM_SHAPES {
            layers::norm_agrees(&DEVICE, shape).await;
            layers::scales_agree(&DEVICE, shape).await;
        }
        for shape in layers::MAX_POOL_SHAPES {
            layers::max_pool_agrees(&DEVICE, shape).await;
        }
        for mut random in tries() {
            let [images, height, width, channels, side] =
                [2..12, 3..12, 3..12, 1..16, 2..4].map(|range| random.random_range(range));
            layers::norm_agrees(&DEVICE, [images, height, width, channels]).await;
            layers::scales_agree(&DEVICE, [images, height, width, channels]).await;
            layers::max_pool_agrees(&DEVICE, [images, height, width, 4 * channels, side]).await;
        }
        layers::whitening_agrees(&DEVICE).await;
        layers::blending_agrees(&DEVICE).await;
    });
}

#[test]
fn layers_of_any_shape_and_their_gradients_are_those_of_burns_operations() {
    block_on(async {
        for shape in layers::AnyShape::draw(60, 31) {
            layers::any_convolution_agrees(&DEVICE, shape).await;
            layers::any_pool_agrees(&DEVICE, shape).await;
        }
        for shape in [[3, 7, 7, 8], [3, 5, 7, 3]] {
            layers::activations_agree(&DEVICE, shape).await;
        }
    });
}

#[test]
fn the_loss_and_its_gradient_are_those_of_burns_operations() {
    block_on(layers::loss_agrees(&DEVICE));
    block_on(layers::loss_stays_finite_and_counts_the_first_of_equal_answers(&DEVICE));
}

#[test]
fn a_dense_layer_that_has_summed_its_weights_gives_what_the_plain_one_gives() {
    block_on(kernels::summed_dense_layers_give_what_plain_ones_give(&DEVICE));
}

#[test]
fn a_network_that_is_prepared_answers_any_number_of_images_as_before() {
    block_on(kernels::a_prepared_network_answers_as_before(&DEVICE));
}

#[test]
fn optimisers_update_shared_and_unshared_tensors_as_on_the_cpu() {
    block_on(kernels::optimisers_update_as_on_the_cpu(&DEVICE));
}

#[test]
fn dropout_drops_the_same_values_as_on_the_cpu() {
    block_on(kernels::dropout_drops_what_the_cpu_drops(&DEVICE));
}

#[test]
fn the_pool_and_its_gradient_are_those_of_the_cpu_ties_included() {
    block_on(kernels::the_pool_is_that_of_the_cpu_ties_included(&DEVICE));
}

#[test]
fn the_modern_network_gives_the_logits_of_the_cpu() {
    block_on(kernels::the_modern_network_gives_the_logits_of_the_cpu(&DEVICE));
}

/// A batch of `len` images of noise, different in each step.
///
/// Not of a pattern: if a channel is nearly constant, its normalised values are mostly rounding.
fn batch(step: usize, len: usize) -> Batch {
    let mut random = ChaCha8Rng::seed_from_u64(step as u64);
    let targets = (0..len * 10).map(|i| f32::from(u8::from(i / 10 * 3 % 10 == i % 10)));
    let images = (0..len * 3072).map(|_| random.random_range(-1.7..1.7)).collect();
    Batch { images, targets: targets.collect(), len }
}

#[test]
fn five_steps_of_both_networks_go_as_on_the_cpu() {
    for (name, images) in [(NetworkName::Cui2017, 16), (NetworkName::Tenfold2026, 8)] {
        let losses = |device: &Device| {
            let own = name.settings();
            // The rates are in proportion to the batch. If steps were too long for it, rounding would grow from one to
            // the next.
            let learning_rates = own.learning_rates.scaled(images as f64 / own.batch_size as f64);
            let mut run = Run::new(Settings { warm_up_epochs: 0.0, learning_rates, ..own }, device);
            let mut losses = Vec::new();
            for step in 0..5 {
                run.advance(batch(step, images), 100);
                losses.push(block_on(read_loss(&mut run)).expect("the loss is finite").loss);
            }
            losses
        };
        let (want, got) = (losses(&Device::flex()), losses(&DEVICE));
        assert!((want[0] - want[4]).abs() > 0.01, "the steps change the network: {want:?}");
        let worst = got.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 3e-3, "{}: {got:?}, on the CPU {want:?}", name.id());
    }
}

/// The difference between the parameters on the GPU and on the CPU after a step with `settings`. It is a share of the
/// distance that the step moved them.
fn difference_after_a_step(settings: Settings) -> f64 {
    let settings = Settings { warm_up_epochs: 0.0, ..settings };
    let after = |device: &Device, steps: usize| {
        let mut run = Run::new(settings.clone(), device);
        run.check_batch().expect("the batch is not too large");
        (0..steps).for_each(|step| run.advance(batch(step, settings.batch_size), 100));
        let parameters = named_parameters(run.network()).into_iter();
        let values = parameters.map(|parameter| block_on(read_one(parameter.values)).expect("no device fails"));
        values.collect::<Vec<_>>().concat()
    };
    let (before, want, got) = (after(&Device::flex(), 0), after(&Device::flex(), 1), after(&DEVICE, 1));
    let apart = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
    apart(&got, &want) / apart(&before, &want)
}

#[test]
fn a_step_with_the_largest_batch_of_the_articles_network_goes_as_on_the_cpu() {
    let difference = difference_after_a_step(Settings { batch_size: 1024, ..NetworkName::Cui2017.settings() });
    assert!(difference < 0.02, "the steps differ by {difference}");
}

#[test]
fn a_step_with_the_largest_batch_of_the_modern_network_goes_as_on_the_cpu_and_a_larger_one_is_refused() {
    // For an image, the first convolutions give 31 x 31 x 128 values. So 128 MiB hold this many images.
    let most = 272;
    let settings = Settings { batch_size: most + 1, ..NetworkName::Tenfold2026.settings() };
    let refused = Run::new(settings.clone(), &DEVICE).check_batch();
    assert_eq!(refused, Err(TooManyImages { batch_size: most + 1, most }));
    assert_eq!(Run::new(settings.clone(), &Device::flex()).check_batch(), Ok(()), "the CPU takes any");
    let difference = difference_after_a_step(Settings { batch_size: most, ..settings });
    assert!(difference < 0.02, "the steps differ by {difference}");
}

/// For each limit a network that reaches it, and its batch size.
fn largest_networks() -> [(&'static str, String, usize); 9] {
    [
        ("layers", format!("{}-gavg-dense10", vec!["conv4k3rh"; limits::LAYERS - 2].join("-")), 4),
        ("filters", format!("conv{0}k3s4r-max8-conv{0}k3r-gavg-dense10", limits::FILTERS), 2),
        ("units", format!("flat-dense{}r-dense10", limits::UNITS), 4),
        ("a filter's side and stride", format!("conv8k{}s{}r-flat-dense10", limits::KERNEL, limits::STRIDE), 4),
        ("a pool's window", format!("conv8k3r-max{0}s1p-avg{0}-flat-dense10", limits::WINDOW), 2),
        ("a pool's stride", format!("conv8k3r-max2s{}-flat-dense10", limits::POOL_STRIDE), 4),
        // 31.8 million, of which 31.7 are in one tensor. With Adam's three copies they take all memory that is allowed.
        ("parameters", "conv121k1r-max4-flat-dense4096r-dense10".into(), 1),
        // 511.9 MB in all, 128 MB in one tensor.
        ("memory", "conv32k1r-max32-flat-dense10".into(), 976),
        // 26 million weights for maps of one pixel.
        ("weights of a convolution", "conv1024k1s4r-max8-conv1024k5r-gavg-dense10".into(), 1),
    ]
}

#[test]
fn a_step_of_a_network_at_the_edge_of_each_limit_goes_as_on_the_cpu() {
    for (limit, line, batch_size) in largest_networks() {
        let own = NetworkName::Own.settings().with_network(line.parse().expect("layers"));
        // Momentum's steps are in proportion to the gradients. Adam's are as large for gradients that are only rounding.
        let optimiser = OptimiserChoice::Momentum;
        let learning_rates = NetworkName::Own.learning_rates(optimiser);
        let settings = Settings { batch_size, optimiser, learning_rates, ..own };
        assert_eq!(settings.check(), Ok(()), "{limit}: {line}");
        let difference = difference_after_a_step(settings);
        println!("{limit}: the steps differ by {difference}");
        assert!(difference < 0.02, "{limit}: {line}: the steps differ by {difference}");
    }
}

#[test]
fn a_dense_layer_whose_sums_do_not_fit_in_as_many_parts_as_usual_gives_the_same_values() {
    // Partial sums of 256 inputs each would take 144 MiB.
    let [images, inputs, outputs] = [1024, 9216, 1024];
    let value = |i: usize| ((i * 7919) % 1013) as f32 / 506.0 - 1.0;
    let tensor = |shape: [usize; 2]| {
        let values: Vec<f32> = (0..shape[0] * shape[1]).map(value).collect();
        Tensor::<2>::from_data(TensorData::new(values, shape), &*DEVICE)
    };
    let bias = Tensor::<1>::from_data(TensorData::new(vec![0.5; outputs], [outputs]), &*DEVICE);
    let (x, weight) = (tensor([images, inputs]), tensor([inputs, outputs]));
    let read = |images: [usize; 2]| {
        let x = x.clone().slice([images[0]..images[1]]);
        block_on(read_one(dense(x, weight.clone(), bias.clone(), Activation::None))).expect("no device fails")
    };
    let all = read([0, images]);
    for few in [[0, 8], [images - 8, images]] {
        let alone = read(few);
        let together = &all[few[0] * outputs..few[1] * outputs];
        let largest = alone.iter().fold(0.0_f32, |most, y| most.max(y.abs()));
        let worst = alone.iter().zip(together).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4 * largest, "images {few:?}: off by {worst} of {largest}");
    }
}

#[test]
fn more_pictures_than_a_tensor_holds_are_answered_as_each_alone() {
    // For a picture, the convolution gives 4 MiB.
    let settings = NetworkName::Own.settings().with_network("conv1024k1r-gavg-dense10".parse().expect("layers"));
    let network = Run::new(settings, &DEVICE).network().valid();
    assert_eq!(network.most_images(), 32);
    let images = noise(34);
    let classifier = Classifier::new(network, Normalisation::of(&images));
    let pictures: Vec<_> = (0..34).map(|index| images.interleaved(index)).collect();
    let together = block_on(classifier.logits(&pictures)).expect("no device fails");
    assert_eq!(together.len(), 34);
    for at in [0, 31, 32, 33] {
        let alone = block_on(classifier.logits(&pictures[at..=at])).expect("no device fails");
        let worst = alone[0].iter().zip(&together[at]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "picture {at}: off by {worst}");
    }
}

#[test]
fn a_network_on_the_cpu_takes_any_number_of_images() {
    let network = Network::init(NetworkName::Tenfold2026, 1, &Device::flex());
    assert_eq!(network.most_images(), usize::MAX);
}
