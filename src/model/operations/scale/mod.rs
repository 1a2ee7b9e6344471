//! Multiplies each channel by a learnt scale. A batch normalisation with a scale ends with this.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::prelude::*;

/// Scales on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait ScaleOps: Backend {
    /// Each value times its channel's scale; shapes as [`scaled`]'s.
    fn scaled(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The gradients on one backend.
pub trait ScaleGradients: ScaleOps {
    /// The gradients with respect to `x` and to the scale, given that of the output.
    fn scaled_backward(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// `[n, h, w, c]`, `[c]` scales -> `[n, h, w, c]`: each value times its channel's scale.
pub fn scaled(x: Tensor<4>, scale: Tensor<1>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as ScaleOps>::scaled(x.into_dispatch(), scale.into_dispatch()))
}

impl<B: ScaleGradients, C: CheckpointStrategy> ScaleOps for Autodiff<B, C> {
    fn scaled(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Scaled;

        impl<B: ScaleGradients> Backward<B, 2> for Scaled {
            /// Values and scales.
            type State = [B::FloatTensorPrimitive; 2];

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, scale_node] = ops.parents;
                let [x, scale] = ops.state;
                let grad = grads.consume::<B>(&ops.node);
                let (grad_x, grad_scale) = B::scaled_backward(x, scale, grad);
                for (node, grad) in [(x_node, grad_x), (scale_node, grad_scale)] {
                    if let Some(node) = node {
                        grads.register::<B>(node.id, grad);
                    }
                }
            }
        }

        let guards = [x.node(), scale.node()];
        let [x, scale] = [x, scale].map(|tensor| tensor.into_primitive());
        match Scaled.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::scaled(x.clone(), scale.clone());
                prep.finish([x, scale], y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::scaled(x, scale)),
        }
    }
}
