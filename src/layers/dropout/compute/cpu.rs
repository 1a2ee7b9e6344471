//! Dropout on the CPU: one pass in place, in chunks spread over the threads.

use super::{DropoutOps, Mask};
use crate::model::cpu::{
    contiguous,
    parallel::{self, in_wide_vectors},
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Values that a thread takes at a time: 64 KiB.
const CHUNK_LEN: usize = 16 * 1024;

/// Groups of four values whose random words are drawn together, in vectors.
const LANES: usize = 16;

impl DropoutOps for Flex {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let mut x = contiguous(x);
        parallel::for_each_chunk(x.storage_mut(), CHUNK_LEN, |chunk, values| {
            drop_some(mask, (chunk * CHUNK_LEN / 4) as u32, values);
        });
        x
    }
}

in_wide_vectors! {
/// Applies the mask to `values`. The first four have the group number `first`.
fn drop_some(mask: Mask, first: u32, values: &mut [f32]) {
    for (number, values) in (first..).step_by(LANES).zip(values.chunks_mut(4 * LANES)) {
        let mut words = [[0; 4]; LANES];
        for (lane, words) in (0..).zip(&mut words) {
            *words = mask.words_of(number + lane);
        }
        for (value, &word) in values.iter_mut().zip(words.as_flattened()) {
            *value = if word < mask.least { 0.0 } else { *value * mask.scale };
        }
    }
}
}
