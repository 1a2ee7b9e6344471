//! How every kind of layer computes.

use super::dropout::operation::Masks;
use crate::{
    model::{activations::Activations, parameter::Parameter},
    spec::{Shape, layers::Layer},
};
use burn::Tensor;
use std::{any::Any, sync::Arc};

/// What a layer computes.
pub trait Forward: Layer {
    /// What it makes of `x`, given its `parameters` in the order in which it names them, and what it `prepared`, if it did.
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        prepared: Option<&PreparedLayer>,
        pass: &mut Pass,
    ) -> Activations;

    /// What lets it answer faster to so many `images` at a time, if there is such a thing where it computes; never in a
    /// graph.
    fn prepare(&self, _input: Shape, _parameters: &[Parameter], _images: usize) -> Option<PreparedLayer> {
        None
    }
}

/// What lets a layer answer faster, made of its weights; clones share it.
pub type PreparedLayer = Arc<dyn Any + Send + Sync>;

/// Means and variances of a batch, of each normalisation in turn.
pub type Statistics = Vec<Tensor<2>>;

/// What a pass through a network is for.
pub enum Pass<'a> {
    /// Answers.
    Answers,
    /// Learning: with connections dropped, and normalised with the batch's own statistics.
    Training {
        /// Draws what is dropped.
        masks: &'a mut Masks,
        /// Takes the statistics of each normalisation.
        statistics: &'a mut Statistics,
    },
}
