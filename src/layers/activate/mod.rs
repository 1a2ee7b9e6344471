//! An activation as a layer of its own, for example after a pool.

#[cfg(feature = "engine")]
pub mod compute;

use crate::layers::Layer;
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
    fn words(&self) -> Option<String> {
        self.activation.words().map(str::to_owned)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }
}
