//! What every operation's file uses: tensors, backends, and the graph that computes gradients.
//!
//! An operation is a trait that Burn dispatches by backend. Its gradients are a separate trait, which only the
//! computing backends implement: nothing here needs the gradient of a gradient.

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
