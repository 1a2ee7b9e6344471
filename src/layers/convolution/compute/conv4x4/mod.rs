//! The article's convolution (4x4, SAME, stride 1) with its ReLU, as one operation with kernels for each backend.
//!
//! TensorFlow's SAME pads with zeros, and an even kernel by one more at the end. So one row is added above and two
//! below, one column left and two right.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::prelude::*;
pub use crate::spec::cui2017::KERNEL;

/// Padding before and after the rows, and likewise the columns.
const PAD: (usize, usize) = (1, 2);

/// The convolution with its ReLU on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait ConvolutionOps: Backend {
    /// ReLU of the convolution; shapes as in [`same_relu`].
    fn same_relu(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The convolution's gradients on one backend.
pub trait ConvolutionGradients: ConvolutionOps {
    /// The gradients with respect to weight and bias, given the output `y` and the gradient with respect to it, both
    /// `[n, f, h, w]`.
    fn same_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The gradient with respect to the input, `[n, c, h, w]`, given the output `y` and the gradient with respect to
    /// it.
    fn same_relu_input_gradient(
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// `[n, c, h, w]` images, `[f, c, 4, 4]` weights, `[f]` biases -> `[n, f, h, w]`: ReLU of the convolution.
///
/// On WebGPU the width must be a multiple of 4.
pub fn same_relu(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as ConvolutionOps>::same_relu(x, weight, bias))
}

impl<B: ConvolutionGradients, C: CheckpointStrategy> ConvolutionOps for Autodiff<B, C> {
    fn same_relu(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct SameRelu;

        impl<B: ConvolutionGradients> Backward<B, 3> for SameRelu {
            /// Input, weight and output.
            type State = [B::FloatTensorPrimitive; 3];

            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, weight_node, bias_node] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                let [x, weight, y] = ops.state;
                if let Some(node) = x_node {
                    let grad = B::same_relu_input_gradient(weight.clone(), y.clone(), grad.clone());
                    grads.register::<B>(node.id, grad);
                }
                if weight_node.is_none() && bias_node.is_none() {
                    return;
                }
                let (grad_weight, grad_bias) = B::same_relu_backward(x, weight, y, grad);
                if let Some(node) = weight_node {
                    grads.register::<B>(node.id, grad_weight);
                }
                if let Some(node) = bias_node {
                    grads.register::<B>(node.id, grad_bias);
                }
            }
        }

        let guards = [x.node(), weight.node(), bias.node()];
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.into_primitive());
        match SameRelu.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::same_relu(x.clone(), weight.clone(), bias);
                prep.finish([x, weight, y.clone()], y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::same_relu(x, weight, bias)),
        }
    }
}
