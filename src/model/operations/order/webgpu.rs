//! Two dimensions exchanged on WebGPU: one thread per value.

use super::OrderOps;
use crate::model::wgsl::{Kernel, contiguous, empty};
use burn::backend::{Cube, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 64;

impl OrderOps for Cube {
    fn exchanged(x: FloatTensor<Self>, [images, a, b]: [usize; 3], shape: [usize; 4]) -> FloatTensor<Self> {
        let x = contiguous(x);
        let y = empty(shape, &x);
        let count = images * a * b;
        Kernel::new(include_str!("exchange.wgsl")).numbers([("count", count), ("a", a), ("b", b)]).launch_row(
            WORKGROUP,
            count,
            &[&x, &y],
        );
        y
    }
}
