//! The result of a finished run: a folder of weights and their model card; and how such a folder is measured.

use super::calibrate;
use std::{error::Error, fs, path::Path, time::SystemTime};
use tenfold::{
    checkpoint::{CARD_FILE, Card, WEIGHTS_FILE, read_weights},
    data::{Dataset, Normalisation, Seen, read_folder},
    domain::{Calibration, NetworkName, Settings},
    infer::{Classifier, Evaluation, evaluate},
    model::Device,
    train::Run,
};

/// The model card of `run`, which began from scratch.
pub fn card(
    run: &Run,
    normalisation: Normalisation,
    (evaluation, calibration): (Evaluation, Option<Calibration>),
    data: &str,
    wall_seconds: u64,
) -> Card {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = now.split('T').next().unwrap_or_default().to_owned();
    let network = run.network().name();
    let sizes = |output: Vec<u32>| output.iter().map(u32::to_string).collect::<Vec<_>>().join("x");
    let outputs: Vec<_> = run.network().layers().into_iter().map(|layer| sizes(layer.output)).collect();
    let architecture = match &run.settings.layers {
        Some(layers) => layers.to_string(),
        None => architecture(network).into(),
    };
    Card {
        network,
        title: network.title().into(),
        architecture: format!("{architecture}; outputs {}", outputs.join(", ")),
        parameters: run.network().parameter_count() as u64,
        data: data.to_owned(),
        normalisation,
        settings: run.settings.clone(),
        earlier: Vec::new(),
        teachers: Vec::new(),
        views: None,
        averaged: 0,
        trained_elsewhere: None,
        reason: recipe(network).into(),
        quantisation:
            "matrices and filters from 100,000 weights up: 8 bits and one scale for each output; smaller ones: \
                       16 bits; the rest: 32 bits"
                .into(),
        evaluation,
        weights_sha256: None,
        calibration,
        wall_seconds,
        processor: processor(),
        date,
    }
}

/// The layers of a shipped network in words. The card adds their widths.
fn architecture(network: NetworkName) -> &'static str {
    match network {
        NetworkName::Cui2017 => {
            "convolution 4x4, 18 filters, SAME; ReLU; max pool 8x8, stride 1, SAME; dropout; dense 384; ReLU; dropout; \
                 dense 10"
        }
        NetworkName::Own => "layers of one's own",
        NetworkName::Tenfold2026 => {
            "frozen whitening of 2x2 patches, 24 filters; GELU; three groups of convolution 3x3, max pool 2x2, batch \
                 normalisation, GELU, convolution 3x3, batch normalisation, GELU; maximum over all pixels; dense 10"
        }
    }
}

/// Where the settings of a network come from.
fn recipe(network: NetworkName) -> &'static str {
    match network {
        NetworkName::Cui2017 => {
            "The article's dropout rate is 0.7. A lower rate, and a higher learning rate for the convolution than for \
                 the dense layers, learn faster and reach a higher accuracy in the same number of epochs."
        }
        NetworkName::Own => "The settings are the page's own for networks that nobody has tried before.",
        NetworkName::Tenfold2026 => {
            "Architecture and recipe follow airbench94 (Keller Jordan, 2024). What differs: the first group is twice as \
                 wide, there are more epochs, batches are smaller, CutMix mixes images, and the learning rate follows a \
                 cosine, not a triangle. Answers of other trained networks teach more than labels alone."
        }
    }
}

/// Writes the weights and their card, with the weights' digest, into `folder`.
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, weights: &[u8], card: &Card) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(WEIGHTS_FILE), weights)?;
    fs::write(folder.join(CARD_FILE), serde_json::to_string_pretty(&card.clone().of(weights))? + "\n")?;
    Ok(())
}

/// Writes the digest of the weights in `folder` to their card.
///
/// # Errors
/// If the folder lacks a file or holds a damaged one.
pub fn seal_folder(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (_, card, weights) = read(folder, &Device::flex())?;
    write(folder, &weights, &card)
}

/// Measures the accuracy of stored `weights`, the bytes of a file, and their calibration if training images were held
/// back. `settings` are those of their training. Temperature and threshold are those of `before`, or are fitted.
///
/// # Errors
/// If the weights are damaged, or the device fails.
pub async fn measured(
    weights: &[u8],
    settings: &Settings,
    normalisation: Normalisation,
    dataset: &Dataset,
    strangers: &[Seen],
    before: Option<&Calibration>,
) -> Result<(Evaluation, Option<Calibration>), Box<dyn Error>> {
    let stored = Classifier::new(read_weights(weights, settings.network, &Device::flex())?, normalisation);
    let evaluation = evaluate(&stored, &dataset.test, |_| ()).await?;
    Ok((evaluation, calibrate::calibration(&stored, dataset, settings.train_images, strangers, before).await?))
}

/// Prints the accuracy of the weights in `folder`.
pub fn print(folder: &Path, card: &Card) {
    let Evaluation { test_accuracy, images, .. } = card.evaluation;
    println!("{}: {test_accuracy:.2}% of {images} test images", folder.display());
}

/// Measures the weights in `folder` on the test images in `data`.
///
/// # Errors
/// If either folder lacks a file or holds a damaged one.
pub fn evaluate_folder(folder: &Path, data: &Path) -> Result<Evaluation, Box<dyn Error>> {
    let (classifier, _, _) = read(folder, &Device::flex())?;
    Ok(pollster::block_on(evaluate(&classifier, &read_folder(data)?.test, |_| ()))?)
}

/// Measures the weights in `folder` again with the images in `data` and the `strangers`, and updates their card.
/// `title` describes the images on the card. With `keep_fit`, temperature and threshold stay.
///
/// # Errors
/// If either folder lacks a file or holds a damaged one.
pub async fn measure_folder(
    folder: &Path,
    data: &Path,
    strangers: &[Seen],
    title: Option<String>,
    keep_fit: bool,
) -> Result<(), Box<dyn Error>> {
    let (_, card, weights) = read(folder, &Device::flex())?;
    let before = card.calibration.as_ref().filter(|_| keep_fit);
    let (evaluation, calibration) =
        measured(&weights, &card.settings, card.normalisation, &read_folder(data)?, strangers, before).await?;
    match &calibration {
        Some(calibration) => calibrate::print(calibration),
        None => println!("no calibration: these weights learnt from all training images (see --images)"),
    }
    let card = Card { evaluation, calibration, data: title.unwrap_or(card.data), ..card };
    print(folder, &card);
    write(folder, &weights, &card)
}

/// The network in `folder` on `device`, its card, and the bytes of its weights.
///
/// # Errors
/// If the folder lacks a file or holds a damaged one.
pub fn read(folder: &Path, device: &Device) -> Result<(Classifier, Card, Vec<u8>), Box<dyn Error>> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let card: Card = serde_json::from_slice(&read(CARD_FILE)?)?;
    let weights = read(WEIGHTS_FILE)?;
    let classifier = Classifier::load(&weights, &card, device)?;
    Ok((classifier, card, weights))
}

/// The processor's name, if the system tells it.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{name}, {threads} threads")
}
