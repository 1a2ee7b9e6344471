//! The computations of layers, a folder for each kind: the operation with its kernels for the CPU and, in WGSL, for
//! WebGPU.
//!
//! [`spec::layers`](crate::spec::layers) describes each layer, with its sizes and parameters. A new kind of layer is a
//! file there, and a folder and a line here.

pub mod activate;
pub mod add;
pub mod average_pool;
pub mod batch_norm;
pub mod convolution;
pub mod dense;
pub mod dropout;
pub mod explain;
pub mod flatten;
pub mod global_pool;
pub mod layer;
pub mod max_pool;
pub mod order;
pub mod scale;
pub mod whitening;
pub mod windows;

use crate::spec::Kind;
use explain::Explain;
use layer::Forward;

/// Evaluates `$body` with the layer of `$kind`.
macro_rules! with_layer {
    ($kind:expr, $layer:ident => $body:expr) => {
        match $kind {
            Kind::Activate($layer) => $body,
            Kind::Add($layer) => $body,
            Kind::AveragePool($layer) => $body,
            Kind::BatchNorm($layer) => $body,
            Kind::Convolution($layer) => $body,
            Kind::Dense($layer) => $body,
            Kind::Dropout($layer) => $body,
            Kind::Flatten($layer) => $body,
            Kind::GlobalAveragePool($layer) => $body,
            Kind::GlobalMaxPool($layer) => $body,
            Kind::MaxPool($layer) => $body,
            Kind::Whitening($layer) => $body,
        }
    };
}

impl Kind {
    /// Its way to explain a value.
    pub fn explanation(&self) -> &dyn Explain {
        with_layer!(self, layer => layer)
    }

    /// Its way to compute.
    pub fn operation(&self) -> &dyn Forward {
        with_layer!(self, layer => layer)
    }
}
