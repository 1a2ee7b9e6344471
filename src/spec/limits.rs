//! How large a network can be, so that no address and no file can ask for more than a device has.
//!
//! Each size is checked at its layer before anything is multiplied with it.

use super::{Place, SpecError, cost::Cost};

/// Most layers.
pub const LAYERS: usize = 60;

/// Most filters of a convolution: that the deepest maps of a known small network have.
pub const FILTERS: usize = 1024;

/// Most units of a dense layer.
pub const UNITS: usize = 4096;

/// Largest side of a filter, in pixels.
pub const KERNEL: usize = 11;

/// Largest side of a pool's window, in pixels: the whole image.
pub const WINDOW: usize = 32;

/// Most pixels from one window to the next.
pub const STRIDE: usize = 4;

/// Most pixels from one window of a pool to the next.
pub const POOL_STRIDE: usize = 32;

/// Most trainable parameters: 128 MiB of them, which WebGPU takes in one buffer.
pub const PARAMETERS: u64 = 1 << 25;

/// Most memory for training, in megabytes of a million bytes.
pub const TRAINING_MEGABYTES: u64 = 512;

/// Whether `value` lies within `1..=most`.
///
/// # Errors
/// If not, in words in which it is called `what`.
pub fn check(what: &str, value: usize, most: usize) -> Result<(), String> {
    if (1..=most).contains(&value) { Ok(()) } else { Err(format!("{what} must be 1 to {most}, not {value}")) }
}

/// Why these layers have too many parameters, if they do.
pub(super) fn too_many_parameters(places: &[Place]) -> Option<SpecError> {
    let found: u64 = places.iter().map(Place::parameter_count).sum();
    let (at, most) = places.iter().enumerate().max_by_key(|(_, place)| place.parameter_count())?;
    let error = || SpecError::TooManyParameters { found, at, block: most.layer.block.clone() };
    (found > PARAMETERS).then(error)
}

/// Why these layers take too much memory for training on `batch_size` images at a time, if they do.
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
