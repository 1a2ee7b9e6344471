//! Measures calibration: on held-back training images, on the test images, and on pictures that show none of the ten
//! classes.

use std::error::Error;
use tenfold::{
    data::Seen,
    data::{Dataset, Images, others::others},
    domain::{CLASS_COUNT, Calibration, Doubted},
    infer::{
        Classifier, answer,
        calibration::{auroc, doubted, expected_error, fit_temperature, least_log_sum_exp},
    },
};

/// Number of pictures of each drawn kind.
const OTHERS: usize = 1_000;

/// Number of pictures in a batch.
const PART: usize = 1_000;

/// The name of `strangers` on a card.
const STRANGERS: &str = "photos of other things (CIFAR-100)";

/// The calibration of `classifier`, which learnt from the first `train_images` training images; none if that is all of
/// them.
///
/// Temperature and threshold are fitted on the other training images, or taken from `before`. The test images, drawn
/// pictures and `strangers` (which may be empty) are only measured.
///
/// # Errors
/// If the device fails.
pub async fn calibration(
    classifier: &Classifier,
    dataset: &Dataset,
    train_images: usize,
    strangers: &[Seen],
    before: Option<&Calibration>,
) -> Result<Option<Calibration>, Box<dyn Error>> {
    let Dataset { train, test } = dataset;
    if train_images >= train.len() {
        return Ok(None);
    }
    let (temperature, least, fitted_on) = match before {
        Some(before) => (before.temperature, before.least_log_sum_exp, before.fitted_on),
        None => {
            let held_out = logits(classifier, train, train_images).await?;
            let temperature = fit_temperature(&held_out, &train.labels()[train_images..]);
            (temperature, least_log_sum_exp(&held_out), held_out.len())
        }
    };
    let tested = logits(classifier, test, 0).await?;
    let mut doubts = Vec::new();
    let drawn = others(OTHERS);
    let kinds = drawn.iter().map(|(kind, pictures)| (*kind, pictures.as_slice()));
    for (kind, pictures) in kinds.chain((!strangers.is_empty()).then_some((STRANGERS, strangers))) {
        let mut logits = Vec::with_capacity(pictures.len());
        for part in pictures.chunks(PART) {
            logits.extend(classifier.logits(part).await?);
        }
        doubts.push(Doubted {
            kind: kind.into(),
            pictures: pictures.len(),
            share: doubted(&logits, least),
            auroc: auroc(&tested, &logits),
        });
    }
    Ok(Some(Calibration {
        temperature,
        fitted_on,
        expected_error: expected_error(&tested, test.labels(), temperature),
        expected_error_before: expected_error(&tested, test.labels(), 1.0),
        least_log_sum_exp: least,
        kept: 1.0 - doubted(&tested, least),
        others: doubts,
    }))
}

/// The logits of the images from index `first` on.
async fn logits(
    classifier: &Classifier,
    images: &Images,
    first: usize,
) -> Result<Vec<[f32; CLASS_COUNT]>, Box<dyn Error>> {
    let go_on = async |_| std::ops::ControlFlow::Continue(());
    Ok(answer(classifier, images, first..images.len(), go_on).await?.expect("nobody says stop").logits)
}

/// Prints `calibration` as a table.
pub fn print(calibration: &Calibration) {
    let Calibration { temperature, fitted_on, expected_error, expected_error_before, least_log_sum_exp, kept, others } =
        calibration;
    println!("temperature                {temperature:8.4}  fitted on {fitted_on} held-out training images");
    println!(
        "expected calibration error {expected_error:8.4}  on the test images; without the temperature {expected_error_before:.4}"
    );
    println!("least log-sum-exp          {least_log_sum_exp:8.4}  keeps {:.2}% of the test images", 100.0 * kept);
    for Doubted { kind, pictures, share, auroc } in others {
        println!(
            "doubts                     {:7.2}%  of {pictures} pictures of {kind}; AUROC {auroc:.4}",
            100.0 * share
        );
    }
}
