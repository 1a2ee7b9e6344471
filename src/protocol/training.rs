//! What page and worker say of a training run.

use super::PictureId;
use crate::domain::{CLASS_COUNT, RunFacts};
use serde::{Deserialize, Serialize};

/// How a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum RunStatus {
    /// There is none.
    #[default]
    None,
    /// It makes steps.
    Running(RunFacts),
    /// It waits, in the worker's memory, and goes on when told to.
    Paused(RunFacts),
    /// It is over; its network answers.
    Ended {
        /// The run.
        facts: RunFacts,
        /// Why it is over.
        how: End,
    },
}

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// All epochs are done.
    Completed,
    /// The visitor stopped it.
    Stopped,
    /// The loss was no longer a finite number; the network is as before that.
    Diverged {
        /// A sentence that says after which step, and what to lower.
        reason: String,
    },
    /// The device computes no more.
    DeviceLost {
        /// A sentence that says after which step, and up to where the run is kept.
        reason: String,
    },
}

/// Fresh predictions of the pictures that are watched while a run goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Steps that the network had made.
    pub step: u64,
    /// Probabilities of the visitor's pictures, each in the order of the classes.
    pub pictures: Vec<(PictureId, [f32; CLASS_COUNT])>,
    /// Probabilities of the strip's test images, in the strip's order.
    pub strip: Vec<[f32; CLASS_COUNT]>,
}

/// What can be saved to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFormat {
    /// The weights alone, exact, as SafeTensors.
    Weights,
    /// The network with its weights, as ONNX.
    Onnx,
    /// The whole run, to be resumed elsewhere.
    Run,
}

/// Where a step of the experiment "GPU or CPU?" computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Setup {
    /// All of it on WebGPU.
    WebGpu,
    /// All of it on the CPU.
    Cpu,
    /// Convolution and pool on the CPU, the rest on WebGPU, as in the article's slower case.
    Split,
}

/// What the experiment measured of one setup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Measured {
    /// It computes there.
    Steps {
        /// Steps that were timed, after one that was not.
        count: u32,
        /// Mean duration of a step of 128 images, in milliseconds.
        step_ms: f32,
    },
    /// It cannot compute there.
    Impossible {
        /// Why, as a clause that follows "not measured, because".
        because: String,
    },
}
