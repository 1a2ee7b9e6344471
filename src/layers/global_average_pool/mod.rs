//! Global average pools: the mean of each map.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::{
    layers::{Layer, pools::one_value_of_each},
    spec::shape::Shape,
};
use serde::{Deserialize, Serialize};

/// The mean of each map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalAveragePool;

impl Layer for GlobalAveragePool {
    fn block(&self) -> &'static str {
        "pool"
    }

    fn words(&self) -> Option<String> {
        Some("mean over all pixels".into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        one_value_of_each(input)
    }
}
