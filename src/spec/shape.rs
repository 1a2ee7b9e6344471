//! The shapes of layers' inputs and outputs, padding and activations.

use serde::{Deserialize, Serialize};

/// Side of the image that a network sees, in pixels.
pub const IMAGE_SIDE: usize = 32;

/// Colour channels of an image.
const CHANNELS: usize = 3;

/// The shape of a layer's input or output, for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Feature maps.
    Maps {
        /// Number of maps.
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Their order in memory.
        order: Order,
    },
    /// A row of values.
    Values {
        /// Their number.
        count: usize,
        /// Rows and columns of the planes that were flattened to these values, if they were planes.
        plane: Option<[usize; 2]>,
    },
}

/// The order of an image's maps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One map after the other: `[n, c, h, w]`, as in images.
    Planes,
    /// The channels of a pixel side by side: `[n, h, w, c]`.
    Pixels,
}

impl Shape {
    /// The shape of a normalised image.
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

/// The position of one value in a layer's input or output, for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Index of the map, or of the value in a row.
    pub channel: usize,
    /// Row in the map.
    pub row: usize,
    /// Column in the map.
    pub column: usize,
}

impl Shape {
    /// Number of maps, rows and columns; a row of values counts as maps of one pixel.
    pub fn maps(self) -> [usize; 3] {
        match self {
            Self::Maps { channels, height, width, .. } => [channels, height, width],
            Self::Values { count, .. } => [count, 1, 1],
        }
    }

    /// The index in memory of the value at this position.
    pub fn offset(self, At { channel, row, column }: At) -> usize {
        let [channels, height, width] = self.maps();
        match self {
            Self::Maps { order: Order::Pixels, .. } => (row * width + column) * channels + channel,
            _ => (channel * height + row) * width + column,
        }
    }

    /// The position of the value with this index in memory.
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

/// Whether windows may reach beyond the image's border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// They may not: windows lie within the image.
    None,
    /// As TensorFlow's SAME: at stride 1 the output is as large as the input. An odd pixel of padding is added at the
    /// end.
    #[default]
    Same,
}

impl Padding {
    /// Padding before the first of `len` pixels along one side.
    pub fn before(self, len: usize, window: usize, stride: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Same => ((len.div_ceil(stride) - 1) * stride + window).saturating_sub(len) / 2,
        }
    }

    /// Length of the output along a side of `len` pixels.
    ///
    /// # Errors
    /// If the window is longer than the side, as a sentence.
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

/// The activation of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// Sets negative values to 0.
    Relu,
    /// Multiplies negative values by [`LEAKY_SLOPE`] (Maas, Hannun and Ng, 2013).
    LeakyRelu,
    /// Hyperbolic tangent.
    Tanh,
    /// Gaussian error linear unit, in its form with a hyperbolic tangent.
    Gelu,
}

/// The slope of leaky ReLU for negative values.
pub const LEAKY_SLOPE: f32 = 0.01;

impl Activation {
    /// All activations.
    pub const ALL: [Self; 5] = [Self::None, Self::Relu, Self::LeakyRelu, Self::Tanh, Self::Gelu];

    /// How many copies of a layer's output are kept in training. The layer computes the activations in `fused` together
    /// with its sums, and others in a pass of their own.
    pub fn passes_behind(self, fused: &[Self]) -> u64 {
        if fused.contains(&self) { 1 } else { 2 }
    }

    /// Its name; none for [`None`](Self::None).
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
