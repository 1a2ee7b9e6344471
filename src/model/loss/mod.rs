//! Cross-entropy and the number of correct answers, as one operation with kernels for each backend.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use super::{prelude::*, tensors::upload};
use burn::backend::AutodiffBackend;

/// The loss of a batch.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Mean cross-entropy of the images, in nats, `[1]`. Training lowers it.
    pub mean: Tensor<1>,
    /// The sum of the cross-entropies and the number of correct answers, of this batch and all before it, `[2]`;
    /// outside any graph.
    pub tally: Tensor<1>,
}

/// The loss on one backend; shapes as in [`cross_entropy`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait LossOps: Backend {
    /// The mean loss, and `tally` with the sums of this batch added.
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        tally: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// The loss's gradient on one backend.
pub trait LossGradients: LossOps {
    /// The gradient with respect to the logits, given the gradient with respect to the mean loss.
    fn cross_entropy_backward(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// `[n, classes]` logits, `[n, classes]` target probabilities -> the batch's loss. Its sums are added to `tally`, or to
/// zeros.
///
/// An answer is correct if the highest logit and the highest target have the same class. Of equal ones the first
/// counts.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>, tally: Option<Tensor<1>>) -> Loss {
    let device = logits.device();
    let tally = tally.unwrap_or_else(|| upload(vec![0.0; 2], [2], &device.inner()));
    let (logits, targets, tally) = (logits.into_dispatch(), targets.into_dispatch(), tally.into_dispatch());
    let (mean, tally) = <Dispatch as LossOps>::cross_entropy(logits, targets, tally);
    Loss { mean: Tensor::from_dispatch(mean), tally: Tensor::<1>::from_dispatch(tally).inner() }
}

impl<B: LossGradients, C: CheckpointStrategy> LossOps for Autodiff<B, C> {
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        tally: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        #[derive(Debug)]
        struct CrossEntropy;

        impl<B: LossGradients> Backward<B, 1> for CrossEntropy {
            /// Logits and targets.
            type State = [B::FloatTensorPrimitive; 2];

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                let [logits, targets] = ops.state;
                if let Some(node) = parent {
                    grads.register::<B>(node.id, B::cross_entropy_backward(logits, targets, grad));
                }
            }
        }

        let guard = logits.node();
        let [logits, targets, tally] = [logits, targets, tally].map(|tensor| tensor.into_primitive());
        let (mean, tally) = B::cross_entropy(logits.clone(), targets.clone(), tally);
        let mean = match CrossEntropy.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([logits, targets], mean),
            OpsKind::UnTracked(prep) => prep.finish(mean),
        };
        (mean, Self::from_inner(tally))
    }
}
