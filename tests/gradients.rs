//! The gradients agree with finite differences, with dropout, and each layer agrees with Burn's operations.

#[path = "common/layers.rs"]
mod layers;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use tenfold::model::{Masks, NamedTensor, Network, loss::cross_entropy, named_gradients, named_parameters};
use tenfold::spec::{
    Spec,
    cui2017::{self, Widths},
};

const WIDTHS: Widths = Widths { filters: 2, hidden: 4 };

/// The largest error from rounding of a difference of two losses near 2, divided by twice [`DELTA`].
const ROUNDING: f32 = 2.5e-4;

/// Small enough to stay on one piece of the piecewise linear network, and large enough for f32.
const DELTA: f32 = 2e-3;

/// The loss on three fixed images, always with the same dropout masks.
fn loss(network: &Network, device: &Device) -> Tensor<1> {
    let pixels: Vec<f32> = (0..3 * 3072).map(|i| (i as f32 * 0.71).sin() + (i as f32 * 0.013).cos()).collect();
    let images = Tensor::from_data(TensorData::new(pixels, [3, 3, 32, 32]), device);
    let mut targets = vec![0.0_f32; 30];
    for (image, class) in [3, 0, 9].into_iter().enumerate() {
        targets[image * 10 + class] = 1.0;
    }
    let targets = Tensor::from_data(TensorData::new(targets, [3, 10]), device);
    let (logits, _) = network.forward_in_training(images, &mut Masks::new(0.3, 5, 1));
    cross_entropy(logits, targets, None).mean
}

fn read(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("f32")
}

#[test]
fn gradients_agree_with_finite_differences() {
    agree_with_finite_differences(&cui2017::spec(WIDTHS));
}

#[test]
fn gradients_of_layers_of_any_shape_agree_with_finite_differences() {
    for line in [
        "conv3k5s2vt-avg2s1p-conv5k3s3g-flat-drop30-dense6t-dense10",
        "conv2k4t-max3s2p-normt-conv4k2v-normg-avg4-actt-conv10k1-gavg",
        "conv4k3g-norm-conv8k1l-conv8k3t-gmax-dense10",
        "conv4k3n-normst-avg4-conv5k3n-norms-flat-dense6t-normst-dense10",
        "conv4k3t-conv4k3g-norm-add2-actg-avg4-gavg-dense4t-add1-dense10",
    ] {
        agree_with_finite_differences(&line.parse().expect("layers"));
    }
}

fn agree_with_finite_differences(spec: &Spec) {
    let plain = Device::flex();
    let device = plain.clone().autodiff();
    let network = Network::fresh(spec, 11, &device).expect("a tiny network");
    let values: Vec<(String, Vec<f32>)> =
        named_parameters(&network).into_iter().map(|p| (p.name, read(p.values))).collect();
    let gradients = named_gradients(&network, &loss(&network, &device).backward());
    let trained = named_parameters(&network).into_iter().filter(|parameter| parameter.is_trained);
    assert_eq!(gradients.len(), trained.count());

    let loss_with = |parameter: &str, index: usize, delta: f32| {
        let changed = |name: &str, _: &[usize]| {
            let (_, values) = values.iter().find(|(n, _)| n == name).expect("a parameter of the network");
            let mut values = values.clone();
            if name == parameter {
                values[index] += delta;
            }
            Ok::<_, std::convert::Infallible>(values)
        };
        let network = Network::load(spec, &plain, changed).unwrap_or_else(|never| match never {});
        f64::from(read(loss(&network, &plain).unsqueeze())[0])
    };
    for NamedTensor { name, values: gradient, .. } in gradients {
        let gradient = read(gradient);
        // The five largest. A gradient of 0, such as that of a bias before a normalisation, is compared too.
        let mut order: Vec<usize> = (0..gradient.len()).collect();
        order.sort_by(|&a, &b| gradient[b].abs().total_cmp(&gradient[a].abs()));
        for index in order.into_iter().take(5) {
            let finite = |delta: f32| {
                let difference = loss_with(&name, index, delta) - loss_with(&name, index, -delta);
                (difference / f64::from(2.0 * delta)) as f32
            };
            let near = if gradient[index].abs() > 1e-2 { 0.02 * gradient[index].abs() } else { ROUNDING };
            let is_near = |finite: f32| (finite - gradient[index]).abs() < near;
            // The shorter step is for cases where another value becomes the maximum within the first one.
            let finite = [DELTA, DELTA / 4.0].map(finite);
            assert!(finite.into_iter().any(is_near), "{name}[{index}]: {} against {finite:?}", gradient[index]);
        }
    }
}

#[test]
fn layers_and_their_gradients_are_those_of_burns_operations() {
    for shape in layers::DENSE_SHAPES {
        pollster::block_on(layers::dense_agrees(&Device::flex(), shape));
    }
    for shape in layers::CONVOLUTION_SHAPES {
        pollster::block_on(layers::convolution_agrees(&Device::flex(), shape));
    }
}

#[test]
fn the_loss_and_its_gradient_are_those_of_burns_operations() {
    pollster::block_on(layers::loss_agrees(&Device::flex()));
    pollster::block_on(layers::loss_stays_finite_and_counts_the_first_of_equal_answers(&Device::flex()));
}

#[test]
fn the_modern_networks_layers_and_their_gradients_are_those_of_burns_operations() {
    let cpu = Device::flex();
    for shape in layers::CONV3X3_SHAPES {
        pollster::block_on(layers::conv3x3_agrees(&cpu, shape));
    }
    for shape in layers::NORM_SHAPES {
        pollster::block_on(layers::norm_agrees(&cpu, shape));
        pollster::block_on(layers::scales_agree(&cpu, shape));
    }
    for shape in layers::MAX_POOL_SHAPES {
        pollster::block_on(layers::max_pool_agrees(&cpu, shape));
    }
    pollster::block_on(layers::whitening_agrees(&cpu));
    pollster::block_on(layers::blending_agrees(&cpu));
}

#[test]
fn convolutions_of_any_shape_and_their_gradients_are_those_of_burns_operations() {
    for shape in layers::AnyShape::draw(200, 27) {
        pollster::block_on(layers::any_convolution_agrees(&Device::flex(), shape));
    }
}

#[test]
fn pools_of_any_shape_and_their_gradients_are_those_of_burns_operations() {
    for shape in layers::AnyShape::draw(200, 28) {
        pollster::block_on(layers::any_pool_agrees(&Device::flex(), shape));
    }
}

#[test]
fn activations_and_their_gradients_are_those_of_burns_operations() {
    for shape in layers::NORM_SHAPES {
        pollster::block_on(layers::activations_agree(&Device::flex(), shape));
    }
}
