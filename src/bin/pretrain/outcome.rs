//! What a finished run leaves: a folder of weights and their model card; and how such a folder is measured.

use std::{error::Error, fs, path::Path, time::SystemTime};
use tenfold::{
    checkpoint::{CARD_FILE, Card, WEIGHTS_FILE},
    data::{Normalisation, read_folder},
    infer::{Classifier, Evaluation, evaluate},
    model::{Device, parameter_count},
    protocol::Settings,
    train::Run,
};

/// The model card of what `run` made.
pub fn card(run: &Run, normalisation: Normalisation, evaluation: Evaluation, data: &str, wall_seconds: u64) -> Card {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = now.split('T').next().unwrap_or_default().to_owned();
    let rate = run.settings.dropout_rate;
    Card {
        network: "cui2017".into(),
        title: "Cui 2017".into(),
        architecture: "convolution 4x4, 18 filters, SAME; ReLU; max pool 8x8, stride 1, SAME; dropout; \
                       dense 384; ReLU; dropout; dense 10"
            .into(),
        parameters: parameter_count(run.network()) as u64,
        data: data.to_owned(),
        normalisation,
        settings: run.settings.clone(),
        reason: format!(
            "The article drops {} of the connections; this run drops {rate}, and gives the convolution a higher \
             learning rate than the dense layers: both learn faster and end higher in the same number of epochs.",
            Settings::ARTICLE_DROPOUT_RATE
        ),
        quantisation: "hidden.weight: 8 bits and one scale a column; other matrices: 16 bits; biases: 32 bits".into(),
        evaluation,
        wall_seconds,
        processor: processor(),
        date,
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
