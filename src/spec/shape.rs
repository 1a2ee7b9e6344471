//! The sizes of what layers take and give, and what they do at borders and with sums.

use serde::{Deserialize, Serialize};

/// Side of the square that a network sees, in pixels.
pub const IMAGE_SIDE: usize = 32;

/// Colour channels of an image.
const CHANNELS: usize = 3;

/// The sizes of what one layer hands to the next, for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Maps of features.
    Maps {
        /// Number of maps.
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// How they lie in memory.
        order: Order,
    },
    /// Values in a row.
    Values {
        /// Their number.
        count: usize,
        /// Rows and columns of the planes that they are, one after the other, if they are such.
        plane: Option<[usize; 2]>,
    },
}

/// How the maps of an image lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One map after the other: `[n, c, h, w]`, as images come.
    Planes,
    /// The channels of a pixel side by side: `[n, h, w, c]`.
    Pixels,
}

impl Shape {
    /// A normalised image.
    pub const IMAGE: Self =
        Self::Maps { channels: CHANNELS, height: IMAGE_SIDE, width: IMAGE_SIDE, order: Order::Planes };

    /// Number of values.
    pub fn count(self) -> usize {
        self.sizes().iter().product()
    }

    /// Channels, rows and columns; or one length.
    pub fn sizes(self) -> Vec<usize> {
        match self {
            Self::Maps { channels, height, width, .. } => vec![channels, height, width],
            Self::Values { count, .. } => vec![count],
        }
    }
}

/// Where one value is in what a layer takes or gives for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Which map, or which of the values in a row.
    pub channel: usize,
    /// Row in the map.
    pub row: usize,
    /// Column in the map.
    pub column: usize,
}

impl Shape {
    /// Maps, rows and columns; values in a row are maps of one pixel.
    pub fn maps(self) -> [usize; 3] {
        match self {
            Self::Maps { channels, height, width, .. } => [channels, height, width],
            Self::Values { count, .. } => [count, 1, 1],
        }
    }

    /// Where in memory the value is that lies at this place.
    pub fn offset(self, At { channel, row, column }: At) -> usize {
        let [channels, height, width] = self.maps();
        match self {
            Self::Maps { order: Order::Pixels, .. } => (row * width + column) * channels + channel,
            _ => (channel * height + row) * width + column,
        }
    }

    /// The place of the value that lies there in memory.
    pub fn at(self, offset: usize) -> At {
        let [channels, height, width] = self.maps();
        match self {
            Self::Maps { order: Order::Pixels, .. } => {
                let (pixel, channel) = (offset / channels, offset % channels);
                At { channel, row: pixel / width, column: pixel % width }
            }
            _ => At { channel: offset / (height * width), row: offset / width % height, column: offset % width },
        }
    }
}

/// Where a window reaches beyond the image's border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Nowhere: windows lie within the image.
    None,
    /// As TensorFlow's SAME: at stride 1 the output is as large as the input; an odd pixel is added at the end.
    #[default]
    Same,
}

impl Padding {
    /// Pixels that windows reach over before the first of `len` pixels along one side.
    pub fn before(self, len: usize, window: usize, stride: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Same => ((len.div_ceil(stride) - 1) * stride + window).saturating_sub(len) / 2,
        }
    }

    /// Length of the output along one side of `len` pixels.
    ///
    /// # Errors
    /// If the window is longer than the side, in a sentence.
    pub fn output_len(self, len: usize, window: usize, stride: usize) -> Result<usize, String> {
        match self {
            Self::Same => Ok(len.div_ceil(stride)),
            Self::None if window <= len => Ok((len - window) / stride + 1),
            Self::None => Err(format!(
                "a window of {window} pixels does not fit into {len}: take a smaller one, or pad with zeros"
            )),
        }
    }
}

/// What a layer does with its sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// Sets what is below 0 to 0.
    Relu,
    /// Divides what is below 0 by 100 (Maas, Hannun and Ng, 2013).
    LeakyRelu,
    /// Hyperbolic tangent.
    Tanh,
    /// Gaussian error linear unit, in the form with a hyperbolic tangent.
    Gelu,
}

/// What leaky ReLU multiplies what is below 0 with.
pub const LEAKY_SLOPE: f32 = 0.01;

impl Activation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::None, Self::Relu, Self::LeakyRelu, Self::Tanh, Self::Gelu];

    /// How often a layer's values are kept in training that computes `fused` activations with its sums, and others in a pass
    /// of their own.
    pub(super) fn passes_behind(self, fused: &[Self]) -> u64 {
        if fused.contains(&self) { 1 } else { 2 }
    }

    /// Its name, if it does anything.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Relu => Some("ReLU"),
            Self::LeakyRelu => Some("leaky ReLU"),
            Self::Tanh => Some("tanh"),
            Self::Gelu => Some("GELU"),
        }
    }
}
