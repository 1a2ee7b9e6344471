//! A run as bytes: parameters, the optimiser's state, settings, position and curves, all exact.

use super::{
    WeightsError, bytes_of, read_all,
    weights::{read_tensor, shape},
};
use crate::{
    data::Normalisation,
    model::{NamedTensor, Network, named_parameters, tensors::upload},
    protocol::{History, RunFacts, Settings, Start},
    train::{Optimiser, Run, run::SinceReport},
};
use burn::{Tensor, backend::ExecutionError, tensor::Device};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Name under which a file tells where the run stands.
const RUN_KEY: &str = "run";

/// Name of the tensor with what the steps since the last report left.
const SINCE_REPORT: &str = "since_report.loss_and_right";

/// Most bytes that the part of a file before its tensors may have.
const HEAD_LIMIT_BYTES: u64 = 16 << 20;

/// What a run is besides its tensors and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logbook {
    /// Which weights it started from.
    pub start: Start,
    /// What its images are normalised with.
    pub normalisation: Normalisation,
    /// How many training images were there, of which the settings may take fewer.
    pub image_count: usize,
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
    #[error("the file does not say where a run stands; it is not a checkpoint, or one of another version")]
    Header,
    /// Its settings are out of their ranges.
    #[error("the file is of a run that cannot be: {0}")]
    Settings(#[from] crate::protocol::SettingsError),
}

impl Logbook {
    /// What the page says of a run with `settings` that has made `step` steps.
    pub fn facts(&self, settings: &Settings, step: u64) -> RunFacts {
        let steps_per_epoch = settings.steps_per_epoch(self.image_count);
        let steps = steps_per_epoch * u64::from(settings.epochs);
        RunFacts { settings: settings.clone(), start: self.start, step, steps_per_epoch, steps }
    }
}

/// The content of a checkpoint of `run`.
///
/// # Errors
/// If the device fails.
pub async fn write_snapshot(run: &Run, logbook: &Logbook) -> Result<Vec<u8>, ExecutionError> {
    let mut tensors = named_parameters(run.network());
    tensors.extend(run.optimiser.state());
    let SinceReport { loss_and_right, image_count } = run.since_report.clone();
    if let Some(values) = loss_and_right {
        tensors.push(NamedTensor { name: SINCE_REPORT.to_owned(), shape: vec![2], values, is_trained: false });
    }
    let data = read_all(&tensors).await?;
    let views = tensors.iter().zip(&data).map(|(tensor, data)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes_of(data)).expect("bytes fill the shape");
        (tensor.name.clone(), view)
    });
    let header = Header { step: run.step, settings: run.settings.clone(), image_count, logbook: logbook.clone() };
    let header = serde_json::to_string(&header).expect("settings are plain data");
    let metadata = HashMap::from([(RUN_KEY.to_owned(), header)]);
    Ok(safetensors::serialize(views, Some(metadata)).expect("names are unique"))
}

/// The run whose checkpoint is `bytes`, on `device`, and its logbook.
///
/// # Errors
/// If `bytes` is damaged or not a checkpoint.
pub fn read_snapshot(bytes: &[u8], device: &Device) -> Result<(Run, Logbook), SnapshotError> {
    let file = SafeTensors::deserialize(bytes).map_err(WeightsError::from)?;
    let Header { step, settings, image_count, logbook } = read_header(bytes)?;
    settings.check()?;

    let load = |name: &str, shape: &[usize]| read_tensor(&file, name, shape);
    let network = Network::load(settings.network, &device.clone().autodiff(), |name| shape(&file, name), load)?;
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

/// How many of a checkpoint's bytes, of which `first` are the first 8, [`read_facts`] needs; none if it is no checkpoint.
pub fn head_len(first: [u8; 8]) -> Option<u64> {
    u64::from_le_bytes(first).checked_add(8).filter(|&len| len <= HEAD_LIMIT_BYTES)
}

/// What run a checkpoint is of, whose first bytes are `head`.
///
/// # Errors
/// If they are not those of a checkpoint.
pub fn read_facts(head: &[u8]) -> Result<RunFacts, SnapshotError> {
    let Header { step, settings, logbook, .. } = read_header(head)?;
    settings.check()?;
    Ok(logbook.facts(&settings, step))
}

/// The header in the first bytes of a file, which the crate that reads the tensors takes only whole.
fn read_header(bytes: &[u8]) -> Result<Header, SnapshotError> {
    /// What of a SafeTensors file's JSON is not about tensors.
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "__metadata__")]
        metadata: HashMap<String, String>,
    }

    let read = || {
        let len = usize::try_from(head_len(*bytes.first_chunk()?)?).ok()?;
        let head: Head = serde_json::from_slice(bytes.get(8..len)?.trim_ascii_end()).ok()?;
        serde_json::from_str(head.metadata.get(RUN_KEY)?).ok()
    };
    read().ok_or(SnapshotError::Header)
}
