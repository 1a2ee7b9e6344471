//! Convolutions with square filters of any size, stride and padding, of images whose channels lie side by side.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::{
    model::{operations::windows::Windows, prelude::*},
    spec::shape::Padding,
};

/// The convolution on one backend; shapes as in [`convolve`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait ConvolveOps: Backend {
    /// The convolution.
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;
}

/// The convolution's gradients on one backend.
pub trait ConvolveGradients: ConvolveOps {
    /// The gradient with respect to the input, `[n, h, w, inputs]`, given the gradient with respect to the output.
    fn convolve_input_gradient(
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self>;

    /// The gradient with respect to the weight, `[k, k, inputs, outputs]`, given the gradient with respect to the
    /// output.
    fn convolve_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;
}

/// `[n, h, w, inputs]` images, `[k, k, inputs, outputs]` weights -> `[n, rows, columns, outputs]`, without a bias.
pub fn convolve(x: Tensor<4>, weight: Tensor<4>, stride: usize, padding: Padding) -> Tensor<4> {
    let ([_, height, width, _], [side, _, _, _]) = (x.dims(), weight.dims());
    let windows = Windows::over([height, width], [side, stride], padding);
    Tensor::from_dispatch(<Dispatch as ConvolveOps>::convolve(x.into_dispatch(), weight.into_dispatch(), windows))
}

impl<B: ConvolveGradients, C: CheckpointStrategy> ConvolveOps for Autodiff<B, C> {
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Convolve;

        impl<B: ConvolveGradients> Backward<B, 2> for Convolve {
            /// Input and weight, and the windows.
            type State = ([B::FloatTensorPrimitive; 2], Windows);

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, weight_node] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                let ([x, weight], windows) = ops.state;
                if let Some(node) = weight_node {
                    grads.register::<B>(node.id, B::convolve_weight_gradient(x, grad.clone(), windows));
                }
                if let Some(node) = x_node {
                    grads.register::<B>(node.id, B::convolve_input_gradient(weight, grad, windows));
                }
            }
        }

        let guards = [x.node(), weight.node()];
        let [x, weight] = [x, weight].map(|tensor| tensor.into_primitive());
        match Convolve.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::convolve(x.clone(), weight.clone(), windows);
                prep.finish(([x, weight], windows), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::convolve(x, weight, windows)),
        }
    }
}
