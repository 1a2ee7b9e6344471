//! A run as bytes: parameters, the optimiser's moments, settings and position, all exact.

use super::{WeightsError, f32_bytes, read_all, weights::read_tensor};
use crate::{
    model::{Cui2017, Cui2017Config, NamedTensor, named_parameters},
    protocol::Settings,
    train::{Adam, Run, adam::Moments},
};
use burn::{
    Tensor,
    backend::ExecutionError,
    tensor::{Device, TensorData},
};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Name under which a file tells where the run stands.
const RUN_KEY: &str = "run";

/// What a file tells besides tensors.
#[derive(Serialize, Deserialize)]
struct Header {
    step: u64,
    settings: Settings,
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
}

/// The content of a checkpoint of `run`.
///
/// # Errors
/// If the device fails.
pub async fn write_snapshot(run: &Run) -> Result<Vec<u8>, ExecutionError> {
    let mut tensors = named_parameters(run.network());
    for (name, Moments { first, second }) in &run.optimiser.moments {
        for (kind, values) in [("first", first), ("second", second)] {
            let shape = vec![values.dims()[0]];
            tensors.push(NamedTensor { name: format!("adam.{kind}.{name}"), shape, values: values.clone() });
        }
    }
    let bytes: Vec<_> = read_all(&tensors).await?.iter().map(|values| f32_bytes(values)).collect();
    let views = tensors.iter().zip(&bytes).map(|(tensor, bytes)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).expect("bytes fill the shape");
        (tensor.name.clone(), view)
    });
    let header = Header { step: run.step, settings: run.settings.clone() };
    let header = serde_json::to_string(&header).expect("settings are plain data");
    let metadata = HashMap::from([(RUN_KEY.to_owned(), header)]);
    Ok(safetensors::serialize(views, Some(metadata)).expect("names are unique"))
}

/// The run whose checkpoint is `bytes`, on `device`.
///
/// # Errors
/// If `bytes` is damaged or not a checkpoint.
pub fn read_snapshot(bytes: &[u8], device: &Device) -> Result<Run, SnapshotError> {
    let file = SafeTensors::deserialize(bytes).map_err(WeightsError::from)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(WeightsError::from)?;
    let header = header.metadata().as_ref().and_then(|metadata| metadata.get(RUN_KEY));
    let header = header.and_then(|header| serde_json::from_str(header).ok());
    let Header { step, settings } = header.ok_or(SnapshotError::Header)?;

    let load = |name: &str, shape: &[usize]| read_tensor(&file, name, shape);
    let network = Cui2017::load(Cui2017Config::default(), &device.clone().autodiff(), load)?;
    let mut optimiser = Adam { step, ..Adam::default() };
    if step > 0 {
        for NamedTensor { name, shape, .. } in named_parameters(&network) {
            let len = shape.iter().product::<usize>();
            let moment = |kind: &str| -> Result<Tensor<1>, WeightsError> {
                let values = load(&format!("adam.{kind}.{name}"), &[len])?;
                Ok(Tensor::from_data(TensorData::new(values, [len]), device))
            };
            let moments = Moments { first: moment("first")?, second: moment("second")? };
            optimiser.moments.insert(name, moments);
        }
    }
    Ok(Run::resume(network, optimiser, settings, step))
}
