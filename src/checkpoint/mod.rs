//! Networks and runs as bytes: the shipped weights, their model card, and snapshots of a run to resume.
//!
//! Both kinds of file are SafeTensors, which other tools can open. This room touches no disk and no browser storage:
//! callers pass bytes in and out.

pub mod card;
pub mod foreign;
pub mod snapshot;
pub mod weights;

pub use card::Card;
pub use foreign::Fit;
pub use snapshot::{Logbook, WriteError, read_snapshot, write_snapshot};
pub use weights::{WeightsError, export_onnx, export_weights, read_normalisation, read_weights, write_weights};

/// Name of the weights in a network's folder.
pub const WEIGHTS_FILE: &str = "weights.safetensors";

/// Name of the model card in a network's folder.
pub const CARD_FILE: &str = "card.json";

use crate::model::{NamedTensor, tensors::read};
use burn::{backend::ExecutionError, tensor::TensorData};

/// The elements of each tensor, read from the device in one transaction.
///
/// # Errors
/// If the device fails.
async fn read_all(tensors: &[NamedTensor]) -> Result<Vec<TensorData>, ExecutionError> {
    // GPU sync, once a file.
    read(tensors.iter().map(|tensor| tensor.values.clone())).await
}

/// The elements of a parameter as `f32`.
fn floats_of(data: &TensorData) -> &[f32] {
    data.as_slice().expect("parameters are f32")
}

/// The elements of a parameter as a file's bytes: little-endian `f32`. All targets with WebGPU are little-endian.
fn bytes_of(data: &TensorData) -> &[u8] {
    const { assert!(cfg!(target_endian = "little")) };
    data.as_bytes()
}

/// `f32`s as little-endian bytes.
fn f32_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Little-endian bytes as `f32`s.
fn bytes_f32(bytes: &[u8]) -> Vec<f32> {
    let (values, _) = bytes.as_chunks();
    values.iter().map(|&v| f32::from_le_bytes(v)).collect()
}
