//! The whitening on WebGPU: one thread per four filters of a patch, or per value of the image for the gradient.

use super::{PATCH, WhitenGradients, WhitenOps};
use crate::model::wgsl::{Kernel, contiguous, empty};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 64;

impl WhitenOps for Cube {
    fn whiten(images: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let [images, weight] = [images, weight].map(contiguous);
        let ([n, channels, height, width], [_, _, _, filters]) = (images.shape().dims(), weight.shape().dims());
        let y = empty([n, height + 1 - PATCH, width + 1 - PATCH, filters], &images);
        let count = y.shape().num_elements() / 4;
        Kernel::new(include_str!("project.wgsl"))
            .numbers([("count", count), ("height", height), ("width", width), ("channels", channels)])
            .numbers([("filters4", filters / 4)])
            .launch_row(WORKGROUP, count, &[&images, &weight, &y]);
        y
    }
}

impl WhitenGradients for Cube {
    fn whiten_images_gradient(weight: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [weight, grad] = [weight, grad].map(contiguous);
        let ([_, _, channels, filters], [n, rows, columns, _]) = (weight.shape().dims(), grad.shape().dims());
        let (height, width) = (rows + PATCH - 1, columns + PATCH - 1);
        let images = empty([n, channels, height, width], &grad);
        let count = images.shape().num_elements();
        Kernel::new(include_str!("gradient.wgsl"))
            .numbers([("count", count), ("height", height), ("width", width), ("channels", channels)])
            .numbers([("filters4", filters / 4)])
            .launch_row(WORKGROUP, count, &[&weight, &grad, &images]);
        images
    }
}
