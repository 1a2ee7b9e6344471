//! Compares the network's own layers with the same layers composed of Burn's operations on the CPU.

use burn::{
    Tensor,
    tensor::{
        Device, TensorData,
        activation::{log_softmax, relu, softmax},
        module::conv2d,
        ops::{ConvOptions, PadMode},
    },
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use tenfold::model::{
    convolution::same_relu,
    dense::{Activation, dense},
    loss::{Loss, cross_entropy},
};

/// Relative to the largest magnitude in the tensor that is compared.
const TOLERANCE: f32 = 1e-5;

/// Images, inputs and outputs: of the article's layers, and such that no tile fits.
pub const DENSE_SHAPES: [[usize; 3]; 8] =
    [[1, 2048, 384], [3, 384, 10], [1, 7, 5], [7, 36, 12], [9, 516, 132], [33, 260, 76], [17, 30, 8], [128, 384, 64]];

/// Images, channels, filters, height and width.
pub const CONVOLUTION_SHAPES: [[usize; 5]; 6] =
    [[1, 3, 18, 32, 32], [3, 3, 2, 32, 32], [2, 1, 1, 1, 4], [2, 2, 5, 9, 12], [1, 4, 7, 17, 8], [16, 3, 18, 32, 32]];

fn random<const D: usize>(shape: [usize; D], seed: u64) -> TensorData {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| random.random_range(-1.0..1.0)).collect();
    TensorData::new(values, shape)
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.expect("readable").try_into_vec().expect("f32")
}

/// The output and the gradients with respect to input, weight and bias of a layer, of a sum of its outputs.
async fn outcome<const D: usize>(
    device: &Device,
    shapes: [[usize; D]; 2],
    outputs: usize,
    layer: impl Fn(Tensor<D>, Tensor<D>, Tensor<1>) -> Tensor<D>,
) -> [Vec<f32>; 4] {
    let device = device.clone().autodiff();
    let [x, weight] = [0, 1].map(|i| Tensor::from_data(random(shapes[i], i as u64), &device).require_grad());
    let bias = Tensor::from_data(random([outputs], 2), &device).require_grad();
    let y = layer(x.clone(), weight.clone(), bias.clone());
    let share = Tensor::from_data(random(y.dims(), 3), &device);
    let gradients = (y.clone() * share).sum().backward();
    let expected = "a layer has gradients";
    [
        read(y.inner()).await,
        read(x.grad(&gradients).expect(expected)).await,
        read(weight.grad(&gradients).expect(expected)).await,
        read(bias.grad(&gradients).expect(expected)).await,
    ]
}

fn assert_close(shape: &[usize], got: &[Vec<f32>; 4], want: &[Vec<f32>; 4]) {
    for (what, (got, want)) in ["output", "x", "weight", "bias"].iter().zip(got.iter().zip(want)) {
        assert_eq!(got.len(), want.len());
        let scale = want.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= TOLERANCE * scale, "{what} of {shape:?}: off by {worst} at a scale of {scale}");
    }
}

/// The dense layer on `device` agrees, with ReLU and without, forward and backward.
pub async fn dense_agrees(device: &Device, shape: [usize; 3]) {
    let [images, inputs, outputs] = shape;
    let shapes = [[images, inputs], [inputs, outputs]];
    for activation in [Activation::None, Activation::Relu] {
        let got = outcome(device, shapes, outputs, |x, weight, bias| dense(x, weight, bias, activation)).await;
        let want = outcome(&Device::flex(), shapes, outputs, |x, weight, bias| {
            let sums = x.matmul(weight) + bias.unsqueeze();
            if activation == Activation::Relu { relu(sums) } else { sums }
        })
        .await;
        assert_close(&shape, &got, &want);
    }
}

/// The convolution with ReLU on `device` agrees, forward and backward.
pub async fn convolution_agrees(device: &Device, shape: [usize; 5]) {
    let [images, channels, filters, height, width] = shape;
    let shapes = [[images, channels, height, width], [filters, channels, 4, 4]];
    let got = outcome(device, shapes, filters, same_relu).await;
    let want = outcome(&Device::flex(), shapes, filters, |x, weight, bias| {
        let x = x.pad((1, 2, 1, 2), PadMode::Constant(0.0));
        relu(conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [0, 0], [1, 1], 1)))
    })
    .await;
    assert_close(&shape, &got, &want);
}

/// The loss, its gradient and the right answers on `device` agree, for targets that are any probabilities and for batches
/// that are added up.
pub async fn loss_agrees(device: &Device) {
    let on_tape = device.clone().autodiff();
    let mut tally = None;
    let mut want_tally = [0.0, 0.0];
    for images in [1, 3, 64, 130] {
        let [logits, targets] = [4, 5].map(|seed| Tensor::<2>::from_data(random([images, 10], seed), &Device::flex()));
        // Half of the targets lie at the highest logit, more or less.
        let logits = logits.mul_scalar(5.0) + targets.clone().mul_scalar(5.0);
        let targets = softmax(targets.mul_scalar(9.0), 1);

        let on_device = |tensor: &Tensor<2>| Tensor::from_data(tensor.to_data(), &on_tape);
        let got_logits = on_device(&logits).require_grad();
        let Loss { mean, tally: added } = cross_entropy(got_logits.clone(), on_device(&targets), tally);
        let got_gradient = got_logits.grad(&mean.backward()).expect("logits have a gradient");

        let right = logits.clone().argmax(1).equal(targets.clone().argmax(1)).float().sum();
        let want_logits = logits.autodiff().require_grad();
        let losses = -(log_softmax(want_logits.clone(), 1) * targets.autodiff()).sum_dim(1);
        let want_gradient = want_logits.grad(&losses.clone().mean().backward()).expect("logits have a gradient");
        let want = read(losses.clone().mean().inner()).await[0];
        want_tally[0] += read(losses.inner().sum()).await[0];
        want_tally[1] += read(right).await[0];

        let got = read(mean.inner()).await[0];
        assert!((got - want).abs() < TOLERANCE * want, "loss of {images} images: {got} against {want}");
        let pairs = read(got_gradient).await.into_iter().zip(read(want_gradient).await);
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < TOLERANCE / images as f32, "gradient of {images} images: off by {worst}");
        let got_tally = read(added.clone()).await;
        assert!((got_tally[0] - want_tally[0]).abs() < TOLERANCE * want_tally[0], "{got_tally:?}, {want_tally:?}");
        assert_eq!(got_tally[1], want_tally[1], "right answers up to {images} images");
        tally = Some(added);
    }
    let [_, right] = want_tally;
    assert!((20.0..180.0).contains(&right), "some answers are right and some wrong: {right} of 198");
}

/// Logits too high for an exponential, and equal ones, are nothing special to the loss on `device`.
pub async fn loss_stays_finite_and_counts_the_first_of_equal_answers(device: &Device) {
    let on_tape = device.clone().autodiff();
    let logits = Tensor::<2>::from_data([[1e4, 0.0, 1e4], [-1e4, 0.0, 0.0]], &on_tape).require_grad();
    let targets = Tensor::<2>::from_data([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], &on_tape);
    let Loss { mean, tally } = cross_entropy(logits.clone(), targets, None);
    let gradient = read(logits.grad(&mean.backward()).expect("logits have a gradient")).await;
    // Both losses are that of two equal answers: ln 2.
    assert!((read(mean.inner()).await[0] - 2.0_f32.ln()).abs() < TOLERANCE);
    assert_eq!(read(tally).await[1], 1.0);
    for (got, want) in gradient.iter().zip([0.25, 0.0, -0.25, 0.0, -0.25, 0.25]) {
        assert!((got - want).abs() < TOLERANCE, "{gradient:?}");
    }
}
