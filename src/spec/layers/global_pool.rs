//! Global pools: one value for each map, its maximum or its mean.

use super::Layer;
use crate::spec::shape::Shape;
use serde::{Deserialize, Serialize};

/// The maximum of each map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalMaxPool;

/// The mean of each map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalAveragePool;

impl Layer for GlobalMaxPool {
    fn words(&self) -> Option<String> {
        Some("maximum over all pixels".into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        one_value_of_each(input)
    }
}

impl Layer for GlobalAveragePool {
    fn words(&self) -> Option<String> {
        Some("mean over all pixels".into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        one_value_of_each(input)
    }
}

/// The output shape: one value for each map.
fn one_value_of_each(input: Shape) -> Result<Shape, String> {
    match input {
        Shape::Maps { channels, .. } => Ok(Shape::Values { count: channels, plane: None }),
        Shape::Values { .. } => {
            Err("a pool over all pixels takes maps, not values in a row; put it before they are flattened".into())
        }
    }
}
