//! Sums on WebGPU.

use super::AddOps;
use crate::model::wgsl::{Kernel, contiguous};
use burn::backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor};

impl AddOps for Cube {
    fn added(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let [a, b] = [a, b].map(contiguous);
        let len = a.shape().num_elements();
        assert_eq!(len, b.shape().num_elements(), "both tensors have one shape");
        let sum = Self::float_empty(a.shape(), &a.device(), a.dtype().into());
        Kernel::element_wise(include_str!("forward.wgsl"), len, &[&a, &b, &sum]);
        sum
    }
}
