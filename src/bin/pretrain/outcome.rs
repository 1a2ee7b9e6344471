//! What a finished run leaves: a folder of weights and their model card; and how such a folder is measured.

use std::{error::Error, fs, path::Path, time::SystemTime};
use tenfold::{
    checkpoint::{CARD_FILE, Card, WEIGHTS_FILE},
    data::{Normalisation, read_folder},
    infer::{Classifier, Evaluation, evaluate},
    model::Device,
    protocol::{NetworkName, Settings},
    train::Run,
};

/// The model card of what `run` made.
pub fn card(run: &Run, normalisation: Normalisation, evaluation: Evaluation, data: &str, wall_seconds: u64) -> Card {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = now.split('T').next().unwrap_or_default().to_owned();
    let network = run.network().name();
    Card {
        network,
        title: network.title().into(),
        architecture: architecture(network).into(),
        parameters: run.network().parameter_count() as u64,
        data: data.to_owned(),
        normalisation,
        settings: run.settings.clone(),
        reason: reason(&run.settings),
        quantisation:
            "matrices and filters from 100,000 weights up: 8 bits and one scale for each output; smaller ones: \
                       16 bits; the rest: 32 bits"
                .into(),
        evaluation,
        wall_seconds,
        processor: processor(),
        date,
    }
}

/// The network's layers, in words.
fn architecture(network: NetworkName) -> &'static str {
    match network {
        NetworkName::Cui2017 => {
            "convolution 4x4, 18 filters, SAME; ReLU; max pool 8x8, stride 1, SAME; dropout; dense 384; ReLU; dropout; \
             dense 10"
        }
        NetworkName::Tenfold2026 => {
            "frozen whitening of 2x2 patches, 24 filters; GELU; three groups of convolution 3x3, max pool 2x2, batch \
             normalisation, GELU, convolution 3x3, batch normalisation, GELU, with 64, 256 and 256 channels; maximum over \
             all pixels; dense 10"
        }
    }
}

/// Why the settings are what they are.
fn reason(settings: &Settings) -> String {
    match settings.network {
        NetworkName::Cui2017 => format!(
            "The article drops {} of the connections; this run drops {}, and gives the convolution a higher learning \
             rate than the dense layers: both learn faster and end higher in the same number of epochs.",
            Settings::ARTICLE_DROPOUT_RATE,
            settings.dropout_rate
        ),
        NetworkName::Tenfold2026 => {
            "Architecture and recipe follow airbench94 (Keller Jordan, 2024), with more epochs \
                                     and smaller batches, and a cosine in place of its triangle."
                .into()
        }
    }
}

/// Writes the weights and their card into `folder`.
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, weights: &[u8], card: &Card) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(WEIGHTS_FILE), weights)?;
    fs::write(folder.join(CARD_FILE), serde_json::to_string_pretty(card)? + "\n")?;
    Ok(())
}

/// Measures the weights in `folder` on the test images in `data`.
///
/// # Errors
/// If either folder lacks a file or holds a damaged one.
pub fn evaluate_folder(folder: &Path, data: &Path) -> Result<Evaluation, Box<dyn Error>> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let card: Card = serde_json::from_slice(&read(CARD_FILE)?)?;
    let classifier = Classifier::load(&read(WEIGHTS_FILE)?, &card, &Device::flex())?;
    Ok(pollster::block_on(evaluate(&classifier, &read_folder(data)?.test, |_| ()))?)
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{name}, {threads} threads")
}
