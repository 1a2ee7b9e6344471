//! Dropout on WebGPU. The masks are drawn where they are used, so that none is uploaded.

use super::{DropoutOps, Mask};
use crate::model::wgsl::{Kernel, contiguous, words};
use burn::backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor};

impl DropoutOps for Cube {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let x = contiguous(x);
        let y = Self::float_empty(x.shape(), &x.device(), x.dtype.into());
        let Mask { key: [a, b, c], least, scale } = mask;
        // In a buffer, not in the text: it differs at each step, and each text is compiled.
        let mask = words([a, b, c, least, scale.to_bits()], &x);
        let len = x.shape().num_elements();
        Kernel::element_wise(include_str!("dropout.wgsl"), len, &[&x, &y, &mask]);
        y
    }
}
