//! The 3x3 convolution (stride 1, a border of zeros, no bias) of images whose channels lie side by side.
//!
//! Images are `[n, h, w, c]`; those of Burn's own convolutions are `[n, c, h, w]`. So a pixel's channels are loaded at
//! once, and the convolution is a product of matrices, `[pixels, 9 * inputs] * [9 * inputs, outputs]`.

mod cpu;
pub mod transformed;
#[cfg(feature = "gpu")]
mod webgpu;
mod winograd;

use crate::model::prelude::*;

/// The convolution on one backend; shapes as in [`conv3x3`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait Conv3x3Ops: Backend {
    /// The convolution.
    fn conv3x3(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The convolution's gradients on one backend.
pub trait Conv3x3Gradients: Conv3x3Ops {
    /// The gradients with respect to `x` and to `weight`, given the gradient with respect to the output.
    fn conv3x3_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The gradient with respect to the input alone, for weights that are constants. The gradient with respect to the
    /// weights takes longer and would not be used.
    fn conv3x3_input_gradient(weight: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// `[n, h, w, inputs]`, `[3, 3, inputs, outputs]` weights -> `[n, h, w, outputs]`.
///
/// The numbers of channels must be multiples of 8.
pub fn conv3x3(x: Tensor<4>, weight: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Conv3x3Ops>::conv3x3(x.into_dispatch(), weight.into_dispatch()))
}

impl<B: Conv3x3Gradients, C: CheckpointStrategy> Conv3x3Ops for Autodiff<B, C> {
    fn conv3x3(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Conv3x3;

        impl<B: Conv3x3Gradients> Backward<B, 2> for Conv3x3 {
            /// Input and weight.
            type State = [B::FloatTensorPrimitive; 2];

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, weight_node] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                let [x, weight] = ops.state;
                if let (Some(node), None) = (&x_node, &weight_node) {
                    return grads.register::<B>(node.id, B::conv3x3_input_gradient(weight, grad));
                }
                let (grad_x, grad_weight) = B::conv3x3_backward(x, weight, grad);
                for (node, grad) in [(x_node, grad_x), (weight_node, grad_weight)] {
                    if let Some(node) = node {
                        grads.register::<B>(node.id, grad);
                    }
                }
            }
        }

        let guards = [x.node(), weight.node()];
        let [x, weight] = [x, weight].map(|tensor| tensor.into_primitive());
        match Conv3x3.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([x.clone(), weight.clone()], B::conv3x3(x, weight)),
            OpsKind::UnTracked(prep) => prep.finish(B::conv3x3(x, weight)),
        }
    }
}
