//! A normalised value: minus a mean, divided by a standard deviation, scaled and shifted, then the activation.

use super::{BatchNorm, NORM_EPSILON};
use crate::{
    domain::arithmetic::{Step, Window},
    model::explain::{Explain, Explained, Scene},
    spec::shape::Shape,
};

impl Explain for BatchNorm {
    fn explain(&self, scene: &Scene) -> Explained {
        let channel = scene.at.channel;
        let (shift, statistics) = (&scene.parameters[0], &scene.parameters[1]);
        let step = Step::Normalised {
            input: scene.x[scene.input.offset(scene.at)],
            mean: statistics[channel],
            deviation: (statistics[shift.len() + channel] + NORM_EPSILON).sqrt(),
            scale: self.scale.then(|| scene.parameters[2][channel]),
            shift: shift[channel],
            activation: self.activation.words().map(str::to_owned),
            output: scene.value,
        };
        Explained { step: Some(step), from: Some(scene.at) }
    }

    fn reach(&self, _: Shape, window: Window) -> Window {
        window
    }

    fn is_local(&self, _: Shape) -> bool {
        true
    }
}
