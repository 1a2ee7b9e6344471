//! What every kind of layer says of itself, and how it computes.

use super::dropout::operation::Masks;
use crate::model::{
    activations::Activations,
    parameter::{Parameter, ParameterSpec},
    shape::Shape,
};
use burn::Tensor;
use std::{any::Any, sync::Arc};

/// What a layer is, before it has any values.
pub trait Layer {
    /// What it does, in words that go on a sentence, such as `max pool 8×8`; none where there is nothing to say.
    fn words(&self) -> Option<String> {
        None
    }

    /// What it makes of `input`.
    ///
    /// # Errors
    /// If it cannot take that, in words.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    /// Its parameters where it takes `input`, in a fixed order, each of another role.
    fn parameters(&self, _input: Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// Multiplications, each with an addition, for one image.
    fn multiply_adds(&self, _input: Shape, _output: Shape) -> usize {
        0
    }
}

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
