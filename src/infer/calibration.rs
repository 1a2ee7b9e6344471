//! Calibrated confidence: a temperature for the logits, and doubt about pictures that are unlike the ten classes.

use super::softmax;
use crate::domain::{CLASS_COUNT, Calibration, likeliest};

/// Bins of equal width into which confidences are sorted (Guo et al., "On Calibration of Modern Neural Networks",
/// 2017).
const BINS: usize = 15;

/// The share of the test images that the threshold of doubt lets pass.
const KEPT: f64 = 0.95;

/// The limits of the factor for logits, the inverse of the temperature.
const SHARPNESS: [f64; 2] = [0.05, 20.0];

/// A network's judgement of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Probability of each class; they sum to 1.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
}

/// The judgement for these `logits`. Without a calibration no picture is doubted.
pub fn judge(logits: &[f32; CLASS_COUNT], calibration: Option<&Calibration>) -> Judgement {
    match calibration {
        Some(calibration) => Judgement {
            probabilities: softmax(&logits.map(|logit| logit / calibration.temperature)),
            is_none: log_sum_exp(logits) < calibration.least_log_sum_exp,
        },
        None => Judgement { probabilities: softmax(logits), is_none: false },
    }
}

/// The log-sum-exp of the logits, in nats: higher for pictures that are like the ten classes. It is the negative energy
/// of Liu et al., "Energy-based Out-of-distribution Detection", 2020.
///
/// At thresholds that let equally many test images pass, it doubts more of every kind of other pictures than the
/// highest logit does.
pub fn log_sum_exp(logits: &[f32; CLASS_COUNT]) -> f32 {
    let highest = highest(logits);
    highest + logits.iter().map(|logit| (logit - highest).exp()).sum::<f32>().ln()
}

fn highest(logits: &[f32; CLASS_COUNT]) -> f32 {
    logits.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// The temperature with the least mean cross-entropy for images with these logits and labels.
pub fn fit_temperature(logits: &[[f32; CLASS_COUNT]], labels: &[u8]) -> f32 {
    // The loss is convex in the inverse of the temperature. Golden-section search finds its only minimum.
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let [mut low, mut high] = SHARPNESS;
    for _ in 0..80 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(logits, labels, a) < loss(logits, labels, b) {
            high = b;
        } else {
            low = a;
        }
    }
    (2.0 / (low + high)) as f32
}

/// Mean cross-entropy of logits times `sharpness`, in nats.
fn loss(logits: &[[f32; CLASS_COUNT]], labels: &[u8], sharpness: f64) -> f64 {
    let losses = logits.iter().zip(labels).map(|(logits, &label)| {
        let highest = f64::from(highest(logits));
        let over = logits.map(|logit| sharpness * (f64::from(logit) - highest));
        over.iter().map(|logit| logit.exp()).sum::<f64>().ln() - over[usize::from(label)]
    });
    losses.sum::<f64>() / labels.len() as f64
}

/// The expected calibration error at `temperature`, `0.0..=1.0`: the average distance between confidence and accuracy.
pub fn expected_error(logits: &[[f32; CLASS_COUNT]], labels: &[u8], temperature: f32) -> f64 {
    // For each bin: the sum of confidences minus the number of correct answers.
    let mut excess = [0.0; BINS];
    for (logits, &label) in logits.iter().zip(labels) {
        let class = likeliest(logits);
        let confidence = f64::from(softmax(&logits.map(|logit| logit / temperature))[class]);
        let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
        excess[bin] += confidence - if class == usize::from(label) { 1.0 } else { 0.0 };
    }
    excess.iter().map(|excess| excess.abs()).sum::<f64>() / labels.len() as f64
}

/// The highest threshold of the log-sum-exp that at least 95 of 100 of these images reach.
///
/// # Panics
/// If there are no images.
pub fn least_log_sum_exp(logits: &[[f32; CLASS_COUNT]]) -> f32 {
    let mut values: Vec<f32> = logits.iter().map(log_sum_exp).collect();
    values.sort_by(f32::total_cmp);
    let kept = (values.len() as f64 * KEPT).ceil() as usize;
    values[values.len() - kept]
}

/// The share of these images whose log-sum-exp is below `least`, `0.0..=1.0`.
pub fn doubted(logits: &[[f32; CLASS_COUNT]], least: f32) -> f64 {
    logits.iter().filter(|logits| log_sum_exp(logits) < least).count() as f64 / logits.len().max(1) as f64
}

/// The area under the ROC curve, `0.0..=1.0`: the chance that one of the `known` images has a higher log-sum-exp than
/// one of the `strangers`. Ties count one half. Computed by ranks, as Mann and Whitney's U.
///
/// # Panics
/// If there are no images of one of the two kinds.
pub fn auroc(known: &[[f32; CLASS_COUNT]], strangers: &[[f32; CLASS_COUNT]]) -> f64 {
    assert!(!known.is_empty() && !strangers.is_empty(), "images of both kinds");
    let mut below: Vec<f32> = strangers.iter().map(log_sum_exp).collect();
    below.sort_by(f32::total_cmp);
    let wins = known.iter().map(|logits| {
        let log_sum_exp = log_sum_exp(logits);
        let less = below.partition_point(|other| *other < log_sum_exp);
        let at_most = below.partition_point(|other| *other <= log_sum_exp);
        (less + at_most) as f64 / 2.0
    });
    wins.sum::<f64>() / (known.len() as f64 * below.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    /// Logits of 20,000 images. Their labels are drawn with the probabilities of the logits at `temperature`.
    fn drawn(temperature: f32) -> (Vec<[f32; CLASS_COUNT]>, Vec<u8>) {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let logits: Vec<[f32; CLASS_COUNT]> =
            (0..20_000).map(|_| std::array::from_fn(|_| random.random_range(-4.0..4.0))).collect();
        let mut label = |logits: &[f32; CLASS_COUNT]| {
            let mut left: f32 = random.random();
            let probabilities = softmax(&logits.map(|logit| logit / temperature));
            let class = probabilities.iter().position(|probability| {
                left -= probability;
                left < 0.0
            });
            class.unwrap_or(CLASS_COUNT - 1) as u8
        };
        let labels = logits.iter().map(&mut label).collect();
        (logits, labels)
    }

    #[test]
    fn the_temperature_is_found_that_labels_were_drawn_with_and_makes_confidence_right() {
        for temperature in [0.4, 2.5] {
            let (logits, labels) = drawn(temperature);
            let fitted = fit_temperature(&logits, &labels);
            assert!((fitted / temperature - 1.0).abs() < 0.03, "{fitted} in place of {temperature}");
            let [before, after] = [1.0, fitted].map(|fitted| expected_error(&logits, &labels, fitted));
            assert!(after < 0.01 && before > 0.1, "{before} before, {after} after");
        }
    }

    #[test]
    fn a_network_that_is_sure_and_wrong_half_the_time_is_half_off() {
        let mut sure = [0.0; CLASS_COUNT];
        sure[0] = 50.0;
        assert!((expected_error(&[sure, sure], &[0, 1], 1.0) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn the_area_under_the_roc_curve_is_the_share_of_pairs_in_the_right_order() {
        let of = |log_sum_exp: f32| {
            let mut logits = [f32::NEG_INFINITY; CLASS_COUNT];
            logits[3] = log_sum_exp;
            logits
        };
        let strangers = [of(0.0), of(1.0), of(2.0)];
        // Pairs in the right order: 1.5 of 3 (one is a tie), and 3 of 3.
        assert_eq!(auroc(&[of(1.0), of(3.0)], &strangers), 4.5 / 6.0);
        assert_eq!(auroc(&strangers, &strangers), 0.5);
    }

    #[test]
    fn ninety_five_of_a_hundred_are_familiar_and_the_rest_is_doubted() {
        let logits: Vec<_> = (0..200_u8)
            .map(|i| {
                let mut logits = [f32::NEG_INFINITY; CLASS_COUNT];
                logits[usize::from(i) % CLASS_COUNT] = f32::from(i);
                logits
            })
            .collect();
        let least = least_log_sum_exp(&logits);
        assert_eq!(least, 10.0);
        assert_eq!(doubted(&logits, least), 0.05);
        let calibration = Calibration {
            temperature: 2.0,
            fitted_on: 0,
            expected_error: 0.0,
            expected_error_before: 0.0,
            least_log_sum_exp: least,
            kept: 0.95,
            others: Vec::new(),
        };
        assert!(judge(&logits[9], Some(&calibration)).is_none && !judge(&logits[10], Some(&calibration)).is_none);
        assert!(!judge(&logits[9], None).is_none);
        assert_eq!(judge(&logits[9], Some(&calibration)).probabilities, softmax(&logits[9].map(|logit| logit / 2.0)));
    }
}
