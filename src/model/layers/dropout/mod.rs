//! Dropout whose masks depend on a seed and a step alone, never on the device or on what ran before.

mod cpu;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::*;
