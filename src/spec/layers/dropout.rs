//! Dropout (Srivastava et al., 2014).

use super::Layer;
use crate::spec::shape::Shape;
use serde::{Deserialize, Serialize};

/// Most values of a hundred that dropout sets to 0.
pub const MOST_PERCENT: u8 = 95;

/// While the network learns, sets some values to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// How many of a hundred; where it is not said, the run's settings say.
    #[serde(default)]
    pub percent: Option<u8>,
}

impl Dropout {
    /// The share that it drops, in `0.0..1.0`, if it is its own.
    pub fn rate(self) -> Option<f32> {
        self.percent.map(|percent| f32::from(percent) / 100.0)
    }
}

impl Layer for Dropout {
    fn output(&self, input: Shape) -> Result<Shape, String> {
        match self.percent {
            Some(percent) if percent > MOST_PERCENT => {
                Err(format!("dropout cuts 0 to {MOST_PERCENT} of a hundred values, not {percent}"))
            }
            _ => Ok(input),
        }
    }
}
