//! Sums on the CPU.

use super::AddOps;
use crate::model::cpu::{contiguous, parallel::make_chunks, tensor, values};
use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};

/// Values that one thread adds at a time.
const SHARE: usize = 1 << 14;

impl AddOps for Flex {
    fn added(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let [a, b] = [a, b].map(contiguous);
        let ([first, second], shape) = ([values(&a), values(&b)], a.shape());
        assert_eq!(first.len(), second.len(), "both tensors have one shape");
        let sum = make_chunks(first.len(), SHARE, |chunk, sum| {
            let from = chunk * SHARE;
            let terms = first[from..].iter().zip(&second[from..]);
            sum.iter_mut().zip(terms).for_each(|(sum, (a, b))| *sum = a + b);
        });
        tensor(sum, shape)
    }
}
