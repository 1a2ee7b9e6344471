//! What page and worker say of several networks beside each other.

use super::{CLASS_COUNT, Calibration, DeviceReport, NetworkSummary};
use serde::{Deserialize, Serialize};

/// What one layer gives, holds and costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// What it does, in words: "Convolution 4×4, ReLU".
    pub name: String,
    /// Dimensions of what it gives for one image: channels, height, width; or one length.
    pub output: Vec<u32>,
    /// Number of its trainable parameters.
    pub parameters: u64,
    /// Multiplications, each with an addition, for one image.
    pub multiply_adds: u64,
}

/// One of the networks that are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Which it is, and where its weights come from.
    pub network: NetworkSummary,
    /// What computed its answer.
    pub device: DeviceReport,
    /// Its layers, from the image on.
    pub layers: Vec<LayerFacts>,
    /// How honest its weights are, where that was measured.
    pub calibration: Option<Calibration>,
    /// What it says of the picture, if there is one.
    pub opinion: Option<Opinion>,
}

/// What a network says of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Probability of each class, in the classes' order; they sum to 1.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
    /// Time from decoded pixels to probabilities, in milliseconds, after one answer that was not timed.
    pub milliseconds: f32,
}
