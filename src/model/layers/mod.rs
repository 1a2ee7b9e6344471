//! The operations that networks are made of, a folder each: the trait, its kernels for the CPU and, in WGSL, for WebGPU.
//!
//! Those of the modern network take images whose channels lie side by side, `[n, h, w, c]`; those of the article's take
//! planes, `[n, c, h, w]`.

pub mod batch_norm;
pub mod convolution;
pub mod dense;
pub mod dropout;
pub mod max_pool;
pub mod whitening;
