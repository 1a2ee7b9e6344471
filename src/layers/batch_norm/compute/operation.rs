//! Batch normalisation (Ioffe and Szegedy, 2015) without a learnt scale, with or without GELU behind it, as one
//! operation.
//!
//! GELU is the form with a hyperbolic tangent (Hendrycks and Gimpel, 2016). It is computed as `z / (1 + exp(-2u))` with
//! `u = sqrt(2 / pi) * (z + 0.044715 * z^3)`.

use crate::{model::prelude::*, spec::shape::Activation};

/// The statistics with which a layer normalises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistics {
    /// The batch's own. The gradient goes through them too.
    Batch,
    /// The running statistics, which are constants.
    Running,
}

/// Statistics on one backend, outside any graph.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait StatisticsOps: Backend {
    /// The mean and variance of each channel, `[2, c]`.
    fn channel_statistics(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The sum of `a` and `b`, each times its factor.
    fn blend(a: FloatTensor<Self>, b: FloatTensor<Self>, factors: [f32; 2]) -> FloatTensor<Self>;
}

/// Normalisation on one backend; shapes as in [`norm`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait NormOps: Backend {
    /// The layer's output.
    fn norm(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        source: Statistics,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// The layer's gradients on one backend.
pub trait NormGradients: NormOps {
    /// The gradients with respect to `x` and to `shift`, given the gradient with respect to the output.
    fn norm_backward(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        source: Statistics,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// The mean and (biased) variance of each channel of `[n, h, w, c]` images: `[2, c]`, outside any graph.
pub fn channel_statistics(x: &Tensor<4>) -> Tensor<2> {
    let x = if x.is_autodiff() { x.clone().inner() } else { x.clone() };
    Tensor::from_dispatch(<Dispatch as StatisticsOps>::channel_statistics(x.into_dispatch()))
}

/// `[n, h, w, c]` images, `[2, c]` means and variances, `[c]` shifts -> `[n, h, w, c]`: the normalised and shifted
/// images, then the activation.
///
/// With [`Statistics::Batch`] the statistics must be those of `x`.
///
/// # Panics
/// If the activation is neither GELU nor none.
pub fn norm(
    x: Tensor<4>,
    statistics: Tensor<2>,
    shift: Tensor<1>,
    source: Statistics,
    activation: Activation,
) -> Tensor<4> {
    assert!(matches!(activation, Activation::None | Activation::Gelu), "the kernels are written for GELU or none");
    let (x, statistics, shift) = (x.into_dispatch(), statistics.into_dispatch(), shift.into_dispatch());
    Tensor::from_dispatch(<Dispatch as NormOps>::norm(x, statistics, shift, source, activation))
}

/// The sum of `a` and `b`, each times its factor, element by element; both outside any graph.
pub fn blend<const D: usize>(a: Tensor<D>, b: Tensor<D>, factors: [f32; 2]) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as StatisticsOps>::blend(a.into_dispatch(), b.into_dispatch(), factors))
}

impl<B: NormGradients, C: CheckpointStrategy> NormOps for Autodiff<B, C> {
    fn norm(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        source: Statistics,
        activation: Activation,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Norm;

        impl<B: NormGradients> Backward<B, 2> for Norm {
            /// Input, statistics and shift; where the statistics are from; the activation behind the normalisation.
            type State = ([B::FloatTensorPrimitive; 3], Statistics, Activation);

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, shift_node] = ops.parents;
                let ([x, statistics, shift], source, activation) = ops.state;
                let grad = grads.consume::<B>(&ops.node);
                let (grad_x, grad_shift) = B::norm_backward(x, statistics, shift, grad, source, activation);
                for (node, grad) in [(x_node, grad_x), (shift_node, grad_shift)] {
                    if let Some(node) = node {
                        grads.register::<B>(node.id, grad);
                    }
                }
            }
        }

        let guards = [x.node(), shift.node()];
        let [x, statistics, shift] = [x, statistics, shift].map(|tensor| tensor.into_primitive());
        match Norm.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::norm(x.clone(), statistics.clone(), shift.clone(), source, activation);
                prep.finish(([x, statistics, shift], source, activation), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::norm(x, statistics, shift, source, activation)),
        }
    }
}
