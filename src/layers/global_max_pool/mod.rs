//! Global max pools: the maximum of each map.

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

/// The maximum of each map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalMaxPool;

impl Layer for GlobalMaxPool {
    fn block(&self) -> &'static str {
        "pool"
    }

    fn words(&self) -> Option<String> {
        Some("maximum over all pixels".into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        one_value_of_each(input)
    }
}
