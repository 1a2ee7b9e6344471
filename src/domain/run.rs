//! A training run, and what was measured of it.

use super::{Settings, figure};
use serde::{Deserialize, Serialize};

/// The weights that a run starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartingWeights {
    /// New weights, drawn with the run's seed.
    #[default]
    Scratch,
    /// The weights that came with the page.
    Shipped,
    /// The weights in use, from the last run or an import.
    Current,
}

/// A run's settings and progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Its settings.
    pub settings: Settings,
    /// The weights that it started from.
    pub start: StartingWeights,
    /// Steps done.
    pub step: u64,
    /// Steps in an epoch.
    pub steps_per_epoch: u64,
    /// Steps of the whole run.
    pub steps: u64,
}

/// A point of the training curves: means over the steps since the previous point, with dropout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Steps since the run began.
    pub step: u64,
    /// Mean cross-entropy, in nats; not finite if the run diverges.
    #[serde(with = "figure")]
    pub loss: f32,
    /// Accuracy, in `0.0..=1.0`.
    #[serde(with = "figure")]
    pub accuracy: f32,
}

/// A measurement on images that the run does not learn from, without dropout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Steps since the run began.
    pub step: u64,
    /// Mean cross-entropy, in nats; not finite if the run diverges.
    #[serde(with = "figure")]
    pub loss: f32,
    /// Accuracy, in `0.0..=1.0`.
    #[serde(with = "figure")]
    pub accuracy: f32,
    /// Number of images.
    pub images: u32,
}

/// All measurements of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The training curves, by step.
    pub points: Vec<CurvePoint>,
    /// The validations, by step.
    pub validations: Vec<Validation>,
    /// Total time of its steps in seconds, without pauses and the work between steps; 0 if it was not noted.
    #[serde(default)]
    pub trained_secs: f64,
    /// The number of first steps that learnt from the first training batch only, because the other images were still
    /// arriving. While they are, all steps so far.
    #[serde(default)]
    pub early_steps: u64,
    /// The network's answers to a few test images while it learnt; see [`lapse`](super::lapse).
    #[serde(default)]
    pub lapse: String,
}
