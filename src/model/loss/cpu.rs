//! The loss on the CPU, on one thread. A batch has few logits, and waking other threads would take longer.

use super::{LossGradients, LossOps};
use crate::model::cpu::{contiguous, sizes, tensor, values};
use burn::backend::{Flex, tensor::FloatTensor};

impl LossOps for Flex {
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        tally: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [images, classes] = sizes(&logits);
        let [logits, targets, tally] = [logits, targets, tally].map(contiguous);
        let (mut sum, mut correct) = (0.0_f32, 0.0_f32);
        for (logits, targets) in values(&logits).chunks_exact(classes).zip(values(&targets).chunks_exact(classes)) {
            let (highest, log_sum) = log_sum(logits);
            let losses = logits.iter().zip(targets).map(|(logit, target)| target * (log_sum - (logit - highest)));
            sum += losses.sum::<f32>();
            correct += f32::from(u8::from(first_highest(logits) == first_highest(targets)));
        }
        let &[loss_before, correct_before] = values(&tally) else { panic!("a tally has two numbers") };
        let tally = vec![loss_before + sum, correct_before + correct];
        (tensor(vec![sum / images as f32], [1]), tensor(tally, [2]))
    }
}

impl LossGradients for Flex {
    fn cross_entropy_backward(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [images, classes] = sizes(&logits);
        let [logits, targets, grad] = [logits, targets, grad].map(contiguous);
        let scale = values(&grad)[0] / images as f32;
        let mut gradient = Vec::with_capacity(images * classes);
        for (logits, targets) in values(&logits).chunks_exact(classes).zip(values(&targets).chunks_exact(classes)) {
            let (highest, log_sum) = log_sum(logits);
            let all: f32 = targets.iter().sum();
            let pairs = logits.iter().zip(targets);
            gradient.extend(pairs.map(|(logit, target)| scale * (all * (logit - highest - log_sum).exp() - target)));
        }
        tensor(gradient, [images, classes])
    }
}

/// The log-sum-exp in two parts, so that large logits do not overflow. The parts are the highest logit, and the
/// logarithm of the sum of `exp(logit - highest)`.
fn log_sum(logits: &[f32]) -> (f32, f32) {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (highest, logits.iter().map(|logit| (logit - highest).exp()).sum::<f32>().ln())
}

/// The index of the highest value, the first of equal ones.
fn first_highest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}
