//! The summary of a network with its weights.

use crate::spec::{NetworkName, Spec};
use serde::{Deserialize, Serialize};

/// Where the weights in use come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WeightsOrigin {
    /// They came with the page.
    Shipped {
        /// Their accuracy on the 10,000 test images, in percent.
        test_accuracy: f32,
        /// What the accuracy was measured on, as the model card says.
        data: String,
    },
    /// From a training run in this page.
    Trained {
        /// Steps of the run.
        step: u64,
    },
    /// From one of the visitor's files.
    Imported {
        /// The file's name.
        file: String,
    },
}

/// What the page says about the network that answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSummary {
    /// The network.
    pub name: NetworkName,
    /// The title that the page shows, such as "Cui 2017".
    pub title: String,
    /// Its layers.
    pub layers: Spec,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Where its weights come from.
    pub weights: WeightsOrigin,
}
