//! A network's honesty: whether its confidence is right, and whether it knows what it does
//! not know.

use serde::{Deserialize, Serialize};

/// How a trained network's logits become a confidence, and a doubt; on the model card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// What logits are divided by before the softmax (Guo et al., 2017).
    pub temperature: f32,
    /// Number of training images that were held back from training, and that the temperature was fitted on.
    pub fitted_on: usize,
    /// Expected calibration error on the test images, in 15 bins of equal width, `0.0..=1.0` (Guo et al., 2017).
    pub expected_error: f64,
    /// The same without the temperature.
    pub expected_error_before: f64,
    /// A picture whose log-sum-exp is below this is probably none of the ten classes.
    pub least_log_sum_exp: f32,
    /// Share of the test images that are not below it, `0.0..=1.0`.
    pub kept: f64,
    /// Share of other pictures that are below it, by their kind.
    pub others: Vec<Doubted>,
}

/// How often a network doubts pictures of one kind, none of which shows one of the ten classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doubted {
    /// What they are: "noise".
    pub kind: String,
    /// Number of pictures.
    pub pictures: usize,
    /// Share of them that are doubted, `0.0..=1.0`.
    pub share: f64,
    /// How well log-sum-exp tells the test images from them: the chance that a test image is more familiar than one of them
    /// (the area under the ROC curve), `0.0..=1.0`.
    pub auroc: f64,
}
