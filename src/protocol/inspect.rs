//! The messages about the inside of the network that answers: what its layers make of a picture, and why it gives its
//! answer.
//!
//! The page asks one [`Question`] after the other, and the worker keeps nothing between two of them, except the
//! [gathered](View::Gather) images. So a closed pane leaves no work behind. Long work, such as
//! [occlusion](occlusion_order), is asked for in parts.

use super::{DataImage, PictureId};
use crate::domain::{
    CLASS_COUNT, IMAGE_SIDE, Split,
    arithmetic::{Arithmetic, Unit, Window},
    order::{order, sorted},
};
use serde::{Deserialize, Serialize};

/// Side of the grey square that hides a part of the picture, in pixels.
pub const SQUARE: usize = 4;
/// Distance from one square to the next, in pixels.
pub const SQUARE_STRIDE: usize = 2;
/// Number of squares along each side.
pub const SQUARES: usize = (IMAGE_SIDE - SQUARE) / SQUARE_STRIDE + 1;
/// The value of red, green and blue in the square.
pub const GREY: u8 = 128;

/// The most test images in the [plane](View::Plane): the first ones.
pub const PLANE_IMAGES: usize = 1_000;
/// Number of nearest training images to show.
pub const NEAREST: usize = 12;
/// Number of test images to show that excite a map most.
pub const PATCHES: usize = 9;

/// A question about the network that answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The answer repeats this number.
    pub ticket: u32,
    /// The picture as the network sees it: 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub pixels: Vec<u8>,
    /// What to compute.
    pub view: View,
}

/// What can be asked about a network and a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// Only the answer.
    Answer,
    /// The output of each layer.
    Layers,
    /// The filters of the first layer.
    Filters,
    /// How one unit's value is computed.
    Unit(Unit),
    /// The logits with parts of the picture hidden: `count` parts of [`occlusion_order`], starting with `first`.
    Occlusion {
        /// Index of the first part.
        first: u32,
        /// Number of parts.
        count: u32,
    },
    /// Each pixel's normalised value times the gradient of a class's logit.
    Gradient {
        /// The class.
        class: u8,
    },
    /// Run `count` more images of the data set through the network. Then they can be compared with the picture in the
    /// last hidden layer.
    Gather {
        /// The first [`PLANE_IMAGES`] test images, or all training images.
        split: Split,
        /// Number of images.
        count: u32,
        /// The page's number for the weights. Results gathered with other weights are dropped.
        weights: u32,
    },
    /// Where the gathered test images, the picture and the visitor's other pictures lie in the plane of the first two
    /// principal components.
    Plane,
    /// The parts of the gathered test images that excite a map most.
    Patches {
        /// Index of the layer, among those of [`View::Layers`].
        layer: u32,
        /// Index of the map, or of the value in a layer without maps.
        channel: u32,
    },
    /// The gathered training images that are nearest to the picture.
    Nearest,
    /// One test image.
    Image {
        /// Its index.
        index: u32,
    },
    /// Each place of the last maps: the activations times the gradient of a class's logit.
    ClassActivation {
        /// The class.
        class: u8,
    },
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspected {
    /// The question's number.
    pub ticket: u32,
    /// The question's view.
    pub view: View,
    /// Computing time, in milliseconds.
    pub milliseconds: f32,
    /// The result.
    pub found: Found,
}

/// The result of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Found {
    /// To [`View::Answer`].
    Answer(Outputs),
    /// To [`View::Layers`].
    Layers {
        /// The output of each layer, beginning with the picture.
        layers: Vec<Maps>,
        /// The network's answer.
        outputs: Outputs,
    },
    /// To [`View::Filters`]. Each filter is a map with its red, green and blue parts below each other.
    Filters(Maps),
    /// To [`View::Unit`].
    Unit(Arithmetic),
    /// To [`View::Occlusion`]: the logits for each hidden part.
    Occlusion(Vec<[f32; CLASS_COUNT]>),
    /// To [`View::Gradient`] and [`View::ClassActivation`].
    Heat(Heat),
    /// To [`View::Gather`].
    Gathered {
        /// Number of images that have run through the network.
        done: u32,
        /// Number of images to run in all.
        total: u32,
    },
    /// To [`View::Plane`].
    Plane(Plane),
    /// To [`View::Patches`]: the most exciting first.
    Patches(Vec<Patch>),
    /// To [`View::Nearest`]: the nearest first.
    Nearest(Vec<Near>),
    /// To [`View::Image`].
    Image(DataImage),
    /// No result; a sentence says why.
    Nothing(String),
}

/// A network's answer to a picture, with the steps from logits to probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// The last layer's values, one for each class.
    pub logits: [f32; CLASS_COUNT],
    /// Logits are divided by this before the softmax; 1 if it was not measured.
    pub temperature: f32,
    /// Softmax of the divided logits.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
}

/// Maps of one layer, with 8 bits a value and a scale for each map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maps {
    /// The layer in words: "Convolution 4×4, ReLU".
    pub name: String,
    /// Number of maps.
    pub channels: u32,
    /// Rows of a map; 1 for a layer without maps.
    pub height: u32,
    /// Columns of a map; 1 for a layer without maps.
    pub width: u32,
    /// The largest magnitude in each map.
    pub limits: Vec<f32>,
    /// Each value in 127ths of its map's limit: map by map, row by row.
    pub values: Vec<i8>,
}

impl Maps {
    /// Maps of shape `[channels, height, width]`. `value` gives the value at a channel, a row and a column.
    pub fn of(name: String, [channels, height, width]: [usize; 3], value: impl Fn(usize, usize, usize) -> f32) -> Self {
        let (mut limits, mut values) = (Vec::with_capacity(channels), Vec::with_capacity(channels * height * width));
        for channel in 0..channels {
            let places = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
            let map: Vec<f32> = places.map(|(row, column)| value(channel, row, column)).collect();
            let limit = map.iter().fold(0.0_f32, |limit, value| limit.max(value.abs()));
            // A map of zeros has no scale, and NaN becomes 0.
            let scale = if limit > 0.0 { 127.0 / limit } else { 0.0 };
            values.extend(map.iter().map(|value| (value * scale).round() as i8));
            limits.push(limit);
        }
        Self { name, channels: channels as u32, height: height as u32, width: width as u32, limits, values }
    }

    /// Number of values in a map.
    pub fn area(&self) -> usize {
        (self.height * self.width) as usize
    }

    /// The values of a map in 127ths of its limit, row by row.
    pub fn map(&self, channel: usize) -> &[i8] {
        &self.values[channel * self.area()..][..self.area()]
    }

    /// One value, within half of a 127th of its map's limit.
    pub fn value(&self, channel: usize, row: usize, column: usize) -> f32 {
        f32::from(self.map(channel)[row * self.width as usize + column]) / 127.0 * self.limits[channel]
    }

    /// The largest magnitude in all maps.
    pub fn limit(&self) -> f32 {
        self.limits.iter().fold(0.0, |limit, &other| limit.max(other))
    }

    /// The indices of the maps, those with the largest magnitude first.
    pub fn strongest(&self) -> Vec<usize> {
        order(self.limits.len(), &|a, b| self.limits[b].total_cmp(&self.limits[a]))
    }
}

/// Which parts of a picture speak for a class, as a map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    /// One map: positive where the picture speaks for the class, negative where it speaks against it.
    pub map: Maps,
    /// The sum of its values.
    pub sum: f32,
    /// The class's logit.
    pub logit: f32,
}

/// Images in the plane of the first two principal components of the last hidden layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// The true class and the position of each test image, in their order.
    pub points: Vec<(u8, [f32; 2])>,
    /// The position of the picture.
    pub here: [f32; 2],
    /// The positions of the visitor's pictures, in the order of their arrival.
    pub pictures: Vec<(PictureId, [f32; 2])>,
    /// Share of the variance that the plane explains, `0.0..=1.0`.
    pub share: f32,
}

/// The part of a test image that excites a map most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The image.
    pub image: DataImage,
    /// The map's highest value for that image.
    pub value: f32,
    /// The part of the image that this value depends on.
    pub window: Window,
}

/// A training image near the picture in the last hidden layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// The image.
    pub image: DataImage,
    /// Its distance to the picture.
    pub distance: f32,
}

/// The hidden parts of an occlusion map, in the order in which the page asks for them. The first part is nothing; then
/// come squares at the 15x15 places (row, column), from a coarse grid to a fine one.
pub fn occlusion_order() -> Vec<Option<[usize; 2]>> {
    let places = (0..SQUARES).flat_map(|row| (0..SQUARES).map(move |column| [row, column]));
    // How fine a grid contains this square: 0 for every fourth row and column, 1 for every second, 2 for all.
    let density = |&[row, column]: &[usize; 2]| {
        let is_on = |stride: usize| row % stride == 1 && column % stride == 1;
        if is_on(4) { 0 } else { 2 - usize::from(is_on(2)) }
    };
    let places = sorted(places.collect(), |a, b| density(a).cmp(&density(b)));
    std::iter::once(None).chain(places.into_iter().map(Some)).collect()
}

/// The picture `pixels` with one square hidden, at a row and a column of the 15x15 places.
pub fn hidden(pixels: &[u8], [row, column]: [usize; 2]) -> Vec<u8> {
    let mut pixels = pixels.to_vec();
    for line in pixels.chunks_exact_mut(3 * IMAGE_SIDE).skip(row * SQUARE_STRIDE).take(SQUARE) {
        line[3 * column * SQUARE_STRIDE..][..3 * SQUARE].fill(GREY);
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_map_is_within_a_byte_of_what_it_was_and_the_largest_is_exact() {
        let value =
            |channel: usize, row: usize, column: usize| (channel as f32 - 1.0) * (row as f32 - 0.3 * column as f32);
        let maps = Maps::of("Pool".into(), [3, 4, 5], value);
        for (channel, row, column) in (0..60).map(|at| (at / 20, at / 5 % 4, at % 5)) {
            let off = (maps.value(channel, row, column) - value(channel, row, column)).abs();
            assert!(off <= maps.limits[channel] / 253.9, "{channel} {row} {column}: off by {off}");
        }
        assert_eq!((maps.limits[1], maps.limit()), (0.0, 3.0));
        assert_eq!(maps.value(2, 3, 0), 3.0);
        assert_eq!(maps.strongest(), [0, 2, 1]);
    }

    #[test]
    fn each_square_is_hidden_once_from_coarse_to_fine_and_nothing_first() {
        let order = occlusion_order();
        assert_eq!((order.len(), order[0]), (226, None));
        let mut places: Vec<_> = order[1..].iter().map(|place| place.expect("a square")).collect();
        assert!(places[..16].iter().all(|[row, column]| row % 4 == 1 && column % 4 == 1));
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), SQUARES * SQUARES);
    }

    #[test]
    fn a_hidden_square_is_grey_and_all_else_stays() {
        let pixels: Vec<u8> = (0..3072).map(|at| (at % 97) as u8).collect();
        let hidden = hidden(&pixels, [14, 3]);
        for (at, (&now, &before)) in hidden.iter().zip(&pixels).enumerate() {
            let (row, column) = (at / 96, at / 3 % 32);
            let is_hidden = (28..32).contains(&row) && (6..10).contains(&column);
            assert_eq!(now, if is_hidden { GREY } else { before }, "row {row}, column {column}");
        }
    }
}
