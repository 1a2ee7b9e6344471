//! A convolution with square filters.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod line;

use crate::layers::{BlockPart, Layer};
use crate::spec::{
    limits,
    parameter::{Initial, InitialWeights, Learning, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Padding, Shape},
};
use serde::{Deserialize, Serialize};

/// The kernels for 3x3 filters need numbers of channels that are multiples of this.
const CHANNELS_AT_ONCE: usize = 8;

/// The most filters that the article's kernels support. Their WGSL text unrolls the filters.
const MOST_SPELLED_FILTERS: usize = 36;

/// A convolution with square filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convolution {
    /// Number of filters, which is the number of output maps.
    pub outputs: usize,
    /// Side of a filter, in pixels.
    pub kernel: usize,
    /// Distance from one window to the next, in pixels.
    #[serde(default = "one")]
    pub stride: usize,
    /// Zero padding at the image's border, or none.
    #[serde(default)]
    pub padding: Padding,
    /// Whether each filter has a bias.
    #[serde(default = "yes")]
    pub bias: bool,
    /// The activation of the sums.
    #[serde(default)]
    pub activation: Activation,
    /// The initial weights.
    #[serde(default)]
    pub initial: InitialWeights,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

/// The kernels that can compute a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvolutionKernels {
    /// For the article's 4x4 filters with ReLU: planes to planes.
    Conv4x4,
    /// For 3x3 filters: pixels to pixels.
    Conv3x3,
    /// For any shape; the output is in pixels.
    General,
}

impl Convolution {
    /// The kernels for this shape. Special kernels are faster than the general ones.
    pub fn kernels(&self, input: Shape) -> ConvolutionKernels {
        let Shape::Maps { channels, width, order, .. } = input else { return ConvolutionKernels::General };
        let whole = |count: usize| count > 0 && count.is_multiple_of(CHANNELS_AT_ONCE);
        let is_same = self.stride == 1 && self.padding == Padding::Same;
        match (order, self) {
            (Order::Planes, Self { kernel: 4, bias: true, activation: Activation::Relu, .. })
                if is_same
                    && channels == 3
                    && self.outputs <= MOST_SPELLED_FILTERS
                    && width.is_multiple_of(4)
                    && self.initial != InitialWeights::Identity =>
            {
                ConvolutionKernels::Conv4x4
            }
            (Order::Pixels, Self { kernel: 3, .. }) if is_same && whole(channels) && whole(self.outputs) => {
                ConvolutionKernels::Conv3x3
            }
            _ => ConvolutionKernels::General,
        }
    }
}

impl Layer for Convolution {
    fn block(&self) -> &'static str {
        "conv"
    }

    fn block_part(&self) -> BlockPart {
        BlockPart::Opens
    }

    fn activation(&self) -> Activation {
        self.activation
    }

    fn words(&self) -> Option<String> {
        let mut words = format!("convolution {0}×{0}", self.kernel);
        if self.stride > 1 {
            words += &format!(", stride {}", self.stride);
        }
        if let Some(activation) = self.activation.words() {
            words += &format!(", {activation}");
        }
        Some(words)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let &Self { outputs, kernel, stride, padding, .. } = self;
        let Shape::Maps { height, width, .. } = input else {
            return Err("a convolution takes maps, not values in a row; put it before they are flattened".into());
        };
        limits::check("the number of outputs", outputs, limits::FILTERS)?;
        limits::check("the kernel's side", kernel, limits::KERNEL)?;
        limits::check("the stride", stride, limits::STRIDE)?;
        let [height, width] = [height, width].map(|len| padding.output_len(len, kernel, stride));
        Ok(Shape::Maps { channels: outputs, height: height?, width: width?, order: self.filter_order(input) })
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let &Self { outputs, kernel, bias, initial, .. } = self;
        let Shape::Maps { channels, .. } = input else { return Vec::new() };
        let shape = match self.filter_order(input) {
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

    fn filter_order(&self, input: Shape) -> Order {
        match self.kernels(input) {
            ConvolutionKernels::Conv4x4 => Order::Planes,
            ConvolutionKernels::Conv3x3 | ConvolutionKernels::General => Order::Pixels,
        }
    }

    fn multiply_adds(&self, input: Shape, output: Shape) -> u64 {
        let Shape::Maps { channels, .. } = input else { return 0 };
        output.count() as u64 * (channels * self.kernel * self.kernel) as u64
    }

    fn passes(&self) -> u64 {
        1 + u64::from(self.bias || self.activation != Activation::None)
    }
}
