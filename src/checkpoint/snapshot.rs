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

/// Name under which a file tells where the run stands.
const RUN_KEY: &str = "run";

/// Name under which an exported file tells the [digest] of what it says of its run and of all its tensors.
const DIGEST_KEY: &str = "sha256";

/// Name of the tensor with what the steps since the last report left.
const SINCE_REPORT: &str = "since_report.loss_and_right";

/// What a run is besides its tensors and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logbook {
    /// Which weights it started from.
    pub start: StartingWeights,
    /// What its images are normalised with.
    pub normalisation: Normalisation,
    /// How many training images were there, of which the settings may take fewer.
    pub image_count: usize,
    /// The [digest](crate::data::Images::digest) of these images, in hexadecimal digits; earlier versions did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// Its curves so far.
    pub history: History,
}

/// What a file tells besides tensors.
#[derive(Serialize, Deserialize)]
struct Header {
    step: u64,
    settings: Settings,
    /// Images since the last report.
    image_count: u64,
    logbook: Logbook,
}

/// Why a file is not a snapshot of a run.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Its tensors are not a network's.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// It does not say how far the run had come, and with which settings.
    #[error("the file does not say where a run stands; it is not a checkpoint")]
    NoHeader,
    /// What it says of the run cannot be understood: it is damaged, or knows something that this version does not.
    #[error("what the file says of its run is damaged, or of another version ({0})")]
    Header(String),
    /// Its bytes are not those that were exported.
    #[error("the file is damaged: its SHA-256 is not the one that it says; export it again")]
    Damaged,
    /// Its settings are out of their ranges.
    #[error("the file is of a run that cannot be: {0}")]
    Settings(#[from] crate::domain::SettingsError),
    /// Its images cannot be normalised so.
    #[error("the file is of a run that cannot be: a standard deviation of its images is not above 0")]
    Normalisation,
}

/// Why a run has no snapshot; each reads as a clause.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// The device computes no more.
    #[error("the device failed ({0})")]
    Device(#[from] ExecutionError),
    /// The run is of no use to anybody.
    #[error("its numbers are no longer finite ({name})")]
    NotFinite {
        /// What of it.
        name: String,
    },
    /// What was written says something else than what was to be written.
    #[error("what it says of itself does not read back ({0})")]
    Header(String),
}

impl Logbook {
    /// What the page says of a run with `settings` that has made `step` steps.
    pub fn facts(&self, settings: &Settings, step: u64) -> RunFacts {
        let steps_per_epoch = settings.steps_per_epoch(self.image_count);
        let steps = steps_per_epoch * u64::from(settings.epochs);
        RunFacts { settings: settings.clone(), start: self.start, step, steps_per_epoch, steps }
    }
}

/// The content of a checkpoint of `run`, which reads back.
///
/// # Errors
/// If the device fails, or the run is not worth keeping.
pub async fn write_snapshot(run: &Run, logbook: &Logbook) -> Result<Vec<u8>, WriteError> {
    let mut tensors = named_parameters(run.network());
    tensors.extend(run.optimiser.state());
    let SinceReport { loss_and_right, image_count } = run.since_report.clone();
    if let Some(values) = loss_and_right {
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

/// The run whose checkpoint is `bytes`, on `device`, and its logbook.
///
/// # Errors
/// If `bytes` is damaged or not a checkpoint.
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
    let loss_and_right = (image_count > 0).then(|| load(SINCE_REPORT, 2)).transpose()?;
    let mut run = Run::from_network(network, settings);
    run.optimiser = optimiser;
    run.step = step;
    run.since_report = SinceReport { loss_and_right, image_count };
    Ok((run, logbook))
}

/// What run the checkpoint in `bytes` is of, and its logbook.
///
/// # Errors
/// If `bytes` is not as long as it says, or not a checkpoint; its tensors are not looked at.
pub fn read_facts(bytes: &[u8]) -> Result<(RunFacts, Logbook), SnapshotError> {
    let Header { step, settings, logbook, .. } = read_header(bytes)?;
    Ok((logbook.facts(&settings, step), logbook))
}

/// The checkpoint in `bytes` as it is exported: it tells its own digest, since nothing beside it does.
///
/// # Errors
/// If `bytes` is not a checkpoint.
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

/// Whether `bytes` is as it was when it was exported; what was not exported does not say.
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

/// The JSON and the tensors in `bytes`, a SafeTensors file.
fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8]), SnapshotError> {
    let (len, rest) = bytes.split_first_chunk().ok_or(SnapshotError::NoHeader)?;
    let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| SnapshotError::NoHeader)?;
    rest.split_at_checked(len).ok_or(SnapshotError::NoHeader)
}

/// The header of a checkpoint, if it is of a run that can be.
fn read_header(bytes: &[u8]) -> Result<Header, SnapshotError> {
    let head = SafeTensors::read_metadata(bytes).map_err(WeightsError::from)?.1;
    let text = head.metadata().as_ref().and_then(|metadata| metadata.get(RUN_KEY)).ok_or(SnapshotError::NoHeader)?;
    let header: Header = serde_json::from_str(text).map_err(|error| SnapshotError::Header(error.to_string()))?;
    header.settings.check()?;
    if header.logbook.normalisation.is_usable() { Ok(header) } else { Err(SnapshotError::Normalisation) }
}
