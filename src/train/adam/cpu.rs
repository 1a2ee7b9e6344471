//! Adam on the CPU: one pass in place, in chunks spread over the threads.

use super::{AdamOps, BETA_1, BETA_2, Update};
use crate::model::cpu::{
    contiguous,
    parallel::{self, in_wide_vectors},
    values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Values that a thread takes at a time: 64 KiB of each tensor.
const CHUNK_LEN: usize = 16 * 1024;

impl AdamOps for Flex {
    fn adam_update(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [mut parameter, mut first, mut second] = [parameter, first, second].map(contiguous);
        let gradient = contiguous(gradient);
        let values = values(&gradient);
        let [len_p, len_m, len_v] = [&parameter, &first, &second].map(|x| x.storage::<f32>().len());
        assert!([len_p, len_m, len_v].iter().all(|&len| len == values.len()), "all tensors have the same length");
        parallel::for_each_chunk_of_4(
            [parameter.storage_mut(), first.storage_mut(), second.storage_mut()],
            values,
            CHUNK_LEN,
            |[parameter, first, second], gradient| step(update, parameter, first, second, gradient),
        );
        (parameter, first, second)
    }
}

in_wide_vectors! {
/// Updates a chunk of values.
fn step(update: Update, parameter: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]) {
    let Update { kept, step_size, epsilon } = update;
    let moments = first.iter_mut().zip(second);
    for ((p, (m, v)), &g) in parameter.iter_mut().zip(moments).zip(gradient) {
        *m += (1.0 - BETA_1) * (g - *m);
        *v += (1.0 - BETA_2) * (g * g - *v);
        *p = kept * *p - step_size * *m / (v.sqrt() + epsilon);
    }
}
}
