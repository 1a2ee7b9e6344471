//! The sum of a group's output and its input: a residual connection.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::{
    domain::arithmetic::{Step, Window},
    layers::Add,
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene},
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
        prelude::*,
    },
    spec::Shape,
};

impl Forward for Add {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        // The network adds the group's input before it calls this.
        x
    }
}

impl Explain for Add {
    fn explain(&self, scene: &Scene) -> Explained {
        // Explained as a shift: the group's output plus the value that is added.
        let input = scene.x[scene.input.offset(scene.at)];
        let step = Step::Normalised {
            input,
            mean: 0.0,
            deviation: 1.0,
            scale: None,
            shift: scene.value - input,
            activation: None,
            output: scene.value,
        };
        Explained { step: Some(step), from: Some(scene.at) }
    }

    fn reach(&self, _: Shape, window: Window) -> Window {
        window
    }
}

/// Sums on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait AddOps: Backend {
    /// The sum of two tensors of one shape.
    fn added(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The sum of two layers' outputs, which have equal sizes. Maps become pixels.
///
/// # Panics
/// If one is maps and the other values in a row; a network's shapes exclude this.
pub fn sum(a: Activations, b: Activations) -> Activations {
    match (a, b) {
        (Activations::Values(a), Activations::Values(b)) => Activations::Values(added(a, b)),
        (a, b) => Activations::Pixels(added(a.into_pixels(), b.into_pixels())),
    }
}

/// The sum of two tensors of one shape.
pub fn added<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as AddOps>::added(a.into_dispatch(), b.into_dispatch()))
}

impl<B: AddOps, C: CheckpointStrategy> AddOps for Autodiff<B, C> {
    fn added(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Added;

        impl<B: AddOps> Backward<B, 2> for Added {
            type State = ();

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let grad = grads.consume::<B>(&ops.node);
                for node in ops.parents.into_iter().flatten() {
                    grads.register::<B>(node.id, grad.clone());
                }
            }
        }

        let guards = [a.node(), b.node()];
        let [a, b] = [a, b].map(|tensor| tensor.into_primitive());
        match Added.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), B::added(a, b)),
            OpsKind::UnTracked(prep) => prep.finish(B::added(a, b)),
        }
    }
}
