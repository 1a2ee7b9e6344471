//! Dropout on WebGPU: the masks are drawn where they are used, so that none travels.

use super::{DropoutOps, Mask};
use crate::model::wgsl::{Kernel, contiguous};
use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::{FloatTensorOps, IntTensorOps},
        tensor::FloatTensor,
    },
    tensor::TensorData,
};

impl DropoutOps for Cube {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let x = contiguous(x);
        let y = Self::float_empty(x.shape(), &x.device(), x.dtype.into());
        let Mask { key: [a, b, c], least, scale } = mask;
        // A buffer, not a part of the text: it is another one at each step.
        let mask = Self::int_from_data(TensorData::new(vec![a, b, c, least, scale.to_bits()], [5]), &x.device());
        let len = x.shape().num_elements();
        Kernel::element_wise(include_str!("dropout.wgsl"), len, &[&x, &y, &mask]);
        y
    }
}
