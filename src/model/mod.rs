//! Networks with their values: what they compute, their initial weights, and the operations that Burn lacks.

pub mod activations;
pub(crate) mod cpu;
pub mod explain;
pub mod layer;
pub mod loss;
pub mod network;
pub mod operations;
pub mod parameter;
pub(crate) mod prelude;
pub mod tensors;
#[cfg(any(feature = "gpu", test))]
pub(crate) mod wgsl;

pub use crate::layers::dropout::compute::Masks;
pub use crate::spec::Spec;
pub use burn::tensor::Device;
pub use network::{Network, Prepared, named_gradients, named_parameters};
pub use parameter::NamedTensor;
#[cfg(feature = "profile")]
pub use wgsl::profile;
