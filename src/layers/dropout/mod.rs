//! Dropout (Srivastava et al., 2014).

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::{BlockPart, Layer};
use crate::spec::shape::Shape;
use serde::{Deserialize, Serialize};

/// The highest dropout rate, in percent.
pub const MOST_PERCENT: u8 = 95;

/// In training, sets a random share of the values to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The dropout rate in percent; none for the rate in the run's settings.
    #[serde(default)]
    pub percent: Option<u8>,
}

impl Dropout {
    /// Its own dropout rate in `0.0..1.0`, if it has one.
    pub fn rate(self) -> Option<f32> {
        self.percent.map(|percent| f32::from(percent) / 100.0)
    }
}

impl Layer for Dropout {
    fn block(&self) -> &'static str {
        "dropout"
    }

    fn block_part(&self) -> BlockPart {
        BlockPart::Between
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match self.percent {
            Some(percent) if percent > MOST_PERCENT => {
                Err(format!("dropout cuts 0 to {MOST_PERCENT} of a hundred values, not {percent}"))
            }
            _ => Ok(input),
        }
    }
}
