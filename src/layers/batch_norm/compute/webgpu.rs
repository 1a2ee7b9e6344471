//! Batch normalisation on WebGPU, with or without GELU. One kernel computes partial sums over the pixels, a second adds
//! them up.

use super::{NormGradients, NormOps, Statistics, StatisticsOps};
use crate::{
    model::wgsl::{self, Kernel, Parts, add_parts, contiguous, empty, lanes, values},
    spec::shape::Activation,
};
use burn::backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 64;

/// Threads in a workgroup whose threads each take one value, or four.
const WIDE_WORKGROUP: usize = 256;

/// Pixels in a partial sum, at least.
const SHARE: usize = 64;

/// Partial sums, at most.
const MOST_PARTS: usize = 256;

/// The numbers of pixels and channels, and how the pixels are divided among partial sums.
#[derive(Clone, Copy)]
struct Sizes {
    pixels: usize,
    channels: usize,
    parts: Parts,
}

impl Sizes {
    fn of(x: &FloatTensor<Cube>) -> Self {
        let [images, height, width, channels] = x.shape().dims();
        let pixels = images * height * width;
        Self { pixels, channels, parts: Parts::of(pixels, SHARE, MOST_PARTS, 2 * channels) }
    }

    /// A pixel's channels, in `Values`: four in each, or one.
    fn shares(self) -> usize {
        self.channels / lanes(self.channels)
    }

    /// All images' values, in `Values`.
    fn count(self) -> usize {
        self.pixels * self.shares()
    }

    fn kernel(self, text: &'static str) -> Kernel {
        Kernel::in_lanes(text, self.channels).numbers([("channels", self.shares())])
    }

    /// Two sums for each channel, `[2, c]`. `kernel` writes partial sums to an additional last tensor.
    fn sums(self, kernel: Kernel, tensors: &[&FloatTensor<Cube>]) -> FloatTensor<Cube> {
        let Parts { share, count } = self.parts;
        let parts = empty([count, 2, self.channels], tensors[0]);
        let mut tensors = tensors.to_vec();
        tensors.push(&parts);
        kernel.numbers([("pixels", self.pixels), ("share", share), ("parts", count)]).launch_row(
            WORKGROUP,
            count * self.shares(),
            &tensors,
        );
        add_parts(&parts, [2, self.channels])
    }
}

/// `kernel` with the lines for this activation.
fn of(activation: Activation, kernel: Kernel) -> Kernel {
    let is_gelu = activation == Activation::Gelu;
    kernel.only_if("gelu", is_gelu).only_if("plain", !is_gelu)
}

impl NormOps for Cube {
    fn norm(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        _: Statistics,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [x, statistics, shift] = [x, statistics, shift].map(contiguous);
        let sizes = Sizes::of(&x);
        let count = sizes.count();
        let y = empty(x.shape().dims::<4>(), &x);
        let text = concat!(include_str!("gelu.wgsl"), include_str!("forward.wgsl"));
        let kernel = of(activation, Kernel::in_lanes(text, sizes.channels));
        let sizes = wgsl::sizes([count, sizes.shares()], &x);
        kernel.launch_row(WIDE_WORKGROUP, count, &[&x, &statistics, &shift, &y, &sizes]);
        y
    }
}

impl StatisticsOps for Cube {
    fn channel_statistics(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let x = contiguous(x);
        let sizes = Sizes::of(&x);
        let sums = sizes.sums(sizes.kernel(include_str!("sums.wgsl")), &[&x]);
        let statistics = empty([2, sizes.channels], &x);
        sizes.kernel(include_str!("moments.wgsl")).numbers([("pixels", sizes.pixels)]).launch_row(
            WORKGROUP,
            sizes.shares(),
            &[&sums, &statistics],
        );
        statistics
    }

    fn blend(a: FloatTensor<Self>, b: FloatTensor<Self>, factors: [f32; 2]) -> FloatTensor<Self> {
        let [a, b] = [a, b].map(contiguous);
        let len = a.shape().num_elements();
        assert_eq!(len, b.shape().num_elements(), "both tensors have the same length");
        let sum = Self::float_empty(a.shape(), &a.device(), a.dtype().into());
        let factors = values(factors, &a);
        Kernel::element_wise(include_str!("blend.wgsl"), len, &[&a, &b, &factors, &sum]);
        sum
    }
}

impl NormGradients for Cube {
    fn norm_backward(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        source: Statistics,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, statistics, shift, grad] = [x, statistics, shift, grad].map(contiguous);
        let sizes = Sizes::of(&x);
        let text = concat!(include_str!("gelu.wgsl"), include_str!("gradient_sums.wgsl"));
        let sums = sizes.sums(of(activation, sizes.kernel(text)), &[&x, &statistics, &shift, &grad]);
        let (grad_x, grad_shift) = (empty(x.shape().dims::<4>(), &x), empty([sizes.channels], &x));
        of(activation, sizes.kernel(concat!(include_str!("gelu.wgsl"), include_str!("gradient.wgsl"))))
            .numbers([("count", sizes.count()), ("pixels", sizes.pixels)])
            .only_if("batch", source == Statistics::Batch)
            .launch_row(WIDE_WORKGROUP, sizes.count(), &[&x, &statistics, &shift, &grad, &sums, &grad_x, &grad_shift]);
        (grad_x, grad_shift)
    }
}
