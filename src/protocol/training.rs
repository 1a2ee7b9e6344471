//! The messages about a training run.

use super::PictureId;
use crate::domain::{CLASS_COUNT, RunFacts};
use serde::{Deserialize, Serialize};

/// The state of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum RunStatus {
    /// There is no run.
    #[default]
    None,
    /// It is training.
    Running(RunFacts),
    /// It is paused in the worker's memory.
    Paused(RunFacts),
    /// It has ended; its network answers.
    Ended {
        /// The run.
        facts: RunFacts,
        /// How it ended.
        how: End,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// All epochs are done.
    Completed,
    /// The visitor stopped it.
    Stopped,
    /// The loss became infinite or NaN; the network is as it was before that.
    Diverged {
        /// A sentence that says after which step, and which settings to lower.
        reason: String,
    },
    /// The device failed.
    DeviceLost {
        /// A sentence that says after which step, and up to which step the run is saved.
        reason: String,
    },
}

/// New answers to the pictures that are watched during a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Steps that the network has been trained for.
    pub step: u64,
    /// Probabilities for the visitor's pictures, each in the order of the classes.
    pub pictures: Vec<(PictureId, [f32; CLASS_COUNT])>,
    /// Probabilities for the watched test images, in their order.
    pub strip: Vec<[f32; CLASS_COUNT]>,
}

/// What can be exported as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFormat {
    /// The exact weights alone, as SafeTensors.
    Weights,
    /// The network with its weights, as ONNX.
    Onnx,
    /// The whole run, which can be resumed elsewhere.
    Run,
}

/// Where the experiment "GPU or CPU?" computes a training step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Setup {
    /// All of it on WebGPU.
    WebGpu,
    /// All of it on the CPU.
    Cpu,
    /// Convolution and pool on the CPU, the rest on WebGPU, as in the slower case of the article.
    Split,
}

/// The result for one setup of the experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Measured {
    /// It was measured.
    Steps {
        /// Number of timed steps; an untimed one came before them.
        count: u32,
        /// Mean duration of a step of 128 images, in milliseconds.
        step_ms: f32,
    },
    /// The setup is impossible here.
    Impossible {
        /// Why, as a clause that follows "not measured, because".
        because: String,
    },
}
