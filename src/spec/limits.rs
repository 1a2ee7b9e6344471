//! Limits of a network's size, so that no address and no file can ask for more than a device has.
//!
//! Each layer checks its sizes before anything is multiplied with them.

use super::{Place, SpecError, cost::Cost};

/// The most layers.
pub const LAYERS: usize = 60;

/// The most filters of a convolution: as many as in the deepest maps of well-known small networks.
pub const FILTERS: usize = 1024;

/// The most units of a dense layer.
pub const UNITS: usize = 4096;

/// The largest side of a filter, in pixels.
pub const KERNEL: usize = 11;

/// The largest side of a pool's window, in pixels: the whole image.
pub const WINDOW: usize = 32;

/// The largest stride of a convolution, in pixels.
pub const STRIDE: usize = 4;

/// The largest stride of a pool, in pixels.
pub const POOL_STRIDE: usize = 32;

/// The most trainable parameters: 128 MiB, which fits into one WebGPU buffer.
pub const PARAMETERS: u64 = 1 << 25;

/// The most memory for training, in megabytes of a million bytes.
pub const TRAINING_MEGABYTES: u64 = 512;

/// Checks that `value` lies within `1..=most`.
///
/// # Errors
/// If not, as a sentence that calls the value `what`.
pub fn check(what: &str, value: usize, most: usize) -> Result<(), String> {
    if (1..=most).contains(&value) { Ok(()) } else { Err(format!("{what} must be 1 to {most}, not {value}")) }
}

/// The error if these layers have too many parameters.
pub(super) fn too_many_parameters(places: &[Place]) -> Option<SpecError> {
    let found: u64 = places.iter().map(Place::parameter_count).sum();
    let (at, most) = places.iter().enumerate().max_by_key(|(_, place)| place.parameter_count())?;
    let error = || SpecError::TooManyParameters { found, at, block: most.layer.block.clone() };
    (found > PARAMETERS).then(error)
}

/// The error if these layers need too much memory for training with `batch_size` images in a batch.
pub(super) fn too_much_memory(places: &[Place], batch_size: usize) -> Option<SpecError> {
    let cost = Cost::of(places);
    let most = TRAINING_MEGABYTES * 1_000_000;
    let needed = cost.training_bytes(batch_size);
    if needed <= most {
        return None;
    }
    let fitting = (1..batch_size).rev().find(|&batch_size| cost.training_bytes(batch_size) <= most);
    let advice = match fitting {
        Some(fitting) => format!("take {fitting} images at a time, or smaller maps"),
        None => "give its layers fewer outputs".into(),
    };
    Some(SpecError::TooMuchMemory { batch_size, megabytes: needed.div_ceil(1_000_000), advice })
}
