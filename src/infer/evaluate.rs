//! Measures a classifier on labelled images.

use super::Classifier;
use crate::{
    data::{IMAGE_LEN, Images},
    domain::{CLASS_COUNT, likeliest},
};
use burn::backend::ExecutionError;
use serde::{Deserialize, Serialize};
use std::ops::{ControlFlow, Range};

/// Images per pass: enough to fill the device, few enough that other requests wait only briefly.
const BATCH_LEN: usize = 100;

/// From this many images on, the classifier is prepared first. Fewer images gain less than the preparation costs.
const WORTH_PREPARING: usize = 500;

/// A classifier's accuracy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The share of correct answers, in percent.
    pub test_accuracy: f64,
    /// The share of correct answers within each class, in percent.
    pub per_class: [f64; CLASS_COUNT],
    /// Numbers of images. The row is the true class, the column the answer.
    pub confusion: [[u32; CLASS_COUNT]; CLASS_COUNT],
    /// The number of images in all.
    pub images: usize,
}

impl Evaluation {
    /// The figures that follow from a confusion matrix.
    pub fn of(confusion: [[u32; CLASS_COUNT]; CLASS_COUNT]) -> Self {
        let percent = |correct: u32, all: u32| 100.0 * f64::from(correct) / f64::from(all.max(1));
        let sums = confusion.map(|row| row.iter().sum::<u32>());
        let correct: u32 = (0..CLASS_COUNT).map(|i| confusion[i][i]).sum();
        let all: u32 = sums.iter().sum();
        Self {
            test_accuracy: percent(correct, all),
            per_class: std::array::from_fn(|i| percent(confusion[i][i], sums[i])),
            confusion,
            images: all as usize,
        }
    }
}

/// A network's answers to labelled images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// The most probable class of each image.
    pub classes: Vec<u8>,
    /// The logits of each image.
    pub logits: Vec<[f32; CLASS_COUNT]>,
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// The share of correct answers, in `0.0..=1.0`.
    pub accuracy: f64,
}

/// Classifies the images of `range`. Calls `progress` with the number done after each batch. Returns `None` if that
/// breaks.
///
/// # Errors
/// If the device fails.
pub async fn answer(
    classifier: &Classifier,
    images: &Images,
    range: Range<usize>,
    mut progress: impl AsyncFnMut(usize) -> ControlFlow<()>,
) -> Result<Option<Answers>, ExecutionError> {
    let mut classifier = classifier.clone();
    if range.len() >= WORTH_PREPARING {
        classifier = classifier.prepared(BATCH_LEN);
    }
    let mut answers = Answers::default();
    let mut correct = 0_usize;
    for start in range.clone().step_by(BATCH_LEN) {
        let batch = start..(start + BATCH_LEN).min(range.end);
        let mut values = Vec::with_capacity(batch.len() * IMAGE_LEN);
        for index in batch.clone() {
            classifier.normalisation.append_planar(images.planar(index), &mut values);
        }
        for (index, logits) in batch.zip(classifier.logits_of(values).await?) {
            let (label, class) = (usize::from(images.label(index)), likeliest(&logits));
            // Not the logarithm of a probability, which may have become 0.
            let highest = logits[class];
            let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
            answers.loss += f64::from(sum.ln() - (logits[label] - highest));
            correct += usize::from(class == label);
            answers.classes.push(class as u8);
            answers.logits.push(logits);
        }
        if progress(answers.classes.len()).await.is_break() {
            return Ok(None);
        }
    }
    let count = answers.classes.len().max(1) as f64;
    answers.loss /= count;
    answers.accuracy = correct as f64 / count;
    Ok(Some(answers))
}

/// Classifies all of `images`. Calls `progress` with the number done after each batch.
///
/// # Errors
/// If the device fails.
pub async fn evaluate(
    classifier: &Classifier,
    images: &Images,
    mut progress: impl FnMut(usize),
) -> Result<Evaluation, ExecutionError> {
    let count = async |done| {
        progress(done);
        ControlFlow::Continue(())
    };
    let answers = answer(classifier, images, 0..images.len(), count).await?.expect("nobody says stop");
    let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
    for (&label, &class) in images.labels().iter().zip(&answers.classes) {
        confusion[usize::from(label)][usize::from(class)] += 1;
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
