//! Average pools: the mean of each window of each map.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::{
    layers::{
        BlockPart, Layer,
        pools::{pooled, unpadded},
    },
    spec::shape::{Order, Padding, Shape},
};
use serde::{Deserialize, Serialize};

/// The mean of each square window of each map; pixels beyond the image's border are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AveragePool {
    /// Side of a window, in pixels.
    pub side: usize,
    /// Distance from one window to the next, in pixels.
    pub stride: usize,
    /// Whether windows may reach beyond the image's border.
    #[serde(default = "unpadded")]
    pub padding: Padding,
}

impl Layer for AveragePool {
    fn block(&self) -> &'static str {
        "pool"
    }

    fn block_part(&self) -> BlockPart {
        BlockPart::Between
    }

    fn words(&self) -> Option<String> {
        Some(format!("average pool {0}×{0}", self.side))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        pooled(input, [self.side, self.stride], self.padding, Order::Pixels)
    }
}
