//! What is said of a network with its weights.

use crate::spec::{NetworkName, Spec};
use serde::{Deserialize, Serialize};

/// Where the weights that answer come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WeightsOrigin {
    /// With the page.
    Shipped {
        /// Their accuracy on the 10,000 test images, in percent.
        test_accuracy: f32,
        /// What that was measured on, as the model card says.
        data: String,
    },
    /// From a run in this page.
    Trained {
        /// Steps that the run has made.
        step: u64,
    },
    /// From a file of the visitor's.
    Imported {
        /// The file's name.
        file: String,
    },
}

/// What the page says about the network that answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSummary {
    /// Which it is.
    pub name: NetworkName,
    /// Name to show: "Cui 2017".
    pub title: String,
    /// Its layers.
    pub layers: Spec,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Where its weights come from.
    pub weights: WeightsOrigin,
}
