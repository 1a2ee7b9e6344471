//! Convolutions, a folder for each shape that has kernels of its own.

pub mod conv3x3;
pub mod conv4x4;
mod explain;

use super::layer::{Forward, Layer, Pass, PreparedLayer};
use crate::model::{
    activations::Activations,
    parameter::{Initial, InitialWeights, Learning, Parameter, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Padding, Shape},
};
use conv3x3::{conv3x3, transformed::TransformedConv3x3};
use conv4x4::same_relu;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Channels of [`conv3x3`] are multiples of this.
const CHANNELS_AT_ONCE: usize = 8;

/// A convolution with square filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Convolution {
    /// Number of filters, and so of the maps that it gives.
    pub outputs: usize,
    /// Side of a filter, in pixels.
    pub kernel: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// What lies beyond the image's border: nothing, or zeros.
    pub padding: Padding,
    /// Whether a number of each filter's own is added to its sums.
    pub bias: bool,
    /// What is done with the sums.
    pub activation: Activation,
    /// How the weights begin.
    pub initial: InitialWeights,
}

/// The kernels of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernels {
    /// Those of [`conv4x4`].
    Conv4x4,
    /// Those of [`conv3x3`].
    Conv3x3,
}

impl Convolution {
    /// The kernels for this shape, if there are any.
    ///
    /// Those of one shape are faster than general ones, which would stand last.
    fn kernels(&self, input: Shape) -> Option<Kernels> {
        let Shape::Maps { channels, order, .. } = input else { return None };
        let whole = |count: usize| count > 0 && count.is_multiple_of(CHANNELS_AT_ONCE);
        match (order, self) {
            (
                Order::Planes,
                Self { kernel: 4, stride: 1, padding: Padding::Same, bias: true, activation: Activation::Relu, .. },
            ) => Some(Kernels::Conv4x4),
            (
                Order::Pixels,
                Self {
                    kernel: 3, stride: 1, padding: Padding::Same, bias: false, activation: Activation::None, ..
                },
            ) if whole(channels) && whole(self.outputs) => Some(Kernels::Conv3x3),
            _ => None,
        }
    }
}

impl Layer for Convolution {
    fn words(&self) -> Option<String> {
        let convolution = format!("convolution {0}×{0}", self.kernel);
        Some([Some(convolution.as_str()), self.activation.words()].into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let &Self { outputs, kernel, stride, padding, initial, .. } = self;
        let Shape::Maps { height, width, order, .. } = input else {
            return Err("a convolution takes maps, not values in a row".into());
        };
        if outputs == 0 || kernel == 0 || stride == 0 {
            return Err("a convolution has at least one filter, of one pixel, at steps of one".into());
        }
        if order == Order::Planes && initial == InitialWeights::Identity {
            return Err("only filters of maps whose channels lie side by side begin by handing their inputs on".into());
        }
        if self.kernels(input).is_none() {
            return Err("there are no kernels yet for a convolution of this shape".into());
        }
        let [height, width] = [height, width].map(|len| padding.output_len(len, kernel, stride));
        Ok(Shape::Maps { channels: outputs, height: height?, width: width?, order })
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let &Self { outputs, kernel, bias, initial, .. } = self;
        let Shape::Maps { channels, order, .. } = input else { return Vec::new() };
        let shape = match order {
            Order::Planes => [outputs, channels, kernel, kernel],
            Order::Pixels => [kernel, kernel, channels, outputs],
        };
        let area = kernel * kernel;
        let learning = Learning::Trained(RateGroup::Convolution);
        let weight = ParameterSpec {
            role: Role::Weight,
            shape: shape.into(),
            initial: initial.of(channels * area, outputs * area),
            learning,
        };
        let bias =
            bias.then(|| ParameterSpec { role: Role::Bias, shape: vec![outputs], initial: Initial::Zeros, learning });
        [Some(weight), bias].into_iter().flatten().collect()
    }

    fn multiply_adds(&self, input: Shape, output: Shape) -> usize {
        let Shape::Maps { channels, .. } = input else { return 0 };
        output.count() * channels * self.kernel * self.kernel
    }
}

impl Forward for Convolution {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        prepared: Option<&PreparedLayer>,
        _: &mut Pass,
    ) -> Activations {
        match (x, parameters) {
            (Activations::Planes(x), [weight, bias]) => {
                Activations::Planes(same_relu(x, weight.filters(), bias.vector()))
            }
            (Activations::Pixels(x), [weight]) => {
                Activations::Pixels(match prepared.and_then(|prepared| prepared.downcast_ref::<TransformedConv3x3>()) {
                    Some(transformed) => transformed.forward(x),
                    None => conv3x3(x, weight.filters()),
                })
            }
            _ => panic!("the layer's shapes say what it takes, and that there are kernels for it"),
        }
    }

    fn prepare(&self, input: Shape, parameters: &[Parameter], _: usize) -> Option<PreparedLayer> {
        if self.kernels(input)? != Kernels::Conv3x3 {
            return None;
        }
        let transformed = TransformedConv3x3::new(parameters[0].filters())?;
        Some(Arc::new(transformed))
    }
}
