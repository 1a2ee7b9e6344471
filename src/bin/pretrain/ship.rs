//! Makes a folder of shipped weights from exact weights that another program trained.

use super::{calibrate, outcome};
use std::{error::Error, fs, path::Path};
use tenfold::{
    checkpoint::{read_normalisation, read_weights, write_weights},
    data::{Seen, read_folder},
    domain::{NetworkName, Settings},
    model::Device,
    train::Run,
};

/// What a weights file does not tell about its training.
pub struct Training {
    /// How they were trained, in a sentence.
    pub how: String,
    /// Number of training images that they were trained on: the first ones.
    pub train_images: usize,
    /// What the images are, for the model card.
    pub data_title: String,
    /// Duration, in seconds.
    pub wall_seconds: u64,
    /// The processor.
    pub processor: String,
}

/// Stores the weights in `file` in the format of the shipped ones. `file` is SafeTensors with its network and
/// normalisation. Measures the stored weights with the images in `data` and the `strangers`, and writes weights and
/// card to `out`.
///
/// # Errors
/// If a file is damaged or lacks metadata, or the device fails.
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
