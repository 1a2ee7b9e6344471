//! What page and worker say of several networks beside each other.

use crate::domain::{CLASS_COUNT, Calibration, DeviceReport, LayerFacts, NetworkSummary};
use serde::{Deserialize, Serialize};

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
