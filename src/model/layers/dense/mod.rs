//! A dense layer, with ReLU or without, as one operation with kernels for each backend.

mod cpu;
mod operation;
pub mod summed;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::*;
