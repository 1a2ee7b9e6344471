//! The values that one layer gives to the next.

use super::{operations::order::pixels_of, tensors::reshape};
use crate::spec::{Shape, shape::Order};
use burn::Tensor;

/// The values of a batch of images between two layers of a network.
#[derive(Clone, Debug)]
pub enum Activations {
    /// Maps, one after the other: `[n, c, h, w]`.
    Planes(Tensor<4>),
    /// Maps with a pixel's channels side by side: `[n, h, w, c]`.
    Pixels(Tensor<4>),
    /// Values without a place in a map: `[n, len]`.
    Values(Tensor<2>),
}

impl Activations {
    /// The shape of one image's values.
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

    /// The values of maps of one pixel: `[n, 1, 1, c]` -> `[n, c]`.
    pub fn of_single_pixels(x: Tensor<4>) -> Self {
        let [images, _, _, channels] = x.dims();
        Self::Values(reshape(x, [images, channels]))
    }

    /// Maps as pixels, `[n, h, w, c]`. Planes are brought into this order.
    ///
    /// # Panics
    /// If these are values in a row; a network's shapes exclude this.
    pub fn into_pixels(self) -> Tensor<4> {
        match self {
            Self::Planes(x) => pixels_of(x),
            other => other.pixels(),
        }
    }

    /// The planes, `[n, c, h, w]`.
    ///
    /// # Panics
    /// If these are not planes; a network's shapes exclude this.
    pub fn planes(self) -> Tensor<4> {
        match self {
            Self::Planes(x) => x,
            _ => panic!("the layer's shapes say that it takes planes"),
        }
    }

    /// The pixels, `[n, h, w, c]`.
    ///
    /// # Panics
    /// If these are not pixels; a network's shapes exclude this.
    pub fn pixels(self) -> Tensor<4> {
        match self {
            Self::Pixels(x) => x,
            _ => panic!("the layer's shapes say that it takes pixels"),
        }
    }

    /// The values in a row, `[n, len]`.
    ///
    /// # Panics
    /// If these are not values in a row; a network's shapes exclude this.
    pub fn values(self) -> Tensor<2> {
        match self {
            Self::Values(x) => x,
            _ => panic!("the layer's shapes say that it takes values in a row"),
        }
    }
}
