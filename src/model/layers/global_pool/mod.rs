//! One value per map: its maximum or its mean.

use super::{
    explain::{Explain, Explained, Scene, all_of, highest, mean},
    layer::{Forward, Pass, PreparedLayer},
    windows::{Value, of_windows},
};
use crate::{
    domain::arithmetic::Window,
    model::{activations::Activations, parameter::Parameter, tensors::reshape},
    spec::{
        Shape,
        layers::{GlobalAveragePool, GlobalMaxPool, MaxPool},
        shape::Padding,
    },
};
use burn::Tensor;

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
        flat(maxima.pixels())
    }
}

impl Forward for GlobalAveragePool {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        let x = x.into_pixels();
        let [_, side, _, _] = x.dims();
        flat(of_windows(x, [side; 2], Padding::None, Value::Mean))
    }
}

/// `[n, 1, 1, c]` -> `[n, c]`.
fn flat(x: Tensor<4>) -> Activations {
    let [images, _, _, channels] = x.dims();
    Activations::Values(reshape(x, [images, channels]))
}

impl Explain for GlobalMaxPool {
    fn explain(&self, scene: &Scene) -> Explained {
        highest(scene, scene.at.channel, all_of(scene.input))
    }

    fn reach(&self, input: Shape, _: Window) -> Window {
        all_of(input)
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
