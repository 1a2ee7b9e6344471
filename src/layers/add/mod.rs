//! A residual connection (He et al., 2015): the input of a group of layers is added to the group's output.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::Layer;
use crate::spec::shape::{Order, Shape};
use serde::{Deserialize, Serialize};

/// The end of a group of layers: the group's input is added to the last layer's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    /// Number of layers in the group: those directly before this one.
    pub layers: usize,
}

impl Layer for Add {
    fn block(&self) -> &'static str {
        "add"
    }

    fn words(&self) -> Option<String> {
        Some(format!("residual connection around {} layers", self.layers))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(match input {
            Shape::Maps { channels, height, width, .. } => {
                Shape::Maps { channels, height, width, order: Order::Pixels }
            }
            Shape::Values { count, .. } => Shape::Values { count, plane: None },
        })
    }

    fn reaches_back(&self) -> Option<usize> {
        Some(self.layers)
    }
}

/// Checks that the input `entered` of a group can be added to its output `gives`.
///
/// # Errors
/// If the sizes differ, as a sentence that says what would work.
pub fn check(entered: Shape, gives: Shape) -> Result<(), String> {
    if entered.sizes() == gives.sizes() {
        return Ok(());
    }
    let words = |shape: Shape| shape.sizes().iter().map(usize::to_string).collect::<Vec<_>>().join("×");
    Err(format!(
        "{} enters the group and {} leaves it, and only equal sizes can be added: keep strides at 1 and pad with zeros in the \
         group, and let it end with {} outputs",
        words(entered),
        words(gives),
        entered.maps()[0]
    ))
}
