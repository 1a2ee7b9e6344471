//! The frozen first layer: a convolution of 2x2 patches of the image whose outputs are uncorrelated and have variance
//! 1.
//!
//! It takes images as planes, `[n, c, h, w]`, and gives pixels, `[n, h - 1, w - 1, filters]`. Its weights never change,
//! so only the images can have a gradient. Training does not use it. A heat map does: it shows which pixels speak for
//! an answer.

pub use crate::layers::whitening::PATCH;
use crate::model::prelude::*;

/// The whitening on one backend; shapes as in [`whiten`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait WhitenOps: Backend {
    /// The whitened patches.
    fn whiten(images: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The whitening's gradient on one backend.
pub trait WhitenGradients: WhitenOps {
    /// The gradient with respect to the images, `[n, c, h, w]`, given the gradient with respect to the output.
    fn whiten_images_gradient(weight: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// `[n, c, h, w]` images, `[2, 2, c, filters]` weights -> `[n, h - 1, w - 1, filters]`.
///
/// The weights are constants and have no gradient.
pub fn whiten(images: Tensor<4>, weight: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as WhitenOps>::whiten(images.into_dispatch(), weight.into_dispatch()))
}

impl<B: WhitenGradients, C: CheckpointStrategy> WhitenOps for Autodiff<B, C> {
    fn whiten(images: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Whiten;

        impl<B: WhitenGradients> Backward<B, 1> for Whiten {
            /// The weight.
            type State = B::FloatTensorPrimitive;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [images_node] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = images_node {
                    grads.register::<B>(node.id, B::whiten_images_gradient(ops.state, grad));
                }
            }
        }

        let guard = images.node();
        let [images, weight] = [images, weight].map(|tensor| tensor.into_primitive());
        match Whiten.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(weight.clone(), B::whiten(images, weight)),
            OpsKind::UnTracked(prep) => prep.finish(B::whiten(images, weight)),
        }
    }
}
