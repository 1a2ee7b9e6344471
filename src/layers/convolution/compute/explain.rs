//! A convolution's value: a window times a filter.

use crate::{
    domain::arithmetic::{Filtered, Step, Window},
    layers::convolution::{Convolution, ConvolutionKernels},
    model::explain::{Explain, Explained, Scene, covered, pixel, places},
    spec::{Shape, shape::Padding},
};

impl Explain for Convolution {
    fn explain(&self, scene: &Scene) -> Explained {
        let [channels, ..] = scene.input.maps();
        let (window, output) = (self.reach(scene.input, pixel(scene.at)), scene.at.channel);
        let kernels = self.kernels(scene.input);
        let area = self.kernel * self.kernel;
        let weight = |channel: usize, place: usize| match kernels {
            ConvolutionKernels::Conv4x4 => scene.parameters[0][(output * channels + channel) * area + place],
            ConvolutionKernels::Conv3x3 | ConvolutionKernels::General => {
                scene.parameters[0][(place * channels + channel) * self.outputs + output]
            }
        };
        let inputs = (0..channels).flat_map(|channel| places(window).map(move |place| (channel, place)));
        let filtered = Filtered {
            channels: channels as u32,
            window,
            inputs: inputs.map(|(channel, (row, column))| scene.input_at(channel, row, column)).collect(),
            weights: (0..channels * area).map(|at| weight(at / area, at % area)).collect(),
            bias: scene.parameters.get(1).map_or(0.0, |bias| bias[output]),
            activation: self.activation.words().map(str::to_owned),
            output: scene.value,
        };
        Explained { step: Some(Step::Filtered(filtered)), from: None }
    }

    fn reach(&self, input: Shape, window: Window) -> Window {
        let [_, height, width] = input.maps();
        let before = [height, width].map(|len| self.padding.before(len, self.kernel, self.stride));
        covered(window, self.kernel, self.stride, before)
    }

    fn is_local(&self, input: Shape) -> bool {
        let fits = self.stride == 1 || self.padding == Padding::None;
        fits && self.kernels(input) != ConvolutionKernels::Conv4x4
    }
}
