//! Each layer computes.

use crate::{
    layers::{Kind, Layer, dropout::compute::Masks, with_layer},
    model::{activations::Activations, parameter::Parameter},
    spec::Shape,
};
use burn::Tensor;
use std::{any::Any, sync::Arc};

/// Layers compute.
pub trait Forward: Layer {
    /// The output for `x`. `parameters` are in the spec's order. `prepared` is the result of
    /// [`prepare`](Self::prepare), if it was called.
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        prepared: Option<&PreparedLayer>,
        pass: &mut Pass,
    ) -> Activations;

    /// Values computed once from the weights, with which the layer answers this many `images` at a time faster. `None`
    /// if it has no such thing on this device, and always in a graph.
    fn prepare(&self, _input: Shape, _parameters: &[Parameter], _images: usize) -> Option<PreparedLayer> {
        None
    }
}

/// The result of [`Forward::prepare`]; clones share it.
pub type PreparedLayer = Arc<dyn Any + Send + Sync>;

/// The batch's means and variances, `[2, c]` for each batch normalisation in turn.
pub type Statistics = Vec<Tensor<2>>;

/// The purpose of a pass through a network.
pub enum Pass<'a> {
    /// To answer: nothing is dropped, and batch normalisation uses running statistics.
    Answers,
    /// To learn: with dropout, and batch normalisation uses the batch's own statistics.
    Training {
        /// Draws the dropout masks.
        masks: &'a mut Masks,
        /// Takes the batch's statistics of each batch normalisation.
        statistics: &'a mut Statistics,
    },
}

impl Kind {
    /// Its way to compute.
    pub fn operation(&self) -> &dyn Forward {
        with_layer!(self, layer => layer)
    }
}
