//! What page and worker say of the inside of the network that answers: what its layers make of a picture, and why it answers
//! as it does.
//!
//! The page asks one [`Question`] after the other, and the worker keeps nothing between two of them. So a view that is
//! closed leaves no work behind, and what takes long, as [occlusion](occlusion_order), is asked for in parts.

use super::{DataImage, PictureId};
use crate::domain::{
    CLASS_COUNT, IMAGE_SIDE, Split,
    arithmetic::{Arithmetic, Unit, Window},
    order::{order, sorted},
};
use serde::{Deserialize, Serialize};

/// Side of the grey square that hides a part of the picture, in pixels.
pub const SQUARE: usize = 4;
/// Pixels from one such square to the next.
pub const SQUARE_STRIDE: usize = 2;
/// Squares in a row, and rows of them.
pub const SQUARES: usize = (IMAGE_SIDE - SQUARE) / SQUARE_STRIDE + 1;
/// Red, green and blue of the square.
pub const GREY: u8 = 128;

/// Most test images that lie in the [plane](View::Plane): the first ones.
pub const PLANE_IMAGES: usize = 1_000;
/// Training images that are told as the nearest.
pub const NEAREST: usize = 12;
/// Test images that are told as those that excite a map most.
pub const PATCHES: usize = 9;

/// What the page wants to know of the network that answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Named again in the answer.
    pub ticket: u32,
    /// The picture as the network sees it: 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub pixels: Vec<u8>,
    /// What is asked.
    pub view: View,
}

/// What can be asked of a network and a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// The answer alone.
    Answer,
    /// What each layer gives.
    Layers,
    /// The filters of the first layer.
    Filters,
    /// How one unit comes to its value.
    Unit(Unit),
    /// The logits with parts of the picture hidden; those of [`occlusion_order`] from `first` on, `count` of them.
    Occlusion {
        /// The first one.
        first: u32,
        /// How many.
        count: u32,
    },
    /// For each pixel, its normalised value times the gradient of a class's logit.
    Gradient {
        /// The class.
        class: u8,
    },
    /// To let images of the data set pass through the network, `count` more of them, so that they can be compared with the
    /// picture in the last hidden layer.
    Gather {
        /// The first [`PLANE_IMAGES`] test images, or all training images.
        half: Split,
        /// How many.
        count: u32,
        /// The page's number for the weights: what was gathered of other weights is let go.
        weights: u32,
    },
    /// Where the gathered test images, the picture and the visitor's other pictures lie in the plane in which these images
    /// differ most.
    Plane,
    /// What in the gathered test images excites a map most.
    Patches {
        /// Which of the layers that [`View::Layers`] tells.
        layer: u32,
        /// Which map, or which of the values in a row.
        channel: u32,
    },
    /// The gathered training images that are nearest to the picture.
    Nearest,
    /// One test image.
    Image {
        /// Its number.
        index: u32,
    },
    /// For each place of the last maps, the activations times the gradient of a class's logit.
    ClassActivation {
        /// The class.
        class: u8,
    },
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspected {
    /// That of the question.
    pub ticket: u32,
    /// What was asked.
    pub view: View,
    /// Time that it took, in milliseconds.
    pub milliseconds: f32,
    /// What was found.
    pub found: Found,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Found {
    /// To [`View::Answer`].
    Answer(Outputs),
    /// To [`View::Layers`].
    Layers {
        /// What each layer gives, from the picture on.
        layers: Vec<Maps>,
        /// What the network says.
        outputs: Outputs,
    },
    /// To [`View::Filters`]: each filter a map that has its red, green and blue part below each other.
    Filters(Maps),
    /// To [`View::Unit`].
    Unit(Arithmetic),
    /// To [`View::Occlusion`]: the logits with each of these parts hidden.
    Occlusion(Vec<[f32; CLASS_COUNT]>),
    /// To [`View::Gradient`] and [`View::ClassActivation`].
    Heat(Heat),
    /// To [`View::Gather`].
    Gathered {
        /// Images that have passed.
        done: u32,
        /// Images that are to pass.
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
    /// Nothing, for a reason that is a sentence.
    Nothing(String),
}

/// What a network says of a picture, and how it comes to probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// The last layer's values, a class each.
    pub logits: [f32; CLASS_COUNT],
    /// What logits are divided by before the softmax; 1 where nobody has measured it.
    pub temperature: f32,
    /// Softmax of these.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
}

/// Maps of one layer, with 8 bits a value and a scale for each map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maps {
    /// What the layer does, in words: "Convolution 4×4, ReLU".
    pub name: String,
    /// Number of maps.
    pub channels: u32,
    /// Rows of a map; 1 where a layer gives values in a row.
    pub height: u32,
    /// Columns of a map; 1 where a layer gives values in a row.
    pub width: u32,
    /// The largest magnitude in each map.
    pub limits: Vec<f32>,
    /// Each value in 127ths of its map's limit: map by map, row by row.
    pub values: Vec<i8>,
}

impl Maps {
    /// Maps of these `[channels, height, width]`, with the values that `value` gives for a channel, a row and a column.
    pub fn of(name: String, [channels, height, width]: [usize; 3], value: impl Fn(usize, usize, usize) -> f32) -> Self {
        let (mut limits, mut values) = (Vec::with_capacity(channels), Vec::with_capacity(channels * height * width));
        for channel in 0..channels {
            let places = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
            let map: Vec<f32> = places.map(|(row, column)| value(channel, row, column)).collect();
            let limit = map.iter().fold(0.0_f32, |limit, value| limit.max(value.abs()));
            // A map of zeros has no scale, and what is not a number becomes 0.
            let scale = if limit > 0.0 { 127.0 / limit } else { 0.0 };
            values.extend(map.iter().map(|value| (value * scale).round() as i8));
            limits.push(limit);
        }
        Self { name, channels: channels as u32, height: height as u32, width: width as u32, limits, values }
    }

    /// Values of a map.
    pub fn area(&self) -> usize {
        (self.height * self.width) as usize
    }

    /// The bytes of a map, row by row.
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

    /// The numbers of the maps, those with the largest magnitude first.
    pub fn strongest(&self) -> Vec<usize> {
        order(self.limits.len(), &|a, b| self.limits[b].total_cmp(&self.limits[a]))
    }
}

/// Which parts of a picture speak for a class, as a map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    /// One map: above 0 what speaks for the class, below 0 what speaks against it.
    pub map: Maps,
    /// The sum of its values.
    pub sum: f32,
    /// The class's logit.
    pub logit: f32,
}

/// Images in the plane in which they differ most in the last hidden layer: that of their first two principal components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// The test images, in their order: the true class of each, and where it lies.
    pub points: Vec<(u8, [f32; 2])>,
    /// Where the picture lies.
    pub here: [f32; 2],
    /// Where the visitor's pictures lie, as they came.
    pub pictures: Vec<(PictureId, [f32; 2])>,
    /// Share of the images' variance that the plane keeps, `0.0..=1.0`.
    pub share: f32,
}

/// A part of a test image that excites a map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The image.
    pub image: DataImage,
    /// The highest value of the map for that image.
    pub value: f32,
    /// The part of the image that this value depends on.
    pub window: Window,
}

/// A training image that is near to the picture in the last hidden layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// The image.
    pub image: DataImage,
    /// How far it is.
    pub distance: f32,
}

/// What is hidden for an occlusion map, in the order in which it is asked for: first nothing, then a square at each of the
/// 15x15 places, each a row and a column, spread ever more densely.
pub fn occlusion_order() -> Vec<Option<[usize; 2]>> {
    let places = (0..SQUARES).flat_map(|row| (0..SQUARES).map(move |column| [row, column]));
    // How dense a grid of squares must be to have this one: every fourth, every second, or all.
    let density = |&[row, column]: &[usize; 2]| {
        let is_on = |stride: usize| row % stride == 1 && column % stride == 1;
        if is_on(4) { 0 } else { 2 - usize::from(is_on(2)) }
    };
    let places = sorted(places.collect(), |a, b| density(a).cmp(&density(b)));
    std::iter::once(None).chain(places.into_iter().map(Some)).collect()
}

/// The picture `pixels` with the square at this row and column of the 15x15 places hidden.
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
