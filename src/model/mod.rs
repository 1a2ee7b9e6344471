//! The networks: their layers, their initial weights, and the operations that Burn does not bring.

pub mod activations;
pub(crate) mod cpu;
pub mod cui2017;
pub mod layers;
pub mod loss;
pub mod network;
pub mod parameter;
pub(crate) mod prelude;
pub mod shape;
pub mod spec;
pub mod tenfold2026;
pub mod tensors;
#[cfg(any(feature = "gpu", test))]
pub(crate) mod wgsl;

pub use burn::tensor::Device;
pub use layers::dropout::Masks;
pub use network::{Network, Prepared, named_gradients, named_parameters};
pub use parameter::NamedTensor;
pub use spec::Spec;
#[cfg(feature = "profile")]
pub use wgsl::profile;
