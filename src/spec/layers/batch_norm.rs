//! Batch normalisation (Ioffe and Szegedy, 2015) without a scale of its own.

use super::Layer;
use crate::spec::{
    parameter::{Initial, Learning, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Shape},
};
use serde::{Deserialize, Serialize};

/// What is added to a variance before its root is taken, so that a channel that never varies has no infinite values.
pub const NORM_EPSILON: f32 = 1e-5;

/// Share of a batch's statistics in the running ones after each step.
pub const NORM_MOMENTUM: f32 = 0.1;

/// Each channel less its mean, divided by its standard deviation, plus a number of its own.
///
/// While it learns, mean and variance are the batch's; otherwise they are running means of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// What is done with the normalised values.
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
