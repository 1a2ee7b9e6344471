//! Dropout whose masks depend only on a seed and a step, never on the device or on earlier steps.

mod cpu;
pub(super) mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{DropoutOps, Mask, Masks};

use crate::{
    domain::arithmetic::Window,
    layers::Dropout,
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene},
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
    },
    spec::Shape,
};

impl Forward for Dropout {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, pass: &mut Pass) -> Activations {
        let Pass::Training { masks, .. } = pass else { return x };
        let rate = self.rate();
        match x {
            Activations::Planes(x) => Activations::Planes(masks.apply_at(rate, x)),
            Activations::Pixels(x) => Activations::Pixels(masks.apply_at(rate, x)),
            Activations::Values(x) => Activations::Values(masks.apply_at(rate, x)),
        }
    }
}

impl Explain for Dropout {
    fn explain(&self, scene: &Scene) -> Explained {
        Explained { step: None, from: Some(scene.at) }
    }

    fn reach(&self, _: Shape, window: Window) -> Window {
        window
    }

    fn is_local(&self, _: Shape) -> bool {
        true
    }
}
