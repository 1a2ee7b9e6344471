//! Dropout whose masks depend on a seed and a step alone, never on the device or on what ran before.

mod cpu;
pub(super) mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{DropoutOps, Mask, Masks};

use super::{
    explain::{Explain, Explained, Scene},
    layer::{Forward, Layer, Pass, PreparedLayer},
};
use crate::model::{activations::Activations, parameter::Parameter, shape::Shape};
use crate::protocol::inspect::Window;
use serde::{Deserialize, Serialize};

/// While the network learns, sets some values to 0; how many, the run's settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropout;

impl Layer for Dropout {
    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }
}

impl Forward for Dropout {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, pass: &mut Pass) -> Activations {
        let Pass::Training { masks, .. } = pass else { return x };
        match x {
            Activations::Planes(x) => Activations::Planes(masks.apply(x)),
            Activations::Pixels(x) => Activations::Pixels(masks.apply(x)),
            Activations::Values(x) => Activations::Values(masks.apply(x)),
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
}
