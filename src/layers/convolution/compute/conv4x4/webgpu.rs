//! The 4x4 convolution on WebGPU. One kernel computes the output. The gradients are partial sums, which a second kernel
//! adds up.

use super::{ConvolutionGradients, ConvolutionOps, KERNEL};
use crate::model::wgsl::{Kernel, contiguous, empty, has_narrow_planes, relu_gradient};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in a workgroup. Few, so that a single image already occupies several of the device's cores.
const WORKGROUP: usize = 32;

/// Rows per thread in the gradients, so that there are thousands of threads but fewer partial sums than rows.
const GRADIENT_ROWS: usize = 8;

impl ConvolutionOps for Cube {
    fn same_relu(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let sizes = Sizes::of(&x, &weight);
        let Sizes { images, filters, height, width, .. } = sizes;
        let y = empty([images, filters, height, width], &x);
        // A second row per thread halves the loads of weights and doubles the registers. With one image, more threads
        // matter more.
        let rows = if has_narrow_planes(&x) && images > 1 { 2 } else { 1 };
        let filters_each = sizes.filters_each();
        let count = images * (filters / filters_each) * height.div_ceil(rows) * (width / 4);
        let text = concat!(include_str!("image.wgsl"), include_str!("forward.wgsl"));
        sizes
            .kernel(text, rows)
            .numbers([("filters_each", filters_each)])
            .repeat("filter", filters_each)
            .repeat("row", rows)
            .launch_row(WORKGROUP, count, &[&x, &weight, &bias, &y]);
        y
    }
}

impl ConvolutionGradients for Cube {
    fn same_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, y, grad] = [x, y, grad].map(contiguous);
        let sizes = Sizes::of(&x, &weight);
        let Sizes { images, channels, filters, height, .. } = sizes;
        let grad = relu_gradient(&y, &grad);
        let kernel_rows = channels * KERNEL;
        let part_count = images * height.div_ceil(GRADIENT_ROWS);
        let parts = empty([part_count, filters, kernel_rows + 1, KERNEL], &x);
        let text = concat!(include_str!("image.wgsl"), include_str!("gradient.wgsl"));
        let count = part_count * (kernel_rows + 1);
        let kernel = sizes.kernel(text, GRADIENT_ROWS).repeat("filter", filters);
        kernel.launch_row(WORKGROUP, count, &[&x, &grad, &parts]);

        let grad_weight = empty([filters, channels, KERNEL, KERNEL], &x);
        let grad_bias = empty([filters], &x);
        Kernel::new(include_str!("add_parts.wgsl"))
            .numbers([("filters", filters), ("kernel_rows", kernel_rows), ("parts", part_count)])
            .launch_row(WORKGROUP, filters * (kernel_rows + 1), &[&parts, &grad_weight, &grad_bias]);
        (grad_weight, grad_bias)
    }

    fn same_relu_input_gradient(
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [weight, y, grad] = [weight, y, grad].map(contiguous);
        let ([images, filters, height, width], [_, channels, _, _]) = (y.shape().dims(), weight.shape().dims());
        let grad = relu_gradient(&y, &grad);
        let grad_x = empty([images, channels, height, width], &y);
        Kernel::new(include_str!("input_gradient.wgsl"))
            .numbers([("images", images), ("channels", channels), ("filters", filters), ("height", height)])
            .numbers([("width", width)])
            .launch_row(WORKGROUP, images * channels * height * width, &[&weight, &grad, &grad_x]);
        grad_x
    }
}

/// The sizes of the images and of the layer.
struct Sizes {
    images: usize,
    channels: usize,
    filters: usize,
    height: usize,
    width: usize,
}

impl Sizes {
    /// The sizes of `x`, `[n, c, h, w]`, and `weight`, `[f, c, 4, 4]`.
    fn of(x: &FloatTensor<Cube>, weight: &FloatTensor<Cube>) -> Self {
        let [images, channels, height, width] = x.shape().dims();
        let [filters, _, kernel_height, kernel_width] = weight.shape().dims();
        assert_eq!([kernel_height, kernel_width], [KERNEL; 2], "the kernels are written for a 4x4 convolution");
        assert!(width.is_multiple_of(4), "a thread takes four pixels of a row, and {width} is no multiple of 4");
        Self { images, channels, filters, height, width }
    }

    /// Filters per thread in the forward pass.
    ///
    /// More filters share the pixels that the thread loads. With few images, however, this would leave too few threads,
    /// and a shorter kernel compiles sooner.
    fn filters_each(&self) -> usize {
        const FEW_IMAGES: usize = 8;
        const FEW_FILTERS: usize = 6;
        match self.images {
            ..FEW_IMAGES => (1..=FEW_FILTERS).rev().find(|&count| self.filters.is_multiple_of(count)).unwrap_or(1),
            _ => self.filters,
        }
    }

    /// The kernel of this text, whose threads each take `rows` rows.
    fn kernel(&self, text: &'static str, rows: usize) -> Kernel {
        let &Self { images, channels, filters, height, width } = self;
        Kernel::new(text)
            .numbers([("images", images), ("channels", channels), ("filters", filters), ("height", height)])
            .numbers([("width4", width / 4), ("rows", rows)])
    }
}
