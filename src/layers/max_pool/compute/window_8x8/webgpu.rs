//! The 8x8 pool on WebGPU: kernels along the rows and along the columns. One thread per line, with its pixels in
//! registers.
//!
//! There are no barriers and no workgroup memory. Each pass reads and writes every pixel once.

use super::{PAD_BEFORE, PoolGradients, PoolOps, WINDOW};
use crate::model::wgsl::{Kernel, contiguous};
use burn::backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 64;

impl PoolOps for Cube {
    fn max_pool_same(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [rows, columns] = Axis::both(&x);
        columns.maxima(rows.maxima(contiguous(x)))
    }
}

impl PoolGradients for Cube {
    fn max_pool_same_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [rows, columns] = Axis::both(&x);
        let x = contiguous(x);
        let through_columns = columns.routes(rows.maxima(x.clone()), contiguous(grad));
        rows.routes(x, through_columns)
    }
}

/// How the lines of one axis lie in memory.
#[derive(Clone, Copy)]
struct Axis {
    /// Pixels in a line.
    len: usize,
    /// Distance from a pixel of a line to the next.
    step: usize,
    /// Lines in a plane.
    lines: usize,
    /// Distance from a line of a plane to the next.
    line_step: usize,
    /// Lines in all planes.
    count: usize,
}

impl Axis {
    /// The rows and the columns of `x`, `[n, c, h, w]`.
    fn both(x: &FloatTensor<Cube>) -> [Self; 2] {
        let [n, c, height, width] = x.shape().dims();
        let planes = n * c;
        [
            Self { len: width, step: 1, lines: height, line_step: width, count: planes * height },
            Self { len: height, step: width, lines: width, line_step: 1, count: planes * width },
        ]
    }

    /// The maximum of each pixel's window along this axis.
    fn maxima(self, x: FloatTensor<Cube>) -> FloatTensor<Cube> {
        self.launch(concat!(include_str!("line.wgsl"), include_str!("maxima.wgsl")), &[x])
    }

    /// The gradient with respect to `x`, given `grad`, the gradient with respect to the maxima along this axis.
    fn routes(self, x: FloatTensor<Cube>, grad: FloatTensor<Cube>) -> FloatTensor<Cube> {
        self.launch(concat!(include_str!("line.wgsl"), include_str!("routes.wgsl")), &[x, grad])
    }

    /// Runs `text` on `inputs`, contiguous tensors of one shape. Returns the output, of the same shape.
    fn launch(self, text: &'static str, inputs: &[FloatTensor<Cube>]) -> FloatTensor<Cube> {
        let first = &inputs[0];
        let output = Cube::float_empty(first.shape(), &first.device(), first.dtype.into());
        let tensors: Vec<_> = inputs.iter().chain([&output]).collect();
        let Self { len, step, lines, line_step, count } = self;
        Kernel::new(text)
            .numbers([("len", len), ("step", step), ("lines", lines), ("line_step", line_step), ("count", count)])
            .numbers([("before", PAD_BEFORE)])
            .repeat("outside", WINDOW - 1)
            .repeat("pixel", len)
            // The pixels that remain after a shift by 1, and after another one by 2.
            .repeat("once", len + 6)
            .repeat("twice", len + 4)
            .launch_row(WORKGROUP, count, &tensors);
        output
    }
}
