//! An activation as a layer of its own, for example after a pool.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::{BlockPart, Layer};
use crate::spec::shape::{Activation, Shape};
use serde::{Deserialize, Serialize};

/// An activation, applied to every value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activate {
    /// The activation.
    pub activation: Activation,
}

impl Layer for Activate {
    fn block(&self) -> &'static str {
        "activation"
    }

    fn block_part(&self) -> BlockPart {
        BlockPart::Between
    }

    fn activation(&self) -> Activation {
        self.activation
    }

    fn words(&self) -> Option<String> {
        self.activation.words().map(str::to_owned)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }
}
