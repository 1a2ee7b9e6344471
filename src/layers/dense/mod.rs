//! A dense layer.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::Layer;
use crate::spec::{
    limits,
    parameter::{Initial, InitialWeights, Learning, ParameterSpec, RateGroup, Role},
    shape::{Activation, Shape},
};
use serde::{Deserialize, Serialize};

/// A dense layer: each unit computes a weighted sum of all inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// Number of units.
    pub outputs: usize,
    /// The activation of the sums.
    #[serde(default)]
    pub activation: Activation,
    /// The initial weights.
    #[serde(default)]
    pub initial: InitialWeights,
}

impl Layer for Dense {
    fn block(&self) -> &'static str {
        "hidden"
    }

    fn activation(&self) -> Activation {
        self.activation
    }

    fn words(&self) -> Option<String> {
        Some(["dense"].into_iter().chain(self.activation.words()).collect::<Vec<_>>().join(", "))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        if matches!(input, Shape::Maps { .. }) {
            return Err("a dense layer takes values in a row; flatten the maps first".into());
        }
        limits::check("the number of outputs", self.outputs, limits::UNITS)?;
        if self.initial == InitialWeights::Identity {
            return Err("only filters can begin as the identity".into());
        }
        Ok(Shape::Values { count: self.outputs, plane: None })
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let (inputs, outputs) = (input.count(), self.outputs);
        let learning = Learning::Trained(RateGroup::Dense);
        let (weight, bias) = (self.initial.of(inputs, outputs), Initial::Zeros);
        vec![
            ParameterSpec { role: Role::Weight, shape: vec![inputs, outputs], initial: weight, learning },
            ParameterSpec { role: Role::Bias, shape: vec![outputs], initial: bias, learning },
        ]
    }

    fn multiply_adds(&self, input: Shape, output: Shape) -> u64 {
        input.count() as u64 * output.count() as u64
    }

    fn passes(&self) -> u64 {
        self.activation.passes_behind(&[Activation::None, Activation::Relu])
    }
}
