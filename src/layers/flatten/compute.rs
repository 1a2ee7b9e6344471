//! Maps as values in a row, for dense layers.

use crate::{
    domain::arithmetic::Window,
    layers::Flatten,
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene, all_of},
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
        tensors::reshape,
    },
    spec::Shape,
};

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
