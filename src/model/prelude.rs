//! What the file of every operation names: tensors, backends, and the graph that gradients come from.
//!
//! An operation is a trait that Burn dispatches by backend. Its gradients are a trait of their own, which only the backends
//! that compute implement: nobody asks for the gradient of a gradient.

pub use burn::{
    Tensor,
    backend::{
        Autodiff, Backend, Dispatch, DispatchTensorKind,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
};
