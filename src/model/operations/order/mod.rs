//! Changes images from planes to pixels, whose channels lie side by side. The general operations take pixels.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::prelude::*;
use burn::backend::TensorMetadata;

/// A change of order on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait OrderOps: Backend {
    /// `[n, a, b]` -> `[n, b, a]`. `sizes` are n, a and b; each of a and b may stand for several dimensions. `shape` is
    /// the output's.
    fn exchanged(x: FloatTensor<Self>, sizes: [usize; 3], shape: [usize; 4]) -> FloatTensor<Self>;
}

/// `[n, c, h, w]` -> `[n, h, w, c]`.
pub fn pixels_of(x: Tensor<4>) -> Tensor<4> {
    let [images, channels, height, width] = x.dims();
    let sizes = [images, channels, height * width];
    Tensor::from_dispatch(<Dispatch as OrderOps>::exchanged(
        x.into_dispatch(),
        sizes,
        [images, height, width, channels],
    ))
}

impl<B: OrderOps, C: CheckpointStrategy> OrderOps for Autodiff<B, C> {
    fn exchanged(x: FloatTensor<Self>, sizes: [usize; 3], shape: [usize; 4]) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Exchanged;

        impl<B: OrderOps> Backward<B, 1> for Exchanged {
            /// The sizes of the output, and the shape of the input.
            type State = ([usize; 3], [usize; 4]);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    let (sizes, shape) = ops.state;
                    grads.register::<B>(node.id, B::exchanged(grad, sizes, shape));
                }
            }
        }

        let [images, a, b] = sizes;
        let guard = x.node();
        let x = x.into_primitive();
        let before = x.shape().dims();
        match Exchanged.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(([images, b, a], before), B::exchanged(x, sizes, shape)),
            OpsKind::UnTracked(prep) => prep.finish(B::exchanged(x, sizes, shape)),
        }
    }
}
