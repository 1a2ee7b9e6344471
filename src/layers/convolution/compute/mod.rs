//! Convolutions: a folder for each shape that has kernels of its own, and `general` for all others.

pub mod conv3x3;
pub mod conv4x4;
mod explain;
pub mod general;

use crate::{
    layers::{
        activate::compute::{activated, biased},
        convolution::{Convolution, ConvolutionKernels},
    },
    model::{
        activations::Activations,
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
    },
    spec::{Shape, shape::Activation},
};
use conv3x3::{conv3x3, transformed::TransformedConv3x3};
use conv4x4::same_relu;
use general::convolve;
use std::sync::Arc;

impl Forward for Convolution {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        prepared: Option<&PreparedLayer>,
        _: &mut Pass,
    ) -> Activations {
        let (weight, bias) = (parameters[0].filters(), parameters.get(1).map(Parameter::vector));
        let sums = match (self.kernels(x.shape()), bias.clone()) {
            (ConvolutionKernels::Conv4x4, Some(bias)) => {
                return Activations::Planes(same_relu(x.planes(), weight, bias));
            }
            (ConvolutionKernels::Conv3x3, _) => {
                match prepared.and_then(|prepared| prepared.downcast_ref::<TransformedConv3x3>()) {
                    Some(transformed) => transformed.forward(x.pixels()),
                    None => conv3x3(x.pixels(), weight),
                }
            }
            _ => convolve(x.into_pixels(), weight, self.stride, self.padding),
        };
        Activations::Pixels(match (bias, self.activation) {
            (Some(bias), activation) => biased(sums, bias, activation),
            (None, Activation::None) => sums,
            (None, activation) => activated(sums, activation),
        })
    }

    fn prepare(&self, input: Shape, parameters: &[Parameter], _: usize) -> Option<PreparedLayer> {
        if self.kernels(input) != ConvolutionKernels::Conv3x3 {
            return None;
        }
        let transformed = TransformedConv3x3::new(parameters[0].filters())?;
        Some(Arc::new(transformed))
    }
}
