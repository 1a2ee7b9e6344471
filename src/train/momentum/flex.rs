//! Momentum on the CPU: one pass in place, in chunks spread over the threads.

use super::{MOMENTUM, MomentumOps};
use crate::model::parallel;
use burn::backend::{Flex, tensor::FloatTensor};

/// Values a thread takes at a time: 64 KiB of each tensor.
const CHUNK_LEN: usize = 16 * 1024;

impl MomentumOps for Flex {
    fn momentum_update(
        parameter: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        learning_rate: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [mut parameter, mut velocity] = [parameter, velocity].map(|x| x.to_contiguous());
        let gradient = gradient.to_contiguous();
        let values: &[f32] = gradient.as_slice().expect("an f32 tensor that was just made contiguous");
        let lengths = [&parameter, &velocity].map(|x| x.storage::<f32>().len());
        assert!(lengths.iter().all(|&len| len == values.len()), "all tensors have the same length");
        parallel::for_each_chunk_of_3(
            [parameter.storage_mut(), velocity.storage_mut()],
            values,
            CHUNK_LEN,
            |[parameter, velocity], gradient| {
                for ((p, v), &g) in parameter.iter_mut().zip(velocity).zip(gradient) {
                    *v = MOMENTUM * *v + g;
                    *p -= learning_rate * (g + MOMENTUM * *v);
                }
            },
        );
        (parameter, velocity)
    }
}
