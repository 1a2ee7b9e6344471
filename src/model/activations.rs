//! What one layer hands to the next.

use super::layers::order::pixels_of;
use crate::spec::{Shape, shape::Order};
use burn::Tensor;

/// The values of a batch of images between two layers, on their way through a network.
#[derive(Clone, Debug)]
pub enum Activations {
    /// Maps, one after the other: `[n, c, h, w]`.
    Planes(Tensor<4>),
    /// Maps whose channels lie side by side: `[n, h, w, c]`.
    Pixels(Tensor<4>),
    /// Values in a row: `[n, len]`.
    Values(Tensor<2>),
}

impl Activations {
    /// The sizes of what there is of one image.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Planes(x) => {
                let [_, channels, height, width] = x.dims();
                Shape::Maps { channels, height, width, order: Order::Planes }
            }
            Self::Pixels(x) => {
                let [_, height, width, channels] = x.dims();
                Shape::Maps { channels, height, width, order: Order::Pixels }
            }
            Self::Values(x) => Shape::Values { count: x.dims()[1], plane: None },
        }
    }

    /// Maps as pixels, `[n, h, w, c]`, put in that order if they lie otherwise.
    ///
    /// # Panics
    /// If it is values in a row, which the network's shapes exclude.
    pub fn into_pixels(self) -> Tensor<4> {
        match self {
            Self::Planes(x) => pixels_of(x),
            other => other.pixels(),
        }
    }

    /// The planes.
    ///
    /// # Panics
    /// If it is something else, which the network's shapes exclude.
    pub fn planes(self) -> Tensor<4> {
        match self {
            Self::Planes(x) => x,
            _ => panic!("the layer's shapes say that it takes planes"),
        }
    }

    /// The pixels.
    ///
    /// # Panics
    /// If it is something else, which the network's shapes exclude.
    pub fn pixels(self) -> Tensor<4> {
        match self {
            Self::Pixels(x) => x,
            _ => panic!("the layer's shapes say that it takes pixels"),
        }
    }

    /// The values in a row.
    ///
    /// # Panics
    /// If it is something else, which the network's shapes exclude.
    pub fn values(self) -> Tensor<2> {
        match self {
            Self::Values(x) => x,
            _ => panic!("the layer's shapes say that it takes values in a row"),
        }
    }
}
