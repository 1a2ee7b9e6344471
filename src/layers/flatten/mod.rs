//! Maps as values in a row, for dense layers.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::Layer;
use crate::spec::shape::{Order, Shape};
use serde::{Deserialize, Serialize};

/// All maps of an image as one row of values, in their order in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flatten;

impl Layer for Flatten {
    fn block(&self) -> &'static str {
        "flatten"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { height, width, order, .. } = input else {
            return Err("values in a row are flat already; remove it".into());
        };
        let plane = (order == Order::Planes).then_some([height, width]);
        Ok(Shape::Values { count: input.count(), plane })
    }

    fn passes(&self) -> u64 {
        0
    }
}
