//! The pool on WebGPU: one thread per four channels of an output pixel, or of an input pixel for the gradient.

use super::{MaxPoolGradients, MaxPoolOps};
use crate::model::wgsl::{Kernel, contiguous, empty, sizes};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 64;

impl MaxPoolOps for Cube {
    fn max_pool(x: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let x = contiguous(x);
        let [images, height, width, channels] = x.shape().dims();
        let y = empty([images, height / side, width / side, channels], &x);
        let count = y.shape().num_elements() / 4;
        let sizes = sizes([count, height, width, channels / 4, side], &x);
        let kernel = Kernel::new(include_str!("forward.wgsl"));
        kernel.launch_row(WORKGROUP, count, &[&x, &y, &sizes]);
        y
    }
}

impl MaxPoolGradients for Cube {
    fn max_pool_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let grad_x = empty(x.shape().dims::<4>(), &x);
        let [_, height, width, channels] = x.shape().dims();
        let count = x.shape().num_elements() / 4;
        Kernel::new(include_str!("gradient.wgsl"))
            .numbers([("count", count), ("height", height), ("width", width)])
            .numbers([("channels4", channels / 4), ("side", side)])
            .launch_row(WORKGROUP, count, &[&x, &grad, &grad_x]);
        grad_x
    }
}
