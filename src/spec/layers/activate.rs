//! An activation alone, such as behind a pool.

use super::Layer;
use crate::spec::shape::{Activation, Shape};
use serde::{Deserialize, Serialize};

/// An activation of every value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activate {
    /// Which.
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
