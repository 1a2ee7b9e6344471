//! Measures a classifier on labelled images.

use super::{Classifier, winner};
use crate::{data::Images, protocol::CLASS_COUNT};
use burn::backend::ExecutionError;
use serde::{Deserialize, Serialize};

/// Images a pass: enough to fill the device, little enough for any GPU's memory.
const BATCH_LEN: usize = 250;

/// How often a classifier is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Share of right answers, in percent.
    pub test_accuracy: f64,
    /// The same within each class.
    pub per_class: [f64; CLASS_COUNT],
    /// Number of images: the row is the true class, the column the answer.
    pub confusion: [[u32; CLASS_COUNT]; CLASS_COUNT],
    /// Number of images in all.
    pub images: usize,
}

impl Evaluation {
    /// The figures that follow from a confusion matrix.
    pub fn of(confusion: [[u32; CLASS_COUNT]; CLASS_COUNT]) -> Self {
        let percent = |right: u32, all: u32| 100.0 * f64::from(right) / f64::from(all.max(1));
        let sums = confusion.map(|row| row.iter().sum::<u32>());
        let right: u32 = (0..CLASS_COUNT).map(|i| confusion[i][i]).sum();
        let all: u32 = sums.iter().sum();
        Self {
            test_accuracy: percent(right, all),
            per_class: std::array::from_fn(|i| percent(confusion[i][i], sums[i])),
            confusion,
            images: all as usize,
        }
    }
}

/// Classifies all of `images`, calling `progress` with the number done after each batch.
///
/// # Errors
/// If the device fails.
pub async fn evaluate(
    classifier: &Classifier,
    images: &Images,
    mut progress: impl FnMut(usize),
) -> Result<Evaluation, ExecutionError> {
    let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
    for start in (0..images.len()).step_by(BATCH_LEN) {
        let range = start..(start + BATCH_LEN).min(images.len());
        let mut values = Vec::new();
        for index in range.clone() {
            classifier.normalisation.append_planar(images.planar(index), &mut values);
        }
        let logits = classifier.logits_of(values).await?;
        for (index, logits) in range.clone().zip(&logits) {
            confusion[usize::from(images.label(index))][winner(logits)] += 1;
        }
        progress(range.end);
    }
    Ok(Evaluation::of(confusion))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracies_follow_from_the_confusion_matrix() {
        let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
        confusion[0] = [3, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        confusion[9][9] = 4;
        let evaluation = Evaluation::of(confusion);
        assert_eq!(evaluation.images, 8);
        assert_eq!(evaluation.test_accuracy, 87.5);
        assert_eq!(evaluation.per_class[0], 75.0);
        assert_eq!(evaluation.per_class[5], 0.0, "a class without images");
    }
}
