//! Dropout on the CPU: one pass in place, in chunks spread over the threads.

use super::{DropoutOps, Mask};
use crate::model::parallel;
use burn::backend::{Flex, tensor::FloatTensor};

/// Values a thread takes at a time: 64 KiB.
const CHUNK_LEN: usize = 16 * 1024;

impl DropoutOps for Flex {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let mut x = x.to_contiguous();
        parallel::for_each_chunk(x.storage_mut(), CHUNK_LEN, |chunk, values: &mut [f32]| {
            let first = (chunk * CHUNK_LEN / 4) as u32;
            for (number, four) in (first..).zip(values.chunks_mut(4)) {
                for (value, word) in four.iter_mut().zip(mask.words_of(number)) {
                    *value = if word < mask.least { 0.0 } else { *value * mask.scale };
                }
            }
        });
        x
    }
}
