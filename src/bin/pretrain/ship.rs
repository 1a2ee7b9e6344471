//! Makes a folder of shipped weights from a file of exact ones that another program trained.

use super::{calibrate, outcome};
use std::{error::Error, fs, path::Path};
use tenfold::{
    checkpoint::{read_normalisation, read_weights, write_weights},
    data::{Seen, read_folder},
    domain::{NetworkName, Settings},
    model::Device,
    train::Run,
};

/// What a file does not say of its weights.
pub struct Training {
    /// How they were trained, in a sentence.
    pub how: String,
    /// Of the training images the first so many were learnt from.
    pub train_images: usize,
    /// What the images are.
    pub data_title: String,
    /// Duration, in seconds.
    pub wall_seconds: u64,
    /// What it ran on.
    pub processor: String,
}

/// Stores the weights in `file`, SafeTensors that say their network and normalisation, as they are shipped; measures that with
/// the images in `data` and the `strangers`, and writes both to `out`.
///
/// # Errors
/// If a file is damaged or says too little, or the device fails.
pub async fn ship(
    file: &Path,
    training: Training,
    data: &Path,
    strangers: &[Seen],
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let normalisation =
        read_normalisation(&bytes)?.ok_or(format!("{} does not say how its images are normalised", file.display()))?;
    let network = read_weights(&bytes, NetworkName::default(), &Device::flex())?;
    let settings = Settings { train_images: training.train_images, ..network.name().settings() };
    let weights = write_weights(&network).await?;
    let measured = outcome::measured(&weights, &settings, normalisation, &read_folder(data)?, strangers, None).await?;
    if let (_, Some(calibration)) = &measured {
        calibrate::print(calibration);
    }
    let run = Run::from_network(network.train(), settings);
    let mut card = outcome::card(&run, normalisation, measured, &training.data_title, training.wall_seconds);
    card.trained_elsewhere = Some(training.how);
    card.processor = training.processor;
    outcome::write(out, &weights, &card)?;
    outcome::print(out, &card);
    Ok(())
}
