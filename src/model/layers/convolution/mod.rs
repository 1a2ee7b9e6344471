//! Convolutions, a folder for each shape that has kernels of its own.

pub mod conv3x3;
pub mod conv4x4;
