//! The frozen first layer: 2x2 patches of the image, projected so that their values are uncorrelated and of variance 1.

mod cpu;
pub mod directions;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::*;
