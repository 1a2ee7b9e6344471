//! Batch normalisation (Ioffe and Szegedy, 2015), with a learnt scale or without.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::{BlockPart, Layer};
use crate::spec::{
    Kind, Place,
    parameter::{Initial, Learning, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Shape},
};
use serde::{Deserialize, Serialize};

/// Added to a variance before taking its root, so that a channel that never varies does not become infinite.
pub const NORM_EPSILON: f32 = 1e-5;

/// Momentum of the running statistics: the share of the batch's statistics in each step.
pub const NORM_MOMENTUM: f32 = 0.1;

/// Subtracts each channel's mean, and divides by its standard deviation. Then multiplies by a learnt scale, if it has
/// one, and adds a learnt shift. Values in a row count as the channels of one pixel.
///
/// In training, mean and variance are those of the batch; otherwise the running statistics are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// The activation of the normalised values.
    #[serde(default)]
    pub activation: Activation,
    /// Whether a learnt scale for each channel multiplies the normalised values.
    #[serde(default)]
    pub scale: bool,
}

impl Layer for BatchNorm {
    fn block(&self) -> &'static str {
        "norm"
    }

    fn block_part(&self) -> BlockPart {
        BlockPart::Closes
    }

    fn activation(&self) -> Activation {
        self.activation
    }

    fn words(&self) -> Option<String> {
        Some(self.activation.words().unwrap_or("batch normalisation").into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Maps { channels, height, width, .. } => {
                Ok(Shape::Maps { channels, height, width, order: Order::Pixels })
            }
            Shape::Values { count, .. } => Ok(Shape::Values { count, plane: None }),
        }
    }

    fn can_follow(&self, before: &[Place]) -> Result<(), String> {
        // Flattened maps are the values of several pixels in a row. They have no channels any more.
        let last = before.iter().rev().map(|place| &place.layer.kind).find(|kind| {
            matches!(kind, Kind::Flatten(_) | Kind::Dense(_) | Kind::GlobalMaxPool(_) | Kind::GlobalAveragePool(_))
        });
        if let Some(Kind::Flatten(_)) = last {
            return Err(
                "a batch normalisation takes maps, or what a dense layer or a pool over all pixels gives; put it \
                        before the maps are flattened"
                    .into(),
            );
        }
        Ok(())
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let [channels, ..] = input.maps();
        let shift = ParameterSpec {
            role: Role::Shift,
            shape: vec![channels],
            initial: Initial::Zeros,
            learning: Learning::Trained(RateGroup::Shift),
        };
        let statistics = ParameterSpec {
            role: Role::Statistics,
            shape: vec![2, channels],
            initial: Initial::Statistics,
            learning: Learning::Statistics,
        };
        let scale = self.scale.then(|| ParameterSpec {
            role: Role::Scale,
            shape: vec![channels],
            initial: Initial::Ones,
            learning: Learning::Trained(RateGroup::Convolution),
        });
        [Some(shift), Some(statistics), scale].into_iter().flatten().collect()
    }

    fn passes(&self) -> u64 {
        if self.scale {
            // Normalised, scaled, shifted.
            return 3;
        }
        self.activation.passes_behind(&[Activation::None, Activation::Gelu])
    }
}
