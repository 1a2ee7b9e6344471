//! The model card: the network of a file of weights, how it was trained, and how accurate it is.

use crate::{
    data::Normalisation,
    domain::{Calibration, NetworkName, NetworkSummary, Settings, WeightsOrigin},
    infer::Evaluation,
    shelf::record::{digest, hex},
};
use serde::{Deserialize, Serialize};

/// The model card of a trained network, stored as JSON beside its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The network.
    pub network: NetworkName,
    /// The title that the page shows, such as "Cui 2017".
    pub title: String,
    /// The layers in words.
    pub architecture: String,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// The data set that it was trained and measured on.
    pub data: String,
    /// How its images are normalised.
    pub normalisation: Normalisation,
    /// The settings of its training run.
    pub settings: Settings,
    /// The settings of earlier runs whose weights this run continued, oldest first. Empty if it began from scratch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Settings>,
    /// The settings of the networks whose answers this one learnt from, beside the labels. Empty if there were none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teachers: Vec<Settings>,
    /// The changed copies of the training images that it learnt from, if it learnt from any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
    /// The number of training runs whose weights were averaged, the last of them being this one; 0 if none were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub averaged: usize,
    /// How another program trained the weights, if one did. Then the settings say only how many training images it
    /// learnt from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_elsewhere: Option<String>,
    /// Why the settings differ from those of the article.
    pub reason: String,
    /// How the weights are stored.
    pub quantisation: String,
    /// SHA-256 of the file of weights, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_sha256: Option<String>,
    /// Accuracy of the stored weights on the test images.
    #[serde(flatten)]
    pub evaluation: Evaluation,
    /// How well the confidence agrees with the accuracy, if training images were held back to measure it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Duration of the training in seconds, including the earlier runs that it continued.
    pub wall_seconds: u64,
    /// The processor that it was trained on.
    pub processor: String,
    /// Day on which the training ended, as `2026-11-23`.
    pub date: String,
}

/// Changed copies of the training images. A run learns from another network's answers to them, beside the labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Number of copies of each image.
    pub copies: usize,
    /// The network that answered them, and how it was trained.
    pub answered_by: String,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Card {
    /// Whether `weights`, the bytes of a weights file, have the SHA-256 on the card. True if the card has none.
    pub fn describes(&self, weights: &[u8]) -> bool {
        self.weights_sha256.as_ref().is_none_or(|expected| *expected == hex(&digest(&[weights])))
    }

    /// This card with the SHA-256 of `weights`, the bytes of a weights file.
    pub fn of(self, weights: &[u8]) -> Self {
        Self { weights_sha256: Some(hex(&digest(&[weights]))), ..self }
    }

    /// The summary that the page shows.
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
