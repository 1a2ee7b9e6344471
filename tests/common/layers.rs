//! Compares the network's own layers with the same layers composed of Burn's operations on the CPU.

use burn::{
    Tensor,
    tensor::{
        Device, TensorData,
        activation::relu,
        module::conv2d,
        ops::{ConvOptions, PadMode},
    },
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use tenfold::model::{
    convolution::same_relu,
    dense::{Activation, dense},
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
