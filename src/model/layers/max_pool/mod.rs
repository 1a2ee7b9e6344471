//! Max pools, a folder for each shape that has kernels of its own.

pub mod tiles;
pub mod window_8x8;
