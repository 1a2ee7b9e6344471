//! The maximum of each map.

use crate::{
    domain::arithmetic::Window,
    layers::{GlobalMaxPool, MaxPool},
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene, all_of, highest},
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
    },
    spec::Shape,
};

impl Forward for GlobalMaxPool {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        prepared: Option<&PreparedLayer>,
        pass: &mut Pass,
    ) -> Activations {
        let x = x.into_pixels();
        let [_, side, _, _] = x.dims();
        // One window covers the whole map.
        let maxima = MaxPool::tiles(side).forward(Activations::Pixels(x), parameters, prepared, pass);
        Activations::of_single_pixels(maxima.pixels())
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
