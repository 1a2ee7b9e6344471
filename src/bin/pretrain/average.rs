//! Averages several weights of one training run. Their mean lies in a flatter part of the loss, and is more accurate
//! than each of them (Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018).

use super::outcome;
use burn::Tensor;
use std::{
    error::Error,
    path::{Path, PathBuf},
};
use tenfold::{
    checkpoint::{Card, write_weights},
    data::{Images, read_folder},
    domain::IMAGE_SIDE,
    infer::Classifier,
    model::{Device, Masks, Network, Spec, named_parameters},
    train::batches::{Batch, Batches},
};

/// Averages the weights in `folders`, measures the mean with the images in `data`, and writes it to `out`. The card is
/// that of the last folder, with the new measurements.
///
/// # Errors
/// If a folder lacks a file or has a damaged one, or the weights belong to different networks.
pub async fn average(folders: &[PathBuf], data: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let read = folders.iter().map(|folder| outcome::read(folder, &Device::flex())).collect::<Result<Vec<_>, _>>()?;
    let (_, last, _) = read.last().ok_or("name the folders of weights to average")?;
    if let Some((_, other, _)) = read.iter().find(|(_, card, _)| card.network != last.network) {
        return Err(format!("weights of {} and of {} have no mean", other.network.id(), last.network.id()).into());
    }
    let dataset = read_folder(data)?;
    let classifiers: Vec<_> = read.iter().map(|(classifier, ..)| classifier).collect();
    let network = with_statistics(mean(&classifiers)?, &dataset.train, last)?;
    let weights = write_weights(&network).await?;
    let (evaluation, calibration) =
        outcome::measured(&weights, &last.settings, last.normalisation, &dataset, &[], None).await?;
    let card = Card { evaluation, calibration, averaged: folders.len(), ..last.clone() };
    outcome::write(out, &weights, &card)?;
    outcome::print(out, &card);
    Ok(())
}

/// The network whose parameters are the means over `classifiers`, which must be of the same network.
fn mean(classifiers: &[&Classifier]) -> Result<Network, Box<dyn Error>> {
    let share = 1.0 / classifiers.len() as f32;
    let mut parameters = classifiers.iter().map(|classifier| named_parameters(classifier.network()));
    let mut sums = parameters.next().ok_or("there is nothing to average")?;
    for more in parameters {
        for (sum, more) in sums.iter_mut().zip(more) {
            sum.values = sum.values.clone() + more.values;
        }
    }
    let find = |name: &str| sums.iter().find(|sum| sum.name == name);
    let found = |name: &str| Some(find(name)?.shape.clone());
    let spec = Spec::of_file(classifiers[0].network().name(), found);
    Network::load(&spec, &Device::flex(), |name, _| {
        let sum = find(name).ok_or(format!("there is no {name}"))?;
        Ok((sum.values.clone() * share).into_data().try_into_vec().map_err(|_| format!("{name} is not of f32"))?)
    })
}

/// `network` with new running statistics, from one pass over the training images, augmented as in training. Averaged
/// weights have other statistics than the average of the old ones.
fn with_statistics(mut network: Network, images: &Images, card: &Card) -> Result<Network, Box<dyn Error>> {
    let views = [images.into()];
    let mut batches = Batches::new(&views, card.normalisation, card.settings.clone());
    for step in 0..batches.steps_per_epoch() {
        let Batch { images, len, .. } = batches.batch(step);
        let images = Tensor::<1>::from_data(&images[..], &network.device()).reshape([len, 3, IMAGE_SIDE, IMAGE_SIDE]);
        let (_, statistics) = network.forward_in_training(images, &mut Masks::new(0.0, 0, step));
        network = network.with_statistics(statistics);
    }
    Ok(network)
}
