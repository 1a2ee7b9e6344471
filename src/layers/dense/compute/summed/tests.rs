//! The layer over planes, compared with the plain layer.

use super::{super::dense, *};
use crate::layers::max_pool::compute::window_8x8::max_pool_same;
use crate::model::tensors::{read_one, upload};
use burn::tensor::Device;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

fn read<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    pollster::block_on(read_one(x)).expect("the CPU does not fail")
}

/// The outputs of both layers for `x`, `[n, planes, height, width]`, with random weights: the plain one's first.
fn both(x: Tensor<4>, outputs: usize, activation: Activation) -> [Vec<f32>; 2] {
    let device = Device::flex();
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let [n, planes, height, width] = x.dims();
    let inputs = planes * height * width;
    let mut uniform = |count: usize| (0..count).map(|_| random.random_range(-0.05..0.05)).collect();
    let weight = upload(uniform(inputs * outputs), [inputs, outputs], &device);
    let bias = upload(uniform(outputs), [outputs], &device);
    let plain = dense(reshape(x.clone(), [n, inputs]), weight.clone(), bias.clone(), activation);
    let summed = SummedDense::new(weight, bias, activation, [height, width]).expect("it is on the CPU");
    let summed = summed.forward(reshape(x, [n, inputs]));
    assert_eq!(summed.dims(), [n, outputs]);
    [plain, summed].map(read)
}

fn random(shape: [usize; 4]) -> Tensor<4> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let values = (0..shape.iter().product()).map(|_| random.random_range(-1.0..1.0)).collect();
    upload(values, shape, &Device::flex())
}

fn agree([plain, summed]: [Vec<f32>; 2]) {
    for (plain, summed) in plain.iter().zip(&summed) {
        assert!((plain - summed).abs() < 2e-5, "{plain} {summed}");
    }
}

#[test]
fn pooled_planes_give_what_the_plain_layer_gives() {
    for (shape, outputs) in [([3, 18, 32, 32], 384), ([5, 2, 32, 32], 10), ([1, 3, 17, 9], 7), ([2, 1, 8, 33], 1)] {
        for activation in [Activation::None, Activation::Relu] {
            agree(both(max_pool_same(random(shape)), outputs, activation));
        }
    }
}

#[test]
fn so_do_planes_that_change_at_every_pixel_or_nowhere() {
    for shape in [[2, 3, 32, 32], [1, 1, 1, 1], [2, 2, 1, 5], [3, 2, 5, 1], [1, 2, 9, 3]] {
        agree(both(random(shape), 12, Activation::None));
        let [n, planes, height, width] = shape;
        let len = n * planes * height * width;
        for value in [0.0, 0.75] {
            agree(both(upload(vec![value; len], shape, &Device::flex()), 12, Activation::None));
        }
    }
}

#[test]
fn what_is_not_a_number_stays_seen() {
    let mut values = vec![0.5; 2 * 64];
    values[64 + 27] = f32::NAN;
    let [_, summed] = both(upload(values, [2, 1, 8, 8], &Device::flex()), 4, Activation::Relu);
    assert!(summed[..4].iter().all(|value| value.is_finite()), "the first image is as it was");
    assert!(summed[4..].iter().all(|value| value.is_nan()));
}

#[test]
fn the_sums_reach_from_each_pixel_to_the_last_row_and_column() {
    // One output, a plane of 2 x 3.
    let weight = upload(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6, 1], &Device::flex());
    let layer = SummedDense::new(weight, upload(vec![0.0], [1], &Device::flex()), Activation::None, [2, 3]);
    assert_eq!(read(layer.expect("it is on the CPU").sums), [21.0, 16.0, 9.0, 15.0, 11.0, 6.0]);
}

#[test]
fn a_layer_that_learns_is_not_summed() {
    let device = Device::flex().autodiff();
    let (weight, bias) = (upload(vec![1.0; 4], [4, 1], &device), upload(vec![0.0], [1], &device));
    assert!(SummedDense::new(weight, bias, Activation::None, [2, 2]).is_none());
}
