//! A whitened value: a patch times a filter, a shift, and GELU.

use super::{FILTERS, PATCH, Whitening};
use crate::{
    domain::arithmetic::{Filtered, Step, Window},
    model::explain::{Explain, Explained, Scene, covered, pixel, places},
    spec::shape::{Activation, Shape},
};

impl Explain for Whitening {
    fn explain(&self, scene: &Scene) -> Explained {
        let [channels, ..] = scene.input.maps();
        let (window, output) = (self.reach(scene.input, pixel(scene.at)), scene.at.channel);
        let area = PATCH * PATCH;
        let inputs = (0..channels).flat_map(|channel| places(window).map(move |place| (channel, place)));
        let weight =
            |channel: usize, place: usize| scene.parameters[0][(place * channels + channel) * FILTERS + output];
        let filtered = Filtered {
            channels: channels as u32,
            window,
            inputs: inputs.map(|(channel, (row, column))| scene.input_at(channel, row, column)).collect(),
            weights: (0..channels * area).map(|at| weight(at / area, at % area)).collect(),
            bias: scene.parameters[1][output],
            activation: Activation::Gelu.words().map(str::to_owned),
            output: scene.value,
        };
        Explained { step: Some(Step::Filtered(filtered)), from: None }
    }

    fn reach(&self, _: Shape, window: Window) -> Window {
        covered(window, PATCH, 1, [0, 0])
    }

    fn is_local(&self, _: Shape) -> bool {
        true
    }
}
