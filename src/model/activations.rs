//! What one layer hands to the next.

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
