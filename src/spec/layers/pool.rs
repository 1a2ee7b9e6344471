//! Pools: one value for each window of each map, its maximum or its mean.

use super::Layer;
use crate::spec::{
    limits,
    shape::{Order, Padding, Shape},
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
    #[serde(default = "nothing")]
    pub padding: Padding,
}

/// The mean of each square window of each map; pixels beyond the image's border are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AveragePool {
    /// Side of a window, in pixels.
    pub side: usize,
    /// Distance from one window to the next, in pixels.
    pub stride: usize,
    /// Whether windows may reach beyond the image's border.
    #[serde(default = "nothing")]
    pub padding: Padding,
}

fn nothing() -> Padding {
    Padding::None
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

impl Layer for AveragePool {
    fn words(&self) -> Option<String> {
        Some(format!("average pool {0}×{0}", self.side))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        pooled(input, [self.side, self.stride], self.padding, Order::Pixels)
    }
}

/// The output shape: one value for each window.
fn pooled(input: Shape, [side, stride]: [usize; 2], padding: Padding, order: Order) -> Result<Shape, String> {
    let Shape::Maps { channels, height, width, .. } = input else {
        return Err("a pool takes maps, not values in a row; put it before they are flattened".into());
    };
    limits::check("the window's side", side, limits::WINDOW)?;
    limits::check("the stride", stride, limits::POOL_STRIDE)?;
    let [height, width] = [height, width].map(|len| padding.output_len(len, side, stride));
    Ok(Shape::Maps { channels, height: height?, width: width?, order })
}
