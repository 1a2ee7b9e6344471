//! The messages that compare several networks.

use crate::domain::{CLASS_COUNT, Calibration, DeviceReport, LayerFacts, NetworkSummary};
use serde::{Deserialize, Serialize};

/// One of the compared networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The network, and where its weights come from.
    pub network: NetworkSummary,
    /// The device that computed its answer.
    pub device: DeviceReport,
    /// Its layers, from the image to the logits.
    pub layers: Vec<LayerFacts>,
    /// The calibration of its weights, if it was measured.
    pub calibration: Option<Calibration>,
    /// Its answer to the picture, if there is one.
    pub opinion: Option<Opinion>,
}

/// A network's answer to a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Probability of each class, in the classes' order; they sum to 1.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
    /// Time from decoded pixels to probabilities, in milliseconds. An untimed answer comes first.
    pub milliseconds: f32,
}
