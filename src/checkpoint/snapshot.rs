//! A run as bytes: parameters, the optimiser's state, settings, position and curves, all exact.

use super::{
    WeightsError, bytes_of, floats_of, read_all,
    weights::{read_tensor, shape},
};
use crate::{
    data::Normalisation,
    domain::{History, RunFacts, Settings, StartingWeights},
    model::{NamedTensor, Network, Spec, named_parameters, tensors::upload},
    shelf::record::{digest, hex},
    train::{Optimiser, Run, run::SinceReport},
};
use burn::{Tensor, backend::ExecutionError, tensor::Device};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The metadata key of the run's [`Header`].
const RUN_KEY: &str = "run";

/// The metadata key of the [digest] of a run's header and tensors. Only exported files have it.
const DIGEST_KEY: &str = "sha256";

/// The tensor with the loss and the number of correct answers since the last report.
const SINCE_REPORT: &str = "since_report.loss_and_right";

/// A run's history and origin: everything besides its tensors and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logbook {
    /// The weights that it started from.
    pub start: StartingWeights,
    /// How its images are normalised.
    pub normalisation: Normalisation,
    /// Number of training images that were available; the settings may use fewer.
    pub image_count: usize,
    /// The [digest](crate::data::Images::digest) of these images, in hexadecimal digits. Earlier versions did not note
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// Its curves so far.
    pub history: History,
}

/// The metadata of a snapshot.
#[derive(Serialize, Deserialize)]
struct Header {
    step: u64,
    settings: Settings,
    /// Images since the last report.
    image_count: u64,
    logbook: Logbook,
}

/// Why a file is not a valid snapshot of a run.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Its tensors are not those of a network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// It has no header.
    #[error("the file holds no run; choose a run that Tenfold exported")]
    NoHeader,
    /// Its header cannot be parsed. It is damaged, or a newer version wrote it.
    #[error("the file's description of its run is damaged, or of another version ({0})")]
    Header(String),
    /// Its bytes do not match its digest.
    #[error("the file is damaged: it does not match its SHA-256; export it again")]
    Damaged,
    /// Its settings are out of their ranges.
    #[error("the file's run has impossible settings: {0}")]
    Settings(#[from] crate::domain::SettingsError),
    /// Its normalisation is impossible.
    #[error("the file's run has an impossible normalisation: a standard deviation is not above 0")]
    Normalisation,
}

/// Why a snapshot of a run could not be written; each displays as a clause.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// The device failed.
    #[error("the device failed ({0})")]
    Device(#[from] ExecutionError),
    /// A parameter or a state of the optimiser is infinite or not a number.
    #[error("its numbers are no longer finite ({name})")]
    NotFinite {
        /// The name of the tensor.
        name: String,
    },
    /// The written header reads back differently.
    #[error("its description does not read back ({0})")]
    Header(String),
}

impl Logbook {
    /// The facts that the page shows of a run with `settings` after `step` steps.
    pub fn facts(&self, settings: &Settings, step: u64) -> RunFacts {
        let steps_per_epoch = settings.steps_per_epoch(self.image_count);
        let steps = steps_per_epoch * u64::from(settings.epochs);
        RunFacts { settings: settings.clone(), start: self.start, step, steps_per_epoch, steps }
    }
}

/// The bytes of a snapshot of `run`. They have been checked to read back.
///
/// # Errors
/// If the device fails, or a number of the run is not finite.
pub async fn write_snapshot(run: &Run, logbook: &Logbook) -> Result<Vec<u8>, WriteError> {
    let mut tensors = named_parameters(run.network());
    tensors.extend(run.optimiser.state());
    let SinceReport { loss_and_correct, image_count } = run.since_report.clone();
    if let Some(values) = loss_and_correct {
        tensors.push(NamedTensor { name: SINCE_REPORT.to_owned(), shape: vec![2], values, is_trained: false });
    }
    let data = read_all(&tensors).await?;
    let is_finite = |data| floats_of(data).iter().all(|value| value.is_finite());
    if let Some((tensor, _)) = tensors.iter().zip(&data).find(|(_, data)| !is_finite(data)) {
        return Err(WriteError::NotFinite { name: tensor.name.clone() });
    }
    let views = tensors.iter().zip(&data).map(|(tensor, data)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes_of(data)).expect("bytes fill the shape");
        (tensor.name.clone(), view)
    });
    let header = Header { step: run.step, settings: run.settings.clone(), image_count, logbook: logbook.clone() };
    let header = serde_json::to_string(&header).expect("settings are plain data");
    let metadata = HashMap::from([(RUN_KEY.to_owned(), header)]);
    let bytes = safetensors::serialize(views, Some(metadata)).expect("names are unique");
    match read_header(&bytes) {
        Ok(read) if read.step == run.step && read.settings == run.settings => Ok(bytes),
        Ok(_) => Err(WriteError::Header("another step or other settings".into())),
        Err(error) => Err(WriteError::Header(error.to_string())),
    }
}

/// The run and the logbook in the snapshot `bytes`, loaded onto `device`.
///
/// # Errors
/// If `bytes` is damaged or not a snapshot.
pub fn read_snapshot(bytes: &[u8], device: &Device) -> Result<(Run, Logbook), SnapshotError> {
    let file = SafeTensors::deserialize(bytes).map_err(WeightsError::from)?;
    check_seal(bytes)?;
    let Header { step, settings, image_count, logbook } = read_header(bytes)?;

    let load = |name: &str, shape: &[usize]| read_tensor(&file, name, shape);
    let own = settings.layers.clone();
    let spec = own.unwrap_or_else(|| Spec::of_file(settings.network, |name| shape(&file, name)));
    let network = Network::load(&spec, &device.clone().autodiff(), load)?;
    let load = |name: &str, len: usize| -> Result<Tensor<1>, WeightsError> {
        Ok(upload(read_tensor(&file, name, &[len])?, [len], device))
    };
    let optimiser = Optimiser::restore(settings.optimiser, step, &named_parameters(&network), load)?;
    let loss_and_correct = (image_count > 0).then(|| load(SINCE_REPORT, 2)).transpose()?;
    let mut run = Run::from_network(network, settings);
    run.optimiser = optimiser;
    run.step = step;
    run.since_report = SinceReport { loss_and_correct, image_count };
    Ok((run, logbook))
}

/// The facts and the logbook of the run in the snapshot `bytes`. Tensors are not read.
///
/// # Errors
/// If `bytes` is cut short, or not a snapshot.
pub fn read_facts(bytes: &[u8]) -> Result<(RunFacts, Logbook), SnapshotError> {
    let Header { step, settings, logbook, .. } = read_header(bytes)?;
    Ok((logbook.facts(&settings, step), logbook))
}

/// The snapshot `bytes` as an exported file, with its digest in the metadata, because no label comes with such a file.
///
/// # Errors
/// If `bytes` is not a snapshot.
pub fn sealed(bytes: &[u8]) -> Result<Vec<u8>, SnapshotError> {
    let (head, tensors) = parts(bytes)?;
    let damaged = |error: serde_json::Error| SnapshotError::Header(error.to_string());
    let mut head: serde_json::Value = serde_json::from_slice(head).map_err(damaged)?;
    let run = head["__metadata__"][RUN_KEY].as_str().ok_or(SnapshotError::NoHeader)?;
    let digest = hex(&digest(&[run.as_bytes(), tensors]));
    head["__metadata__"][DIGEST_KEY] = digest.into();
    let mut head = head.to_string();
    // Tensors begin at a multiple of eight bytes.
    head.extend(std::iter::repeat_n(' ', head.len().next_multiple_of(8) - head.len()));
    Ok([&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), tensors].concat())
}

/// Checks the digest of `bytes`, if there is one; only exported files have it.
fn check_seal(bytes: &[u8]) -> Result<(), SnapshotError> {
    let (head, tensors) = parts(bytes)?;
    let head: serde_json::Value =
        serde_json::from_slice(head).map_err(|error| SnapshotError::Header(error.to_string()))?;
    let text = |key: &str| head["__metadata__"][key].as_str();
    match (text(DIGEST_KEY), text(RUN_KEY)) {
        (Some(told), Some(run)) if told != hex(&digest(&[run.as_bytes(), tensors])) => Err(SnapshotError::Damaged),
        _ => Ok(()),
    }
}

/// The JSON header and the tensors of `bytes`, a SafeTensors file.
fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8]), SnapshotError> {
    let (len, rest) = bytes.split_first_chunk().ok_or(SnapshotError::NoHeader)?;
    let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| SnapshotError::NoHeader)?;
    rest.split_at_checked(len).ok_or(SnapshotError::NoHeader)
}

/// The header of a snapshot, with valid settings and a valid normalisation.
fn read_header(bytes: &[u8]) -> Result<Header, SnapshotError> {
    let head = SafeTensors::read_metadata(bytes).map_err(WeightsError::from)?.1;
    let text = head.metadata().as_ref().and_then(|metadata| metadata.get(RUN_KEY)).ok_or(SnapshotError::NoHeader)?;
    let header: Header = serde_json::from_str(text).map_err(|error| SnapshotError::Header(error.to_string()))?;
    header.settings.check()?;
    if header.logbook.normalisation.is_usable() { Ok(header) } else { Err(SnapshotError::Normalisation) }
}
