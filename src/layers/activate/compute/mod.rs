//! Activations, with or without biases before them, for any number of channels.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

pub(in crate::layers) use cpu::{gate, gelu_slope};

use crate::{
    domain::arithmetic::{Step, Window},
    layers::Activate,
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene},
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
        prelude::*,
    },
    spec::{Shape, shape::Activation},
};

/// The constant in GELU's derivative: `2 * sqrt(2 / pi)`.
const GELU_SLOPE: f32 = std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::SQRT_2;
/// The factor of the cube inside GELU's hyperbolic tangent.
const GELU_CUBE: f32 = 0.044_715;

impl Forward for Activate {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        match x {
            Activations::Planes(x) => Activations::Planes(activated(x, self.activation)),
            Activations::Pixels(x) => Activations::Pixels(activated(x, self.activation)),
            Activations::Values(x) => Activations::Values(activated(x, self.activation)),
        }
    }
}

impl Explain for Activate {
    fn explain(&self, scene: &Scene) -> Explained {
        // Explained as a normalisation that changes nothing, followed by the activation.
        let step = Step::Normalised {
            input: scene.x[scene.input.offset(scene.at)],
            mean: 0.0,
            deviation: 1.0,
            scale: None,
            shift: 0.0,
            activation: self.activation.words().map(str::to_owned),
            output: scene.value,
        };
        Explained { step: Some(step), from: Some(scene.at) }
    }

    fn reach(&self, _: Shape, window: Window) -> Window {
        window
    }

    fn is_local(&self, _: Shape) -> bool {
        true
    }
}

/// Activations on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait ActivationOps: Backend {
    /// `activation` of each value, in the same shape.
    fn activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;

    /// `activation` of each value plus its channel's bias; shapes as in [`biased`].
    fn biased(x: FloatTensor<Self>, bias: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;
}

/// The gradients on one backend.
pub trait ActivationGradients: ActivationOps {
    /// The gradient with respect to `x`, given the gradient with respect to the output. All have one shape.
    fn activated_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;

    /// The gradients with respect to `x` and to the bias, given the gradient with respect to the output.
    fn biased_backward(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// `activation` of each value, in the same shape.
pub fn activated<const D: usize>(x: Tensor<D>, activation: Activation) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as ActivationOps>::activated(x.into_dispatch(), activation))
}

/// `[n, h, w, c]`, `[c]` biases -> `[n, h, w, c]`: `activation` of each value plus its channel's bias.
pub fn biased(x: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as ActivationOps>::biased(x.into_dispatch(), bias.into_dispatch(), activation))
}

impl<B: ActivationGradients, C: CheckpointStrategy> ActivationOps for Autodiff<B, C> {
    fn activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Activated;

        impl<B: ActivationGradients> Backward<B, 1> for Activated {
            type State = (B::FloatTensorPrimitive, Activation);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    let (x, activation) = ops.state;
                    grads.register::<B>(node.id, B::activated_backward(x, grad, activation));
                }
            }
        }

        let guard = x.node();
        let x = x.into_primitive();
        match Activated.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x.clone(), activation), B::activated(x, activation)),
            OpsKind::UnTracked(prep) => prep.finish(B::activated(x, activation)),
        }
    }

    fn biased(x: FloatTensor<Self>, bias: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Biased;

        impl<B: ActivationGradients> Backward<B, 2> for Biased {
            /// Values, biases, and the activation of their sums.
            type State = ([B::FloatTensorPrimitive; 2], Activation);

            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [x_node, bias_node] = ops.parents;
                let ([x, bias], activation) = ops.state;
                let grad = grads.consume::<B>(&ops.node);
                let (grad_x, grad_bias) = B::biased_backward(x, bias, grad, activation);
                for (node, grad) in [(x_node, grad_x), (bias_node, grad_bias)] {
                    if let Some(node) = node {
                        grads.register::<B>(node.id, grad);
                    }
                }
            }
        }

        let guards = [x.node(), bias.node()];
        let [x, bias] = [x, bias].map(|tensor| tensor.into_primitive());
        match Biased.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::biased(x.clone(), bias.clone(), activation);
                prep.finish(([x, bias], activation), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::biased(x, bias, activation)),
        }
    }
}
