//! The model card: what a file of weights is, how it came about, and how good it is.

use crate::{
    data::Normalisation,
    domain::{Calibration, NetworkName, NetworkSummary, Settings, WeightsOrigin},
    infer::Evaluation,
    shelf::record::{digest, hex},
};
use serde::{Deserialize, Serialize};

/// Describes a trained network; stored as JSON beside its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Which network it is.
    pub network: NetworkName,
    /// Name to show.
    pub title: String,
    /// The layers, in words.
    pub architecture: String,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// What it was trained and measured on.
    pub data: String,
    /// What its images are normalised with.
    pub normalisation: Normalisation,
    /// How it was trained.
    pub settings: Settings,
    /// How the weights were trained that this training began with, oldest first, where it did not begin from scratch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Settings>,
    /// How the networks were trained whose answers this one learnt from, beside the labels, where there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teachers: Vec<Settings>,
    /// What its epochs showed in place of the training images, where they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
    /// Of how many trainings the weights are the mean, this one being the last; 0 where they are not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub averaged: usize,
    /// How another program trained the weights, where one did; then the settings say only how many of the training images were
    /// learnt from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_elsewhere: Option<String>,
    /// Why the settings differ from the article's.
    pub reason: String,
    /// How the weights are stored.
    pub quantisation: String,
    /// SHA-256 of the file of weights, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_sha256: Option<String>,
    /// Accuracy of the weights as stored, on the test images.
    #[serde(flatten)]
    pub evaluation: Evaluation,
    /// How honest they are, where training images were held back to find out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Duration of the training, in seconds, what it began with included.
    pub wall_seconds: u64,
    /// What it was trained on.
    pub processor: String,
    /// Day on which the training ended, as `2026-11-23`.
    pub date: String,
}

/// Changed copies of the training images, and what another network says of each, from which a training learnt beside the
/// labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Copies of each image.
    pub copies: usize,
    /// Who says what they show, and how it learnt that.
    pub answered_by: String,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Card {
    /// Whether `weights`, a file's content, is what the card describes; so it is where the card does not say.
    pub fn describes(&self, weights: &[u8]) -> bool {
        self.weights_sha256.as_ref().is_none_or(|expected| *expected == hex(&digest(&[weights])))
    }

    /// The card of `weights`, a file's content.
    pub fn of(self, weights: &[u8]) -> Self {
        Self { weights_sha256: Some(hex(&digest(&[weights]))), ..self }
    }

    /// What the page says about the network.
    pub fn summary(&self) -> NetworkSummary {
        NetworkSummary {
            name: self.network,
            title: self.title.clone(),
            layers: self.settings.spec(),
            parameters: self.parameters,
            weights: WeightsOrigin::Shipped {
                test_accuracy: self.evaluation.test_accuracy as f32,
                data: self.data.clone(),
            },
        }
    }
}
