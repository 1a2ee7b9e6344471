//! A dense layer, with or without ReLU, as one operation with kernels for each backend.

use crate::{model::prelude::*, spec::shape::Activation};

/// With fewer images, each of WebGPU's threads takes all of them, or [`SummedDense`](super::summed::SummedDense) reads
/// only the weights that an image needs.
#[cfg(feature = "gpu")]
pub(super) const FEW_IMAGES: usize = 8;

/// A dense layer on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait DenseOps: Backend {
    /// The layer's output; shapes as in [`dense`].
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// A dense layer's gradients on one backend.
pub trait DenseGradients: DenseOps {
    /// The gradients with respect to the sums before the activation, `[n, outputs]`, and to the bias. `y` is the
    /// output, and `grad` the gradient with respect to it.
    fn dense_sums_gradient(
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The gradient with respect to the input, `[n, inputs]`, given `grad`, the gradient with respect to the sums.
    fn dense_input_gradient(grad: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The gradient with respect to the weight, `[inputs, outputs]`, given `grad`, the gradient with respect to the
    /// sums.
    fn dense_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// `[n, inputs]`, `[inputs, outputs]` weights, `[outputs]` biases -> `[n, outputs]`: the products' sums, then the
/// activation.
///
/// # Panics
/// If the activation is neither ReLU nor none.
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, activation: Activation) -> Tensor<2> {
    assert!(matches!(activation, Activation::None | Activation::Relu), "the kernels are written for ReLU or none");
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as DenseOps>::dense(x, weight, bias, activation))
}

impl<B: DenseGradients, C: CheckpointStrategy> DenseOps for Autodiff<B, C> {
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Dense;

        impl<B: DenseGradients> Backward<B, 3> for Dense {
            /// Input, weight and output, and the activation of the sums.
            type State = ([B::FloatTensorPrimitive; 3], Activation);

            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, weight_node, bias_node] = ops.parents;
                let ([x, weight, y], activation) = ops.state;
                let (grad, grad_bias) = B::dense_sums_gradient(y, grads.consume::<B>(&ops.node), activation);
                if let Some(node) = bias_node {
                    grads.register::<B>(node.id, grad_bias);
                }
                if let Some(node) = weight_node {
                    grads.register::<B>(node.id, B::dense_weight_gradient(x, grad.clone()));
                }
                if let Some(node) = x_node {
                    grads.register::<B>(node.id, B::dense_input_gradient(grad, weight));
                }
            }
        }

        let guards = [x.node(), weight.node(), bias.node()];
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.into_primitive());
        match Dense.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::dense(x.clone(), weight.clone(), bias, activation);
                prep.finish(([x, weight, y.clone()], activation), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::dense(x, weight, bias, activation)),
        }
    }
}
