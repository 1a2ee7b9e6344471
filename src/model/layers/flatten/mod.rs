//! Maps as values in a row, for dense layers.

use super::{
    explain::{Explain, Explained, Scene, all_of},
    layer::{Forward, Layer, Pass, PreparedLayer},
};
use crate::model::{
    activations::Activations,
    parameter::Parameter,
    shape::{Order, Shape},
    tensors::reshape,
};
use crate::protocol::inspect::Window;
use serde::{Deserialize, Serialize};

/// All maps of an image as values in a row, in the order in which they lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flatten;

impl Layer for Flatten {
    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { height, width, order, .. } = input else {
            return Err("values in a row are flat already".into());
        };
        let plane = (order == Order::Planes).then_some([height, width]);
        Ok(Shape::Values { count: input.count(), plane })
    }
}

impl Forward for Flatten {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        match x {
            Activations::Planes(x) | Activations::Pixels(x) => {
                let [images, a, b, c] = x.dims();
                Activations::Values(reshape(x, [images, a * b * c]))
            }
            Activations::Values(_) => panic!("maps are flattened, as the layer's shapes say"),
        }
    }
}

impl Explain for Flatten {
    fn explain(&self, scene: &Scene) -> Explained {
        Explained { step: None, from: Some(scene.input.at(scene.at.channel)) }
    }

    fn reach(&self, input: Shape, _: Window) -> Window {
        all_of(input)
    }
}
