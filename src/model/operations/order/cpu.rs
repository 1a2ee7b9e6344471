//! Two dimensions exchanged on the CPU: one image per thread.

use super::OrderOps;
use crate::model::cpu::{contiguous, parallel::make_chunks, tensor, values};
use burn::backend::{Flex, tensor::FloatTensor};

impl OrderOps for Flex {
    fn exchanged(x: FloatTensor<Self>, [images, a, b]: [usize; 3], shape: [usize; 4]) -> FloatTensor<Self> {
        let x = contiguous(x);
        let input = values(&x);
        let len = a * b;
        let y = make_chunks(images * len, len, |image, y| {
            let x = &input[image * len..][..len];
            for (at, row) in y.chunks_exact_mut(a).enumerate() {
                row.iter_mut().zip(x[at..].iter().step_by(b)).for_each(|(y, x)| *y = *x);
            }
        });
        tensor(y, shape)
    }
}
