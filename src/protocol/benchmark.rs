//! What a page behind `?benchmark` asks the worker to time, of the network that the worker was started with.

use crate::domain::Memory;
use serde::{Deserialize, Serialize};

/// Something to time, on weights and data that other libraries' pages make too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Benchmark {
    /// Training steps, each from the one before; the next call goes on where this one ended.
    Training {
        /// Images a step, 1 to 1,024.
        batch: u32,
        /// How many steps.
        steps: u32,
        /// Steps between two reads of the loss; at least 1.
        steps_per_read: u32,
        /// Whether dropout is on, at the article's rate; the modern network has none.
        dropout: bool,
        /// Share of the velocity that a step keeps, 0 to 1, where the network learns by momentum.
        momentum: f32,
    },
    /// Logits, read each time.
    Inference {
        /// Images at a time, 1 to 1,024.
        batch: u32,
        /// How many times.
        repetitions: u32,
    },
    /// The first answer of the network that came with the page, read.
    FirstAnswer,
    /// The logits of each of so many images, from fresh weights.
    Logits {
        /// Images, 1 to 1,024.
        batch: u32,
    },
    /// The loss before each of so many steps from fresh weights, and after the last; dropout off.
    Losses {
        /// Images a step, 1 to 1,024.
        batch: u32,
        /// How many steps.
        steps: u32,
        /// As in [`Training`](Self::Training).
        momentum: f32,
    },
}

/// What was timed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Milliseconds a step or repetition; where several were timed together, their mean.
    pub milliseconds: Vec<f64>,
    /// Mean losses that were read, in nats.
    pub losses: Vec<f32>,
    /// Logits, ten an image: of the first image, or of all where they were asked for.
    pub logits: Vec<f32>,
    /// What computing takes at the end.
    pub memory: Memory,
}
