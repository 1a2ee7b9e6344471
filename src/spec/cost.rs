//! What a network costs: parameters, multiplications, memory; and its layers in words.

use super::{Place, Shape};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bytes of a value.
const VALUE_BYTES: u64 = 4;

/// Copies of each parameter while it is trained: itself, its gradient, and two moments of Adam.
const PARAMETER_COPIES: u64 = 4;

/// What one layer gives, holds and costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// What it does, in words: "Convolution 4×4, ReLU".
    pub name: String,
    /// Dimensions of what it gives for one image: channels, height, width; or one length.
    pub output: Vec<u32>,
    /// Number of its trainable parameters.
    pub parameters: u64,
    /// Multiplications, each with an addition, for one image.
    pub multiply_adds: u64,
}

/// What a whole network holds and costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Number of its trainable parameters.
    pub parameters: u64,
    /// Multiplications, each with an addition, for one image.
    pub multiply_adds: u64,
    /// Values of one image that are kept from the forward pass for the backward pass.
    kept_values: u64,
    /// Values of the layer that gives most of them, for one image.
    most_values: u64,
}

impl Cost {
    /// What these layers hold and cost.
    pub fn of(places: &[Place]) -> Self {
        let counts = places.iter().map(|place| (place.output.count() as u64, place.layer.kind.layer().passes()));
        Self {
            parameters: places.iter().map(Place::parameter_count).sum(),
            multiply_adds: places.iter().map(Place::multiply_adds).sum(),
            kept_values: counts.clone().map(|(count, passes)| count * passes).sum(),
            most_values: counts.map(|(count, _)| count).max().unwrap_or(0),
        }
    }

    /// Memory for training on `batch_size` images at a time, in bytes, about: what each layer gives is kept until its
    /// gradient is known, and two gradients at a time are there beside it.
    pub fn training_bytes(&self, batch_size: usize) -> u64 {
        let values = (self.kept_values + 2 * self.most_values) * batch_size as u64;
        VALUE_BYTES * (values + PARAMETER_COPIES * self.parameters)
    }

    /// Most images at a time where a tensor has `most_values` at most: what a layer gives for all of them is one tensor, and
    /// so are the images themselves.
    pub fn most_images(&self, most_values: u64) -> usize {
        (most_values / self.most_values.max(Shape::IMAGE.count() as u64)) as usize
    }
}

/// A block that has words: which layers it is of, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its layers.
    pub layers: Range<usize>,
    /// What it does, in words: "Convolution 4×4, ReLU".
    pub name: String,
}

/// The blocks of `places`, in their order; one whose layers have no words is left out.
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

/// What each block of `places` gives, holds and costs; a block whose layers have no words is left out.
pub fn facts(places: &[Place]) -> Vec<LayerFacts> {
    let facts = blocks(places).into_iter().map(|Block { layers, name }| {
        let output = places[layers.end - 1].output.sizes().into_iter().map(|len| len as u32).collect();
        let places = &places[layers];
        let parameters = places.iter().map(Place::parameter_count).sum();
        LayerFacts { name, output, parameters, multiply_adds: places.iter().map(Place::multiply_adds).sum() }
    });
    facts.collect()
}
