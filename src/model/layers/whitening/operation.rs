//! The frozen first layer: 2x2 patches of the image, projected so that their values are uncorrelated and of variance 1.
//!
//! It takes images as the network is given them, `[n, c, h, w]`, and gives what the layers behind it take,
//! `[n, h - 1, w - 1, filters]`. Its weights never change, and nobody asks for the gradient of an image.

use crate::model::prelude::*;

/// Side of a patch, in pixels.
pub const PATCH: usize = 2;

/// The projection on one backend; shapes as [`whiten`]'s.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait WhitenOps: Backend {
    /// The projected patches.
    fn whiten(images: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// `[n, c, h, w]` images, `[2, 2, c, filters]` weights -> `[n, h - 1, w - 1, filters]`, outside any graph.
pub fn whiten(images: Tensor<4>, weight: Tensor<4>) -> Tensor<4> {
    let [images, weight] = [images, weight].map(|x| if x.is_autodiff() { x.inner() } else { x });
    Tensor::from_dispatch(<Dispatch as WhitenOps>::whiten(images.into_dispatch(), weight.into_dispatch()))
}
