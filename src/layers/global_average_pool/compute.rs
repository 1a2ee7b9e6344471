//! The mean of each map.

use crate::{
    domain::arithmetic::Window,
    layers::GlobalAveragePool,
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene, all_of, mean},
        layer::{Forward, Pass, PreparedLayer},
        operations::windows::{Value, of_windows},
        parameter::Parameter,
    },
    spec::{Shape, shape::Padding},
};

impl Forward for GlobalAveragePool {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        let x = x.into_pixels();
        let [_, side, _, _] = x.dims();
        Activations::of_single_pixels(of_windows(x, [side; 2], Padding::None, Value::Mean))
    }
}

impl Explain for GlobalAveragePool {
    fn explain(&self, scene: &Scene) -> Explained {
        mean(scene, scene.at.channel, all_of(scene.input))
    }

    fn reach(&self, input: Shape, _: Window) -> Window {
        all_of(input)
    }
}
