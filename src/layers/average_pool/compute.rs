//! Average pools.

use crate::{
    domain::arithmetic::Window,
    layers::AveragePool,
    model::{
        activations::Activations,
        explain::{Explain, Explained, Scene, covered, mean, pixel},
        layer::{Forward, Pass, PreparedLayer},
        operations::windows::{Value, of_windows},
        parameter::Parameter,
    },
    spec::{Shape, shape::Padding},
};

impl Forward for AveragePool {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        Activations::Pixels(of_windows(x.into_pixels(), [self.side, self.stride], self.padding, Value::Mean))
    }
}

impl Explain for AveragePool {
    fn explain(&self, scene: &Scene) -> Explained {
        mean(scene, scene.at.channel, self.reach(scene.input, pixel(scene.at)))
    }

    fn reach(&self, input: Shape, window: Window) -> Window {
        let [_, height, width] = input.maps();
        let before = [height, width].map(|len| self.padding.before(len, self.side, self.stride));
        covered(window, self.side, self.stride, before)
    }

    fn is_local(&self, _: Shape) -> bool {
        self.padding == Padding::None
    }
}
