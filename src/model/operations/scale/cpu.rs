//! Scales on the CPU, in chunks of rows spread over the threads.
//!
//! Each chunk is summed, and then the chunks' sums are added, so that a sum does not depend on the number of threads.

use super::{ScaleGradients, ScaleOps};
use crate::model::cpu::{
    contiguous,
    parallel::{for_each_chunk, for_each_chunk_of_2, vectorised},
    sizes, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Least number of values that a thread takes at a time: 64 KiB.
const CHUNK_LEN: usize = 16 * 1024;

impl ScaleOps for Flex {
    fn scaled(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self> {
        let (mut x, scale) = (contiguous(x), contiguous(scale));
        let scale = values(&scale);
        for_each_chunk(x.storage_mut(), CHUNK_LEN.next_multiple_of(scale.len()), |_, values| times(values, scale));
        x
    }
}

impl ScaleGradients for Flex {
    fn scaled_backward(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (x, scale, mut grad) = (contiguous(x), contiguous(scale), contiguous(grad));
        let [channels] = sizes(&scale);
        let (x, scale) = (values(&x), values(&scale));
        let chunk_len = CHUNK_LEN.next_multiple_of(channels);
        let mut sums = vec![0.0_f32; x.len().div_ceil(chunk_len) * channels];
        for_each_chunk_of_2((grad.storage_mut(), chunk_len), (&mut sums, channels), |chunk, grad, sums| {
            for (grad, x) in grad.chunks_exact(channels).zip(x[chunk * chunk_len..].chunks_exact(channels)) {
                sums.iter_mut().zip(grad).zip(x).for_each(|((sum, grad), x)| *sum += grad * x);
            }
            times(grad, scale);
        });
        let mut grad_scale = vec![0.0_f64; channels];
        for sums in sums.chunks_exact(channels) {
            grad_scale.iter_mut().zip(sums).for_each(|(total, sum)| *total += f64::from(*sum));
        }
        (grad, tensor(grad_scale.into_iter().map(|sum| sum as f32).collect(), [channels]))
    }
}

/// Multiplies each value by its channel's scale; `[rows, channels]`.
fn times(values: &mut [f32], scale: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for row in values.chunks_exact_mut(scale.len()) {
                row.iter_mut().zip(scale).for_each(|(value, scale)| *value *= scale);
            }
        },
    );
}
