//! The frozen first layer. It projects 2x2 patches of the image so that the values are uncorrelated and have variance
//! 1.

#[cfg(feature = "page")]
mod card;
mod code;
#[cfg(feature = "engine")]
pub mod compute;
mod directions;
mod line;

use crate::layers::Layer;
use crate::spec::{
    parameter::{Initial, Learning, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Padding, Shape},
};
use directions::WHITENING;
use serde::{Deserialize, Serialize};

/// Side of a patch, in pixels.
pub const PATCH: usize = 2;

/// Number of directions, and so of values in a patch.
const DIRECTIONS: usize = WHITENING.len();

/// Number of filters: each direction and its opposite.
pub const FILTERS: usize = 2 * DIRECTIONS;

/// The patches of an image, projected onto the directions in which training images vary, and onto their opposites. A
/// shift for each filter and GELU follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whitening;

impl Whitening {
    /// The filters, `[2, 2, 3, 24]`: each direction and its opposite.
    pub fn filters() -> Vec<f32> {
        // The table has a direction in each row, the layer in each column.
        (0..DIRECTIONS * FILTERS)
            .map(|at| {
                let (value, filter) = (at / FILTERS, at % FILTERS);
                let weight = WHITENING[filter % DIRECTIONS][value];
                if filter < DIRECTIONS { weight } else { -weight }
            })
            .collect()
    }
}

impl Layer for Whitening {
    fn block(&self) -> &'static str {
        "whiten"
    }

    fn activation(&self) -> Activation {
        Activation::Gelu
    }

    fn words(&self) -> Option<String> {
        Some(format!("whitening {PATCH}×{PATCH}, fixed; GELU"))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { height, width, .. } = input else {
            return Err("the whitening takes the image itself; put it first".into());
        };
        if input != Shape::IMAGE {
            return Err("the whitening takes the image itself; put it first".into());
        }
        let [height, width] = [height, width].map(|len| Padding::None.output_len(len, PATCH, 1));
        Ok(Shape::Maps { channels: FILTERS, height: height?, width: width?, order: Order::Pixels })
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let Shape::Maps { channels, .. } = input else { return Vec::new() };
        vec![
            ParameterSpec {
                role: Role::Weight,
                shape: vec![PATCH, PATCH, channels, FILTERS],
                initial: Initial::Fixed(Self::filters),
                learning: Learning::Frozen,
            },
            ParameterSpec {
                role: Role::Shift,
                shape: vec![FILTERS],
                initial: Initial::Zeros,
                learning: Learning::Trained(RateGroup::Shift),
            },
        ]
    }

    fn multiply_adds(&self, _: Shape, output: Shape) -> u64 {
        (output.count() * DIRECTIONS) as u64
    }

    fn passes(&self) -> u64 {
        2
    }
}
