//! The pool, compared with a plain loop over its definition, with ties.

use super::{PAD_BEFORE, WINDOW, max_pool_same};
use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// The maxima of the windows of one plane, and the gradient of their sum weighted with `weights`.
fn by_definition(plane: &[f32], weights: &[f32], height: usize, width: usize) -> (Vec<f32>, Vec<f32>) {
    let (mut maxima, mut gradient) = (Vec::new(), vec![0.0; plane.len()]);
    let window = |at: usize, len: usize| at.saturating_sub(PAD_BEFORE)..(at + WINDOW - PAD_BEFORE).min(len);
    for row in 0..height {
        for column in 0..width {
            let mut first = (f32::NEG_INFINITY, 0);
            for y in window(row, height) {
                for x in window(column, width) {
                    if plane[y * width + x] > first.0 {
                        first = (plane[y * width + x], y * width + x);
                    }
                }
            }
            gradient[first.1] += weights[maxima.len()];
            maxima.push(first.0);
        }
    }
    (maxima, gradient)
}

fn agrees_on(shape: [usize; 4], mut value: impl FnMut(&mut ChaCha8Rng) -> f32) {
    let device = Device::flex().autodiff();
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let count = shape.iter().product();
    let input: Vec<f32> = (0..count).map(|_| value(&mut random)).collect();
    // Whole numbers, so that sums do not depend on their order.
    let weights: Vec<f32> = (0..count).map(|_| random.random_range(-8_i8..8).into()).collect();

    let x = Tensor::<4>::from_data(TensorData::new(input.clone(), shape), &device).require_grad();
    let y = max_pool_same(x.clone());
    let loss = (y.clone() * Tensor::from_data(TensorData::new(weights.clone(), shape), &device)).sum();
    let gradient = x.grad(&loss.backward()).expect("x requires a gradient");

    let [_, _, height, width] = shape;
    let planes = input.chunks(height * width).zip(weights.chunks(height * width));
    let (want, want_gradient): (Vec<_>, Vec<_>) = planes.map(|(p, w)| by_definition(p, w, height, width)).unzip();
    let read = |x: Tensor<4>| x.into_data().try_into_vec::<f32>().expect("f32");
    assert_eq!(read(y.inner()), want.concat());
    assert_eq!(read(gradient), want_gradient.concat());
}

#[test]
fn maxima_and_gradients_agree_with_the_definition() {
    for shape in [[2, 3, 32, 32], [1, 1, 1, 1], [1, 2, 5, 9], [2, 1, 17, 8], [1, 1, 8, 33]] {
        agrees_on(shape, |random| random.random_range(-1.0..1.0));
    }
}

#[test]
fn among_equal_values_the_first_of_the_window_takes_the_gradient() {
    agrees_on([2, 2, 32, 32], |random| random.random_range(0_u8..3).into());
    agrees_on([1, 1, 32, 32], |_| 0.5);
}
