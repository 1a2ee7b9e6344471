//! Calibration: how well confidence agrees with accuracy, and when the network doubts.

use serde::{Deserialize, Serialize};

/// How a trained network's logits become a confidence or a doubt; on the model card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Logits are divided by this before the softmax (Guo et al., 2017).
    pub temperature: f32,
    /// Number of held-back training images that the temperature was fitted on.
    pub fitted_on: usize,
    /// Expected calibration error on the test images, in 15 bins of equal width, `0.0..=1.0` (Guo et al., 2017).
    pub expected_error: f64,
    /// The same error without the temperature.
    pub expected_error_before: f64,
    /// A picture with a lower log-sum-exp probably shows none of the ten classes.
    pub least_log_sum_exp: f32,
    /// Share of the test images at or above that threshold, `0.0..=1.0`.
    pub kept: f64,
    /// How often other kinds of pictures are below it.
    pub others: Vec<Doubted>,
}

/// How often a network doubts pictures of one kind that show none of the ten classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doubted {
    /// The kind of pictures: "noise".
    pub kind: String,
    /// Number of pictures.
    pub pictures: usize,
    /// Share of them that the network doubts, `0.0..=1.0`.
    pub share: f64,
    /// How well log-sum-exp separates test images from these pictures: the chance that a test image has the higher
    /// value (the area under the ROC curve), `0.0..=1.0`.
    pub auroc: f64,
}
