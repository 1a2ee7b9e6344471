//! Finds out how honest weights are: on training images that they never learnt from, on the test images, and on pictures
//! that show none of the ten classes.

use std::error::Error;
use tenfold::{
    data::{Dataset, Images, others::others},
    infer::{
        Classifier, answer,
        calibration::{doubted, expected_error, fit_temperature, least_familiarity},
    },
    protocol::{CLASS_COUNT, Calibration, Doubted},
};

/// Pictures of each kind that show none of the classes.
const OTHERS: usize = 1_000;

/// How honest `classifier` is, which learnt from the first `train_images` training images; none if that is all of them.
///
/// # Errors
/// If the device fails.
pub async fn calibration(
    classifier: &Classifier,
    dataset: &Dataset,
    train_images: usize,
) -> Result<Option<Calibration>, Box<dyn Error>> {
    let Dataset { train, test } = dataset;
    if train_images >= train.len() {
        return Ok(None);
    }
    let held_out = logits(classifier, train, train_images).await?;
    let temperature = fit_temperature(&held_out, &train.labels()[train_images..]);
    let tested = logits(classifier, test, 0).await?;
    let least = least_familiarity(&tested);
    let mut doubts = Vec::new();
    for (kind, pictures) in others(OTHERS) {
        let share = doubted(&classifier.logits(&pictures).await?, least);
        doubts.push(Doubted { kind: kind.into(), pictures: pictures.len(), share });
    }
    Ok(Some(Calibration {
        temperature,
        fitted_on: held_out.len(),
        expected_error: expected_error(&tested, test.labels(), temperature),
        expected_error_before: expected_error(&tested, test.labels(), 1.0),
        least_familiarity: least,
        kept: 1.0 - doubted(&tested, least),
        others: doubts,
    }))
}

/// The logits of the images from number `first` on.
async fn logits(
    classifier: &Classifier,
    images: &Images,
    first: usize,
) -> Result<Vec<[f32; CLASS_COUNT]>, Box<dyn Error>> {
    let go_on = async |_| std::ops::ControlFlow::Continue(());
    Ok(answer(classifier, images, first..images.len(), go_on).await?.expect("nobody says stop").logits)
}

/// Prints it as a table.
pub fn print(calibration: &Calibration) {
    let Calibration { temperature, fitted_on, expected_error, expected_error_before, least_familiarity, kept, others } =
        calibration;
    println!("temperature                {temperature:8.4}  fitted on {fitted_on} held-out training images");
    println!(
        "expected calibration error {expected_error:8.4}  on the test images; without the temperature {expected_error_before:.4}"
    );
    println!("least familiarity          {least_familiarity:8.4}  keeps {:.2}% of the test images", 100.0 * kept);
    for Doubted { kind, pictures, share } in others {
        println!("doubts                     {:7.2}%  of {pictures} pictures of {kind}", 100.0 * share);
    }
}
