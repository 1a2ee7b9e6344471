//! Batch normalisation on the CPU, with or without GELU. Rows of channels are spread over the threads.
//!
//! Sums are taken over chunks of rows, and then over the chunks, so that they do not depend on the number of threads.

use super::{NORM_EPSILON, NormGradients, NormOps, Statistics, StatisticsOps};
use crate::{
    layers::activate::compute::{gate, gelu_slope},
    model::cpu::{
        contiguous,
        parallel::{for_each_chunk, vectorised},
        sizes, tensor, values,
    },
    spec::shape::Activation,
};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor, tensor::FloatTensor};

/// Rows (pixels) that a thread takes at a time.
const CHUNK_ROWS: usize = 512;

/// The normalisation of each channel: `z = x * scale + offset`.
struct Affine {
    scale: Vec<f32>,
    offset: Vec<f32>,
}

impl Affine {
    fn new(statistics: &FlexTensor, shift: &FlexTensor) -> Self {
        let shift = values(shift);
        let (mean, variance) = values(statistics).split_at(shift.len());
        let scale: Vec<f32> = variance.iter().map(|v| 1.0 / (v + NORM_EPSILON).sqrt()).collect();
        let offset = shift.iter().zip(mean).zip(&scale).map(|((shift, mean), scale)| shift - mean * scale).collect();
        Self { scale, offset }
    }
}

impl NormOps for Flex {
    fn norm(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        _: Statistics,
        activation: Activation,
    ) -> FloatTensor<Self> {
        match activation {
            Activation::Gelu => norm(
                x,
                statistics,
                shift,
                #[inline(always)]
                |z| z * gate(z),
            ),
            _ => norm(
                x,
                statistics,
                shift,
                #[inline(always)]
                |z| z,
            ),
        }
    }
}

/// `of` each normalised and shifted value.
#[inline(always)]
fn norm(x: FlexTensor, statistics: FlexTensor, shift: FlexTensor, of: impl Fn(f32) -> f32 + Send + Sync) -> FlexTensor {
    let [x, statistics, shift] = [x, statistics, shift].map(contiguous);
    let Affine { scale, offset } = Affine::new(&statistics, &shift);
    let channels = scale.len();
    let input = values(&x);
    let mut y = vec![0.0; input.len()];
    let chunk_len = CHUNK_ROWS * channels;
    for_each_chunk(&mut y, chunk_len, |chunk, y| {
        let x = &input[chunk * chunk_len..][..y.len()];
        vectorised(
            #[inline(always)]
            || {
                for (x, y) in x.chunks_exact(channels).zip(y.chunks_exact_mut(channels)) {
                    for (((y, x), scale), offset) in y.iter_mut().zip(x).zip(&scale).zip(&offset) {
                        *y = of(x * scale + offset);
                    }
                }
            },
        );
    });
    tensor(y, x.shape())
}

impl StatisticsOps for Flex {
    fn channel_statistics(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [_, _, _, channels] = sizes(&x);
        let x = contiguous(x);
        let input = values(&x);
        let chunk_len = CHUNK_ROWS * channels;
        let sums = chunk_sums(input.len(), channels, |chunk, [sum, square]| {
            let end = input.len().min((chunk + 1) * chunk_len);
            for row in input[chunk * chunk_len..end].chunks_exact(channels) {
                for ((sum, square), x) in sum.iter_mut().zip(&mut *square).zip(row) {
                    *sum += x;
                    *square += x * x;
                }
            }
        });
        let count = (input.len() / channels) as f64;
        let means = sums[0].iter().map(|sum| sum / count);
        let variances = sums[1].iter().zip(means.clone()).map(|(square, mean)| (square / count - mean * mean).max(0.0));
        let statistics = means.clone().chain(variances).map(|value| value as f32).collect();
        tensor(statistics, [2, channels])
    }

    fn blend(a: FloatTensor<Self>, b: FloatTensor<Self>, factors: [f32; 2]) -> FloatTensor<Self> {
        let [a, b] = [a, b].map(contiguous);
        let blended = values(&a).iter().zip(values(&b)).map(|(a, b)| factors[0] * a + factors[1] * b).collect();
        tensor(blended, a.shape())
    }
}

impl NormGradients for Flex {
    fn norm_backward(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        source: Statistics,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        match activation {
            Activation::Gelu => norm_backward(x, statistics, shift, grad, source, gelu_slope),
            _ => norm_backward(
                x,
                statistics,
                shift,
                grad,
                source,
                #[inline(always)]
                |_| 1.0,
            ),
        }
    }
}

/// The gradients with respect to input and shift. `slope` is the derivative of the activation behind the normalisation.
#[inline(always)]
fn norm_backward(
    x: FlexTensor,
    statistics: FlexTensor,
    shift: FlexTensor,
    grad: FlexTensor,
    source: Statistics,
    slope: impl Fn(f32) -> f32 + Send + Sync,
) -> (FlexTensor, FlexTensor) {
    let [x, statistics, shift, grad] = [x, statistics, shift, grad].map(contiguous);
    let Affine { scale, offset } = Affine::new(&statistics, &shift);
    let channels = scale.len();
    let (input, grads, shifts) = (values(&x), values(&grad), values(&shift));
    let chunk_len = CHUNK_ROWS * channels;
    let sums = chunk_sums(input.len(), channels, |chunk, [sum, product]| {
        let end = input.len().min((chunk + 1) * chunk_len);
        let rows = input[chunk * chunk_len..end].chunks_exact(channels);
        for (x, grad) in rows.zip(grads[chunk * chunk_len..end].chunks_exact(channels)) {
            let channels = x.iter().zip(grad).zip(&scale).zip(&offset).zip(shifts);
            for (((((x, grad), scale), offset), shift), (sum, product)) in
                channels.zip(sum.iter_mut().zip(&mut *product))
            {
                let z = x * scale + offset;
                let grad_z = grad * slope(z);
                *sum += grad_z;
                *product += grad_z * (z - shift);
            }
        }
    });
    // The batch's statistics depend on each value. Through them a gradient loses its mean and its component along the
    // normalised values.
    let count = match source {
        Statistics::Batch => (input.len() / channels) as f64,
        Statistics::Running => f64::INFINITY,
    };
    let [mean, along] = [0, 1].map(|i| sums[i].iter().map(|sum| (sum / count) as f32).collect::<Vec<f32>>());
    let mut grad_x = vec![0.0; input.len()];
    for_each_chunk(&mut grad_x, chunk_len, |chunk, grad_x| {
        let range = chunk * chunk_len..chunk * chunk_len + grad_x.len();
        let (x, grad) = (&input[range.clone()], &grads[range]);
        vectorised(
            #[inline(always)]
            || {
                let rows = x.chunks_exact(channels).zip(grad.chunks_exact(channels));
                for ((x, grad), grad_x) in rows.zip(grad_x.chunks_exact_mut(channels)) {
                    let channels = x.iter().zip(grad).zip(&scale).zip(&offset).zip(shifts).zip(&mean).zip(&along);
                    for (grad_x, ((((((x, grad), scale), offset), shift), mean), along)) in
                        grad_x.iter_mut().zip(channels)
                    {
                        let z = x * scale + offset;
                        *grad_x = scale * (grad * slope(z) - mean - (z - shift) * along);
                    }
                }
            },
        );
    });
    let grad_shift: Vec<f32> = sums[0].iter().map(|&sum| sum as f32).collect();
    (tensor(grad_x, x.shape()), tensor(grad_shift, [channels]))
}

/// Two sums for each channel over `len` values. `add` adds a chunk's rows to sums that begin at 0.
fn chunk_sums(len: usize, channels: usize, add: impl Fn(usize, [&mut [f32]; 2]) + Send + Sync) -> [Vec<f64>; 2] {
    let mut parts = vec![0.0; len.div_ceil(CHUNK_ROWS * channels) * 2 * channels];
    for_each_chunk(&mut parts, 2 * channels, |chunk, part| {
        let (first, second) = part.split_at_mut(channels);
        vectorised(
            #[inline(always)]
            || add(chunk, [first, second]),
        );
    });
    [0, 1].map(|which| {
        let mut sums = vec![0.0; channels];
        for part in parts.chunks_exact(2 * channels) {
            for (sum, part) in sums.iter_mut().zip(&part[which * channels..]) {
                *sum += f64::from(*part);
            }
        }
        sums
    })
}
