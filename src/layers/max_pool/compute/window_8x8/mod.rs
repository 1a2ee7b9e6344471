//! The article's max pool (8x8, stride 1, SAME), as one operation with kernels for each backend.
//!
//! Output pixel (r, c) is the maximum over rows r-3..=r+4 and columns c-3..=c+4. TensorFlow's SAME pads an even window
//! by one more at the end, with minus infinity. The gradient of an output goes to the first maximum of its window, row
//! by row, as TensorFlow's does. The maximum is separable: one pass runs along the rows, a second along the columns.
//! Each takes shifts of 1, 2 and 4, so that six maxima replace 64 comparisons.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::{layers::max_pool::WIDE_WINDOW, model::prelude::*};

/// Side of the pool's window, in pixels.
pub const WINDOW: usize = WIDE_WINDOW;

/// Rows of a window above its output pixel, and columns left of it.
pub const PAD_BEFORE: usize = (WINDOW - 1) / 2;

/// The pool on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait PoolOps: Backend {
    /// `[n, c, h, w]` -> `[n, c, h, w]`: the maximum of each pixel's window.
    fn max_pool_same(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The pool's gradient on one backend.
pub trait PoolGradients: PoolOps {
    /// The gradient with respect to `x`, given `grad`, the gradient with respect to the output; all `[n, c, h, w]`.
    fn max_pool_same_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// `[n, c, h, w]` -> `[n, c, h, w]`: the maximum of each pixel's 8x8 window, stride 1, padded like TensorFlow's SAME.
pub fn max_pool_same(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as PoolOps>::max_pool_same(x.into_dispatch()))
}

impl<B: PoolGradients, C: CheckpointStrategy> PoolOps for Autodiff<B, C> {
    fn max_pool_same(x: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct MaxPoolSame;

        impl<B: PoolGradients> Backward<B, 1> for MaxPoolSame {
            type State = B::FloatTensorPrimitive;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    grads.register::<B>(node.id, B::max_pool_same_backward(ops.state, grad));
                }
            }
        }

        let guard = x.node();
        let x = x.into_primitive();
        match MaxPoolSame.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(x.clone(), B::max_pool_same(x)),
            OpsKind::UnTracked(prep) => prep.finish(B::max_pool_same(x)),
        }
    }
}

#[cfg(test)]
mod tests;
