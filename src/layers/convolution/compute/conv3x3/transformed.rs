//! A convolution that transforms its weights once, for Winograd's filtering on the CPU. For answers, not for training.
//!
//! For one image, transforming the weights is about a third of the work. The transformed weights need four times the
//! memory. They can replace the weights only where the weights do not learn.

use crate::model::prelude::*;
use burn::backend::AutodiffBackend;

/// The convolution in two steps: transform the weights, then convolve.
#[backend_extension(Flex, Autodiff)]
pub trait TransformedConv3x3Ops: Backend {
    /// `[3, 3, inputs, outputs]` weights -> transformed ones, `[36, inputs, outputs]`.
    fn transformed_weights(weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The convolution with transformed weights; shapes as in [`TransformedConv3x3::forward`].
    fn transformed_conv3x3(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The convolution's gradient on one backend.
pub trait TransformedConv3x3Gradients: TransformedConv3x3Ops {
    /// The gradient with respect to the input, given that of the output.
    fn transformed_conv3x3_backward(weights: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// A convolution with transformed weights.
#[derive(Clone, Debug)]
pub struct TransformedConv3x3 {
    weights: Tensor<3>,
}

impl TransformedConv3x3 {
    /// The convolution with `[3, 3, inputs, outputs]` weights. `None` for weights in a graph, and on WebGPU, whose
    /// kernels take the weights as they are.
    pub fn new(weight: Tensor<4>) -> Option<Self> {
        let weight = weight.into_dispatch();
        matches!(weight.kind, DispatchTensorKind::Flex(_)).then(|| Self {
            weights: Tensor::from_dispatch(<Dispatch as TransformedConv3x3Ops>::transformed_weights(weight)),
        })
    }

    /// `[n, h, w, inputs]` -> `[n, h, w, outputs]`, exactly as [`conv3x3`](super::conv3x3) computes it. In a graph only
    /// `x` has a gradient.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let weights = self.weights.clone();
        let weights = if x.device().is_autodiff() { weights.autodiff() } else { weights };
        let (x, weights) = (x.into_dispatch(), weights.into_dispatch());
        Tensor::from_dispatch(<Dispatch as TransformedConv3x3Ops>::transformed_conv3x3(x, weights))
    }
}

impl<B: TransformedConv3x3Gradients, C: CheckpointStrategy> TransformedConv3x3Ops for Autodiff<B, C> {
    fn transformed_weights(weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::from_inner(B::transformed_weights(weight.into_primitive()))
    }

    fn transformed_conv3x3(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct TransformedConv3x3;

        impl<B: TransformedConv3x3Gradients> Backward<B, 1> for TransformedConv3x3 {
            /// The transformed weights.
            type State = B::FloatTensorPrimitive;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    grads.register::<B>(node.id, B::transformed_conv3x3_backward(ops.state, grad));
                }
            }
        }

        let guard = x.node();
        let [x, weights] = [x, weights].map(|tensor| tensor.into_primitive());
        match TransformedConv3x3.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(weights.clone(), B::transformed_conv3x3(x, weights)),
            OpsKind::UnTracked(prep) => prep.finish(B::transformed_conv3x3(x, weights)),
        }
    }
}
