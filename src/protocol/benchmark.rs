//! What `?benchmark` lets the worker time, with the network that the worker was started with.

use crate::domain::Memory;
use serde::{Deserialize, Serialize};

/// A measurement, on the same weights and data as on other libraries' pages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Benchmark {
    /// Training steps. The next call continues from the step where this one ended.
    Training {
        /// Images a step, 1 to 1,024.
        batch: u32,
        /// How many steps.
        steps: u32,
        /// Steps between two reads of the loss; at least 1.
        steps_per_read: u32,
        /// Whether dropout is on, at the article's rate; `tenfold2026` has none.
        dropout: bool,
        /// Momentum, `0.0..=1.0`, for networks that are trained with it.
        momentum: f32,
    },
    /// Answers: the logits are read each time.
    Inference {
        /// Images at a time, 1 to 1,024.
        batch: u32,
        /// How many times.
        repetitions: u32,
    },
    /// The time to the first answer of the shipped network.
    FirstAnswer,
    /// The logits of `batch` images, with new weights.
    Logits {
        /// Images, 1 to 1,024.
        batch: u32,
    },
    /// The loss before each of `steps` steps from new weights, and after the last; without dropout.
    Losses {
        /// Images a step, 1 to 1,024.
        batch: u32,
        /// How many steps.
        steps: u32,
        /// As in [`Training`](Self::Training).
        momentum: f32,
    },
}

/// The result of a measurement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Milliseconds for a step or a repetition; the mean, if several were timed together.
    pub milliseconds: Vec<f64>,
    /// The mean losses that were read, in nats.
    pub losses: Vec<f32>,
    /// Logits, ten for an image: of the first image, or of all images for [`Benchmark::Logits`].
    pub logits: Vec<f32>,
    /// Memory in use at the end.
    pub memory: Memory,
}
