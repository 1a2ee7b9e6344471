//! The pool on WebGPU: kernels along the rows and along the columns, a thread a line, its pixels in registers.
//!
//! No barrier and no workgroup memory: each pass reads and writes every pixel once.

use super::PoolOps;
use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::FloatTensorOps,
        tensor::FloatTensor,
        wgpu::{CubeDim, KernelSource, SourceKernel, SourceTemplate, into_contiguous},
    },
    cubecl::{prelude::*, server::KernelArguments},
    tensor::DType,
};

/// Threads of a workgroup, as the kernels declare.
const WORKGROUP_LEN: u32 = 64;

impl PoolOps for Cube {
    fn max_pool_same(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [rows, columns] = Axis::both(&x);
        columns.maxima(rows.maxima(into_contiguous(x)))
    }

    fn max_pool_same_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [rows, columns] = Axis::both(&x);
        let x = into_contiguous(x);
        let through_columns = columns.routes(rows.maxima(x.clone()), into_contiguous(grad));
        rows.routes(x, through_columns)
    }
}

/// How the lines of one axis lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Axis {
    /// Pixels of a line.
    len: usize,
    /// From a pixel of a line to the next.
    step: usize,
    /// Lines of a plane.
    lines: usize,
    /// From a line of a plane to the next.
    line_step: usize,
    /// Lines of all planes.
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
        self.launch(Kernel { axis: self, source: include_str!("maxima.wgsl") }, &[x])
    }

    /// The gradient with respect to `x` of the maxima along this axis, given theirs.
    fn routes(self, x: FloatTensor<Cube>, grad: FloatTensor<Cube>) -> FloatTensor<Cube> {
        self.launch(Kernel { axis: self, source: include_str!("routes.wgsl") }, &[x, grad])
    }

    /// Runs `kernel` on `inputs`, contiguous tensors of one shape, and gives its output, of the same shape.
    fn launch(self, kernel: Kernel, inputs: &[FloatTensor<Cube>]) -> FloatTensor<Cube> {
        let first = &inputs[0];
        assert!(inputs.iter().all(|x| x.dtype == DType::F32), "the kernels are written for f32");
        let output = Cube::float_empty(first.shape(), &first.device(), first.dtype().into());
        let buffers = inputs.iter().chain([&output]).map(|x| x.handle.clone().binding()).collect();
        let workgroups = (self.count as u32).div_ceil(WORKGROUP_LEN);
        first.client.launch(
            Box::new(SourceKernel::new(kernel, CubeDim::new_1d(WORKGROUP_LEN))),
            CubeCount::Static(workgroups, 1, 1),
            KernelArguments::new().with_buffers(buffers),
        );
        output
    }
}

/// A kernel's text, and the sizes that are written into it.
#[derive(Clone, Copy)]
struct Kernel {
    axis: Axis,
    source: &'static str,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        let Axis { len, step, lines, line_step, count } = self.axis;
        let sizes = [("len", len), ("step", step), ("lines", lines), ("line_step", line_step), ("count", count)];
        let template = SourceTemplate::new(include_str!("line.wgsl")).add_template(self.source);
        sizes.into_iter().fold(template, |template, (name, size)| template.register(name, size.to_string()))
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.axis, self.source))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
