//! What a run is made of: everything that decides its course, so that equal settings give equal runs.

use super::schedule::LearningRates;
use serde::{Deserialize, Serialize};

/// The settings of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Passes over the training images.
    pub epochs: u32,
    /// Images a step.
    pub batch_size: usize,
    /// The highest learning rates, reached after the warm-up.
    pub learning_rates: LearningRates,
    /// Epochs over which the learning rates rise from 0.
    pub warm_up_epochs: f32,
    /// Share of connections that dropout cuts, in `0.0..1.0`.
    pub dropout_rate: f32,
    /// Whether half of the images are mirrored left to right.
    pub flip: bool,
    /// Largest shift of an image along each axis, in pixels; what enters is black.
    pub shift_pixels: u8,
    /// Decides the initial weights, the order of images, their augmentation and dropout.
    pub seed: u64,
}

impl Settings {
    /// The share of connections that the article drops.
    pub const ARTICLE_DROPOUT_RATE: f32 = 0.7;
}

impl Default for Settings {
    /// What measurements favour for the article's network.
    ///
    /// The convolution's 882 parameters starve at the rate that suits the dense layers, whose first sums 18,432
    /// inputs that are nearly copies of each other; so it has a rate of its own.
    fn default() -> Self {
        Self {
            epochs: 30,
            batch_size: 128,
            learning_rates: LearningRates { convolution: 5e-3, dense: 3e-4 },
            warm_up_epochs: 1.0,
            dropout_rate: 0.5,
            flip: true,
            shift_pixels: 0,
            seed: 2017,
        }
    }
}
