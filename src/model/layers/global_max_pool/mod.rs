//! The maximum of each map over all of its pixels.

use super::{
    explain::{Explain, Explained, Scene, all_of, highest},
    layer::{Forward, Layer, Pass, PreparedLayer},
    max_pool::tiles::max_pool,
};
use crate::model::{
    activations::Activations,
    parameter::Parameter,
    shape::{Order, Shape},
    tensors::reshape,
};
use crate::protocol::inspect::Window;
use serde::{Deserialize, Serialize};

/// The maximum of each map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalMaxPool;

impl Layer for GlobalMaxPool {
    fn words(&self) -> Option<String> {
        Some("maximum over all pixels".into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Maps { channels, height, width, order: Order::Pixels } if height == width => {
                Ok(Shape::Values { count: channels, plane: None })
            }
            Shape::Maps { .. } => Err("there are no kernels yet for the maximum of maps of this shape".into()),
            Shape::Values { .. } => Err("the maximum is taken of maps, not of values in a row".into()),
        }
    }
}

impl Forward for GlobalMaxPool {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        let x = x.pixels();
        let [_, side, _, _] = x.dims();
        // [n, side, side, c] -> [n, 1, 1, c] -> [n, c]
        let x = max_pool(x, side);
        let [images, _, _, channels] = x.dims();
        Activations::Values(reshape(x, [images, channels]))
    }
}

impl Explain for GlobalMaxPool {
    fn explain(&self, scene: &Scene) -> Explained {
        highest(scene, scene.at.channel, all_of(scene.input))
    }

    fn reach(&self, input: Shape, _: Window) -> Window {
        all_of(input)
    }
}
