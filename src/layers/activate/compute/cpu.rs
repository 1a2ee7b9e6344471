//! Activations on the CPU, in chunks spread over the threads.
//!
//! Gradients are summed over chunks of rows, and then over the chunks, so that the sums do not depend on the number of
//! threads.

use super::{ActivationGradients, ActivationOps, GELU_CUBE, GELU_SLOPE};
use crate::{
    model::cpu::{
        contiguous,
        parallel::{for_each_chunk, for_each_chunk_of_2, vectorised},
        sizes, tensor, values,
    },
    spec::shape::{Activation, LEAKY_SLOPE},
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Values that a thread takes at a time, at least: 64 KiB.
const CHUNK_LEN: usize = 16 * 1024;

impl ActivationOps for Flex {
    fn activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let mut x = contiguous(x);
        for_each_chunk(x.storage_mut(), CHUNK_LEN, |_, values| apply(values, &[0.0], activation));
        x
    }

    fn biased(x: FloatTensor<Self>, bias: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let (mut x, bias) = (contiguous(x), contiguous(bias));
        let bias = values(&bias);
        for_each_chunk(x.storage_mut(), rows_len(bias.len()), |_, values| apply(values, bias, activation));
        x
    }
}

impl ActivationGradients for Flex {
    fn activated_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let (x, mut grad) = (contiguous(x), contiguous(grad));
        let x = values(&x);
        for_each_chunk(grad.storage_mut(), CHUNK_LEN, |chunk, grad| {
            scale(grad, &x[chunk * CHUNK_LEN..], &[0.0], activation);
        });
        grad
    }

    fn biased_backward(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (x, bias, mut grad) = (contiguous(x), contiguous(bias), contiguous(grad));
        let [channels] = sizes(&bias);
        let (x, bias) = (values(&x), values(&bias));
        let chunk_len = rows_len(channels);
        let mut sums = vec![0.0_f32; x.len().div_ceil(chunk_len) * channels];
        for_each_chunk_of_2((grad.storage_mut(), chunk_len), (&mut sums, channels), |chunk, grad, sums| {
            scale(grad, &x[chunk * chunk_len..], bias, activation);
            for row in grad.chunks_exact(channels) {
                sums.iter_mut().zip(row).for_each(|(sum, grad)| *sum += grad);
            }
        });
        let mut grad_bias = vec![0.0_f64; channels];
        for sums in sums.chunks_exact(channels) {
            grad_bias.iter_mut().zip(sums).for_each(|(total, sum)| *total += f64::from(*sum));
        }
        (grad, tensor(grad_bias.into_iter().map(|sum| sum as f32).collect(), [channels]))
    }
}

/// The length of a chunk of whole rows, with this many channels in a row.
fn rows_len(channels: usize) -> usize {
    CHUNK_LEN.next_multiple_of(channels)
}

/// Adds the biases to each row of `values`, then applies `activation`. A row has as many values as there are biases.
fn apply(values: &mut [f32], bias: &[f32], activation: Activation) {
    match activation {
        Activation::None => with_bias(values, bias, |z| z),
        // Not `max`, which would hide a NaN.
        Activation::Relu => with_bias(values, bias, |z| if z <= 0.0 { 0.0 } else { z }),
        Activation::LeakyRelu => with_bias(values, bias, |z| if z <= 0.0 { LEAKY_SLOPE * z } else { z }),
        Activation::Tanh => with_bias(values, bias, f32::tanh),
        Activation::Gelu => with_bias(values, bias, |z| z * gate(z)),
    }
}

/// Multiplies `grad` with the slope of `activation` at `x` plus its biases.
fn scale(grad: &mut [f32], x: &[f32], bias: &[f32], activation: Activation) {
    match activation {
        Activation::None => {}
        Activation::Relu => with_slope(grad, x, bias, |z| if z <= 0.0 { 0.0 } else { 1.0 }),
        Activation::LeakyRelu => with_slope(grad, x, bias, |z| if z <= 0.0 { LEAKY_SLOPE } else { 1.0 }),
        Activation::Tanh => with_slope(grad, x, bias, |z| {
            let tanh = z.tanh();
            1.0 - tanh * tanh
        }),
        Activation::Gelu => with_slope(grad, x, bias, gelu_slope),
    }
}

/// Replaces each value by `of(value + bias)`.
#[inline(always)]
fn with_bias(values: &mut [f32], bias: &[f32], of: impl Fn(f32) -> f32) {
    vectorised(
        #[inline(always)]
        || match bias {
            [bias] => values.iter_mut().for_each(|value| *value = of(*value + bias)),
            _ => {
                for row in values.chunks_exact_mut(bias.len()) {
                    row.iter_mut().zip(bias).for_each(|(value, bias)| *value = of(*value + bias));
                }
            }
        },
    );
}

/// Multiplies each gradient with `slope(x + bias)`.
#[inline(always)]
fn with_slope(grad: &mut [f32], x: &[f32], bias: &[f32], slope: impl Fn(f32) -> f32) {
    vectorised(
        #[inline(always)]
        || match bias {
            [bias] => grad.iter_mut().zip(x).for_each(|(grad, x)| *grad *= slope(x + bias)),
            _ => {
                for (grad, x) in grad.chunks_exact_mut(bias.len()).zip(x.chunks_exact(bias.len())) {
                    grad.iter_mut().zip(x).zip(bias).for_each(|((grad, x), bias)| *grad *= slope(x + bias));
                }
            }
        },
    );
}

/// The factor with which GELU multiplies `z`: `1 / (1 + exp(-2u))` with
/// `u = sqrt(2 / pi) * (z + 0.044715 * z^3)`.
#[inline(always)]
pub fn gate(z: f32) -> f32 {
    1.0 / (1.0 + exp(-GELU_SLOPE * (z + GELU_CUBE * z * z * z)))
}

/// GELU's derivative.
#[inline(always)]
pub fn gelu_slope(z: f32) -> f32 {
    let gate = gate(z);
    gate + z * gate * (1.0 - gate) * GELU_SLOPE * (1.0 + 3.0 * GELU_CUBE * z * z)
}

/// The exponential, with a relative error below 2e-7. It has no branch and no call, so that it is computed for many
/// values at once.
///
/// `x / ln 2` is split into a whole number and a rest. The whole number becomes the exponent's bits. A Taylor
/// polynomial gives the power of two of the rest.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding this rounds to a whole number, which is then in the lowest bits.
    const ROUNDER: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUNDER;
    let whole = rounded - ROUNDER;
    // ln 2 in two parts. The product of the first part with a small whole number is exact.
    let rest = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let polynomial = 1.0
        + rest
            * (1.0
                + rest
                    * (0.5
                        + rest
                            * (1.666_666_7e-1
                                + rest * (4.166_666_8e-2 + rest * (8.333_334e-3 + rest * 1.388_889e-3)))));
    let exponent = rounded.to_bits().wrapping_shl(23).wrapping_add(127 << 23);
    polynomial * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_that_of_the_standard_library() {
        for i in -870..=870 {
            let x = i as f32 * 0.1;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-6, "{x}: {} for {}", exp(x), x.exp());
        }
        assert!(exp(-1e9) > 0.0 && exp(1e9).is_finite());
    }
}
