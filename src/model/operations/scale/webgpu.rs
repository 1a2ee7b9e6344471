//! Scales on WebGPU. One thread per value, or per four values. Another kernel adds up the partial sums over rows.

use super::{ScaleGradients, ScaleOps};
use crate::model::wgsl::{Kernel, Parts, add_parts, contiguous, empty, lanes};
use burn::backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor};

/// Threads of a workgroup.
const WORKGROUP: usize = 256;

/// Least rows of a partial sum of the scales' gradient.
const SHARE: usize = 64;

/// Most partial sums.
const MOST_PARTS: usize = 256;

impl ScaleOps for Cube {
    fn scaled(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, scale] = [x, scale].map(contiguous);
        let channels = scale.shape().num_elements();
        let y = Self::float_empty(x.shape(), &x.device(), x.dtype().into());
        let (len, width) = (x.shape().num_elements(), lanes(channels));
        Kernel::in_lanes(include_str!("forward.wgsl"), channels)
            .numbers([("count", len / width), ("channels", channels / width)])
            .launch_row(WORKGROUP, len / width, &[&x, &scale, &y]);
        y
    }
}

impl ScaleGradients for Cube {
    fn scaled_backward(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, grad] = [x, grad].map(contiguous);
        let channels = scale.shape().num_elements();
        let rows = x.shape().num_elements() / channels;
        let Parts { share, count } = Parts::of(rows, SHARE, MOST_PARTS, channels);
        let parts = empty([count, channels], &x);
        let shares = channels / lanes(channels);
        Kernel::in_lanes(include_str!("gradient_sums.wgsl"), channels)
            .numbers([("channels", shares), ("rows", rows), ("share", share), ("parts", count)])
            .launch_row(WORKGROUP, count * shares, &[&x, &grad, &parts]);
        // The gradient with respect to the values is scaled as the values are.
        (Self::scaled(grad, scale), add_parts(&parts, [channels]))
    }
}
