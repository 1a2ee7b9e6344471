//! Operations that belong to no single kind of layer, each a folder with its kernels for the CPU and, in WGSL, for
//! WebGPU.

pub mod order;
pub mod scale;
pub mod windows;
