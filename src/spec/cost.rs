//! The cost of a network: parameters, multiplications, memory; and its layers in words.

use super::{Place, Shape};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Size of a value in bytes.
const VALUE_BYTES: u64 = 4;

/// Copies of each parameter during training: itself, its gradient, and two moments of Adam.
const PARAMETER_COPIES: u64 = 4;

/// The output and the cost of one layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// The layer in words: "Convolution 4×4, ReLU".
    pub name: String,
    /// Dimensions of the output for one image: channels, height, width; or one length.
    pub output: Vec<u32>,
    /// Number of its trainable parameters.
    pub parameters: u64,
    /// Multiply-adds for one image.
    pub multiply_adds: u64,
}

/// The cost of a whole network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Number of its trainable parameters.
    pub parameters: u64,
    /// Multiply-adds for one image.
    pub multiply_adds: u64,
    /// Number of values for one image that are kept from the forward pass for the backward pass.
    kept_values: u64,
    /// Number of values of the largest output of a layer, for one image.
    most_values: u64,
}

impl Cost {
    /// The cost of these layers.
    pub fn of(places: &[Place]) -> Self {
        let counts = places.iter().map(|place| (place.output.count() as u64, place.layer.kind.layer().passes()));
        Self {
            parameters: places.iter().map(Place::parameter_count).sum(),
            multiply_adds: places.iter().map(Place::multiply_adds).sum(),
            kept_values: counts.clone().map(|(count, passes)| count * passes).sum(),
            most_values: counts.map(|(count, _)| count).max().unwrap_or(0),
        }
    }

    /// Memory for training with `batch_size` images in a batch, in bytes, estimated. Each layer's output is kept until
    /// its gradient is known, and two gradients exist at a time.
    pub fn training_bytes(&self, batch_size: usize) -> u64 {
        let values = (self.kept_values + 2 * self.most_values) * batch_size as u64;
        VALUE_BYTES * (values + PARAMETER_COPIES * self.parameters)
    }

    /// The largest batch if a tensor may have at most `most_values` values. The images of a batch are one tensor, and
    /// so is each layer's output.
    pub fn most_images(&self, most_values: u64) -> usize {
        (most_values / self.most_values.max(Shape::IMAGE.count() as u64)) as usize
    }
}

/// A group of layers with a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The indices of its layers.
    pub layers: Range<usize>,
    /// The block in words: "Convolution 4×4, ReLU".
    pub name: String,
}

/// The blocks of `places`, in their order, without those that have no words.
pub fn blocks(places: &[Place]) -> Vec<Block> {
    let mut start = 0;
    let blocks = places.chunk_by(|a, b| a.layer.block == b.layer.block).filter_map(|block| {
        let layers = start..start + block.len();
        start = layers.end;
        let words: Vec<String> = block.iter().filter_map(|place| place.layer.kind.layer().words()).collect();
        let words = words.join(", ");
        let mut letters = words.chars();
        Some(Block { layers, name: std::iter::once(letters.next()?.to_ascii_uppercase()).chain(letters).collect() })
    });
    blocks.collect()
}

/// The output and the cost of each block of `places`, without those that have no words.
pub fn facts(places: &[Place]) -> Vec<LayerFacts> {
    let facts = blocks(places).into_iter().map(|Block { layers, name }| {
        let output = places[layers.end - 1].output.sizes().into_iter().map(|len| len as u32).collect();
        let places = &places[layers];
        let parameters = places.iter().map(Place::parameter_count).sum();
        LayerFacts { name, output, parameters, multiply_adds: places.iter().map(Place::multiply_adds).sum() }
    });
    facts.collect()
}
