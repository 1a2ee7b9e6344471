//! Batch normalisation (Ioffe and Szegedy, 2015) without a scale of its own, and the GELU behind it, as one operation.

mod cpu;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::*;
