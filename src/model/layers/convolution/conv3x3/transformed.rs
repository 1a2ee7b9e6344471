//! A convolution that transforms its weights once, for Winograd's filtering on the CPU. For answers, not for training.
//!
//! The transformed weights need four times the memory. They can replace the weights only where nothing is learned. For
//! one image, transforming the weights is about a third of the work.

use crate::model::prelude::*;

/// The convolution in two steps: transform the weights, then convolve.
#[backend_extension(Flex)]
pub trait TransformedConv3x3Ops: Backend {
    /// `[3, 3, inputs, outputs]` weights -> transformed ones, `[36, inputs, outputs]`.
    fn transformed_weights(weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The convolution with transformed weights; shapes as in [`TransformedConv3x3::forward`].
    fn transformed_conv3x3(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// A convolution with transformed weights.
#[derive(Clone, Debug)]
pub struct TransformedConv3x3 {
    weights: Tensor<3>,
}

impl TransformedConv3x3 {
    /// The convolution with `[3, 3, inputs, outputs]` weights. `None` in a graph, and on WebGPU, whose kernels take the
    /// weights as they are.
    pub fn new(weight: Tensor<4>) -> Option<Self> {
        let weight = weight.into_dispatch();
        matches!(weight.kind, DispatchTensorKind::Flex(_)).then(|| Self {
            weights: Tensor::from_dispatch(<Dispatch as TransformedConv3x3Ops>::transformed_weights(weight)),
        })
    }

    /// `[n, h, w, inputs]` -> `[n, h, w, outputs]`, exactly as [`conv3x3`](super::conv3x3) computes it.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (x, weights) = (x.into_dispatch(), self.weights.clone().into_dispatch());
        Tensor::from_dispatch(<Dispatch as TransformedConv3x3Ops>::transformed_conv3x3(x, weights))
    }
}
