//! The maximum of each square of pixels. The squares do not overlap, and a pixel's channels lie side by side.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::prelude::*;

/// The pool on one backend; shapes as in [`max_pool`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait MaxPoolOps: Backend {
    /// The maximum of each square.
    fn max_pool(x: FloatTensor<Self>, side: usize) -> FloatTensor<Self>;
}

/// The pool's gradient on one backend.
pub trait MaxPoolGradients: MaxPoolOps {
    /// The gradient with respect to `x`, given the gradient with respect to the output. It goes to the first maximum of
    /// each square, row by row.
    fn max_pool_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, side: usize) -> FloatTensor<Self>;
}

/// `[n, h, w, c]` -> `[n, h / side, w / side, c]`: the maximum of each square of `side` by `side` pixels. Rows and
/// columns that fill no square are left out.
pub fn max_pool(x: Tensor<4>, side: usize) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as MaxPoolOps>::max_pool(x.into_dispatch(), side))
}

impl<B: MaxPoolGradients, C: CheckpointStrategy> MaxPoolOps for Autodiff<B, C> {
    fn max_pool(x: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct MaxPool;

        impl<B: MaxPoolGradients> Backward<B, 1> for MaxPool {
            type State = (B::FloatTensorPrimitive, usize);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    let (x, side) = ops.state;
                    grads.register::<B>(node.id, B::max_pool_backward(x, grad, side));
                }
            }
        }

        let guard = x.node();
        let x = x.into_primitive();
        match MaxPool.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x.clone(), side), B::max_pool(x, side)),
            OpsKind::UnTracked(prep) => prep.finish(B::max_pool(x, side)),
        }
    }
}
