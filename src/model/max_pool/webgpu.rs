//! The pool on WebGPU: a thread four channels of an output, or of an input where gradients go back.

use super::MaxPoolOps;
use crate::model::wgsl::{Kernel, contiguous, empty};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads of a workgroup.
const WORKGROUP: usize = 64;

impl MaxPoolOps for Cube {
    fn max_pool(x: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let x = contiguous(x);
        let [images, height, width, channels] = x.shape().dims();
        let y = empty([images, height / side, width / side, channels], &x);
        launch(include_str!("forward.wgsl"), &x, side, y.shape().num_elements(), &[&x, &y]);
        y
    }

    fn max_pool_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let grad_x = empty(x.shape().dims::<4>(), &x);
        launch(include_str!("gradient.wgsl"), &x, side, x.shape().num_elements(), &[&x, &grad, &grad_x]);
        grad_x
    }
}

/// Runs the kernel of this text, a thread for four of `len` values.
fn launch(text: &'static str, x: &FloatTensor<Cube>, side: usize, len: usize, tensors: &[&FloatTensor<Cube>]) {
    let [_, height, width, channels] = x.shape().dims();
    Kernel::new(text)
        .numbers([("count", len / 4), ("height", height), ("width", width), ("workgroup", WORKGROUP)])
        .numbers([("channels4", channels / 4), ("side", side)])
        .launch_row(WORKGROUP, len / 4, tensors);
}
