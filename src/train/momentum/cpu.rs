//! Momentum on the CPU: one pass in place, in chunks spread over the threads.

use super::{MomentumOps, Update};
use crate::model::cpu::{
    contiguous,
    parallel::{self, in_wide_vectors},
    values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Values that a thread takes at a time: 64 KiB of each tensor.
const CHUNK_LEN: usize = 16 * 1024;

impl MomentumOps for Flex {
    fn momentum_update(
        parameter: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [mut parameter, mut velocity] = [parameter, velocity].map(contiguous);
        let gradient = contiguous(gradient);
        let values = values(&gradient);
        let lengths = [&parameter, &velocity].map(|x| x.storage::<f32>().len());
        assert!(lengths.iter().all(|&len| len == values.len()), "all tensors have the same length");
        parallel::for_each_chunk_of_3(
            [parameter.storage_mut(), velocity.storage_mut()],
            values,
            CHUNK_LEN,
            |[parameter, velocity], gradient| step(update, parameter, velocity, gradient),
        );
        (parameter, velocity)
    }
}

in_wide_vectors! {
/// Updates a chunk of values.
fn step(update: Update, parameter: &mut [f32], velocity: &mut [f32], gradient: &[f32]) {
    let Update { momentum, kept, learning_rate } = update;
    for ((p, v), &g) in parameter.iter_mut().zip(velocity).zip(gradient) {
        *v = momentum * *v + g;
        *p = kept * *p - learning_rate * (g + momentum * *v);
    }
}
}
