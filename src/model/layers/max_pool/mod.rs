//! Max pools, a folder for each shape that has kernels of its own.

mod explain;
pub mod tiles;
pub mod window_8x8;

use super::layer::{Forward, Layer, Pass, PreparedLayer};
use crate::model::{
    activations::Activations,
    parameter::Parameter,
    shape::{Order, Padding, Shape},
};
use serde::{Deserialize, Serialize};
use tiles::max_pool;
use window_8x8::{WINDOW, max_pool_same};

/// The maximum of each square window of each map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxPool {
    /// Side of a window, in pixels.
    pub side: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// What lies beyond the image's border: nothing, or what is lower than anything.
    pub padding: Padding,
}

impl MaxPool {
    /// Windows side by side.
    pub fn tiles(side: usize) -> Self {
        Self { side, stride: side, padding: Padding::None }
    }

    /// Whether there are kernels for this shape.
    ///
    /// Those of one shape are faster than general ones, which would stand last.
    fn has_kernels(self, order: Order) -> bool {
        match order {
            Order::Planes => self == Self { side: WINDOW, stride: 1, padding: Padding::Same },
            Order::Pixels => self == Self::tiles(self.side),
        }
    }
}

impl Layer for MaxPool {
    fn words(&self) -> Option<String> {
        Some(format!("max pool {0}×{0}", self.side))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let &Self { side, stride, padding } = self;
        let Shape::Maps { channels, height, width, order } = input else {
            return Err("a pool takes maps, not values in a row".into());
        };
        if side == 0 || stride == 0 {
            return Err("a pool's windows have at least one pixel, at steps of one".into());
        }
        if !self.has_kernels(order) {
            return Err("there are no kernels yet for a pool of this shape".into());
        }
        let [height, width] = [height, width].map(|len| padding.output_len(len, side, stride));
        Ok(Shape::Maps { channels, height: height?, width: width?, order })
    }
}

impl Forward for MaxPool {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        match x {
            Activations::Planes(x) => Activations::Planes(max_pool_same(x)),
            Activations::Pixels(x) => Activations::Pixels(max_pool(x, self.side)),
            Activations::Values(_) => panic!("a pool takes maps, as its shapes say"),
        }
    }
}
