//! Batch normalisation (Ioffe and Szegedy, 2015), without a scale parameter.

use super::Layer;
use crate::spec::{
    parameter::{Initial, Learning, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Shape},
};
use serde::{Deserialize, Serialize};

/// Added to a variance before taking its root, so that a channel that never varies does not become infinite.
pub const NORM_EPSILON: f32 = 1e-5;

/// Momentum of the running statistics: the share of the batch's statistics in each step.
pub const NORM_MOMENTUM: f32 = 0.1;

/// Each channel less its mean, divided by its standard deviation, plus a shift.
///
/// In training, mean and variance are those of the batch; otherwise the running statistics are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// The activation of the normalised values.
    #[serde(default)]
    pub activation: Activation,
}

impl Layer for BatchNorm {
    fn words(&self) -> Option<String> {
        Some(self.activation.words().unwrap_or("batch normalisation").into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Maps { channels, height, width, .. } => {
                Ok(Shape::Maps { channels, height, width, order: Order::Pixels })
            }
            Shape::Values { .. } => {
                Err("a batch normalisation takes maps, not values in a row; put it before they are flattened".into())
            }
        }
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let Shape::Maps { channels, .. } = input else { return Vec::new() };
        vec![
            ParameterSpec {
                role: Role::Shift,
                shape: vec![channels],
                initial: Initial::Zeros,
                learning: Learning::Trained(RateGroup::Shift),
            },
            ParameterSpec {
                role: Role::Statistics,
                shape: vec![2, channels],
                initial: Initial::Statistics,
                learning: Learning::Statistics,
            },
        ]
    }

    fn passes(&self) -> u64 {
        self.activation.passes_behind(&[Activation::None, Activation::Gelu])
    }
}
