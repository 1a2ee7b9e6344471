//! What a training run is, and what was measured of it.

use super::{Settings, figure};
use serde::{Deserialize, Serialize};

/// Which weights a run starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartingWeights {
    /// Fresh ones, drawn with the run's seed.
    #[default]
    Scratch,
    /// Those that came with the page.
    Shipped,
    /// Those that answer now: of the last run, or imported.
    Current,
}

/// What a run is, and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// What decides its course.
    pub settings: Settings,
    /// Which weights it started from.
    pub start: StartingWeights,
    /// Steps made.
    pub step: u64,
    /// Steps an epoch takes.
    pub steps_per_epoch: u64,
    /// Steps in all.
    pub steps: u64,
}

/// A point of the training curves: means over the steps since the point before, dropout on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Steps made since the run began.
    pub step: u64,
    /// Mean cross-entropy, in nats; not finite where a run goes wrong.
    #[serde(with = "figure")]
    pub loss: f32,
    /// Share of right answers, in `0.0..=1.0`.
    #[serde(with = "figure")]
    pub accuracy: f32,
}

/// A measurement on images that the run does not learn from, dropout off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Steps made since the run began.
    pub step: u64,
    /// Mean cross-entropy, in nats; not finite where a run goes wrong.
    #[serde(with = "figure")]
    pub loss: f32,
    /// Share of right answers, in `0.0..=1.0`.
    #[serde(with = "figure")]
    pub accuracy: f32,
    /// Number of images.
    pub images: u32,
}

/// All points of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The training curves, by step.
    pub points: Vec<CurvePoint>,
    /// The measurements, by step.
    pub validations: Vec<Validation>,
    /// How long its steps took, in seconds, without pauses and without what was done between them; 0 where nobody noted it.
    #[serde(default)]
    pub trained_secs: f64,
}
