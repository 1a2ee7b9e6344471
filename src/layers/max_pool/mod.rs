//! Max pools: the maximum of each window of each map.

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

/// Side of the article's wide window, in pixels.
pub const WIDE_WINDOW: usize = 8;

/// Number of channels that the WebGPU kernels for adjacent windows take at a time.
const CHANNELS_AT_ONCE: usize = 4;

/// The maximum of each square window of each map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxPool {
    /// Side of a window, in pixels.
    pub side: usize,
    /// Distance from one window to the next, in pixels.
    pub stride: usize,
    /// Padding at the image's border: none, or values that are lower than any other.
    #[serde(default = "unpadded")]
    pub padding: Padding,
}

/// The kernels that can compute a max pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxPoolKernels {
    /// For the article's wide window: planes to planes.
    Wide,
    /// For adjacent windows: pixels to pixels.
    Tiles,
    /// For any shape; the output is in pixels.
    General,
}

impl MaxPool {
    /// A pool with adjacent windows.
    pub fn tiles(side: usize) -> Self {
        Self { side, stride: side, padding: Padding::None }
    }

    /// The kernels for this shape. Special kernels are faster than the general ones.
    pub fn kernels(self, input: Shape) -> MaxPoolKernels {
        let Shape::Maps { channels, order, .. } = input else { return MaxPoolKernels::General };
        match order {
            Order::Planes if self == (Self { side: WIDE_WINDOW, stride: 1, padding: Padding::Same }) => {
                MaxPoolKernels::Wide
            }
            Order::Pixels if self == Self::tiles(self.side) && channels.is_multiple_of(CHANNELS_AT_ONCE) => {
                MaxPoolKernels::Tiles
            }
            _ => MaxPoolKernels::General,
        }
    }
}

impl Layer for MaxPool {
    fn block(&self) -> &'static str {
        "pool"
    }

    fn block_part(&self) -> BlockPart {
        BlockPart::Between
    }

    fn words(&self) -> Option<String> {
        Some(format!("max pool {0}×{0}", self.side))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let order = match self.kernels(input) {
            MaxPoolKernels::Wide => Order::Planes,
            MaxPoolKernels::Tiles | MaxPoolKernels::General => Order::Pixels,
        };
        pooled(input, [self.side, self.stride], self.padding, order)
    }
}
