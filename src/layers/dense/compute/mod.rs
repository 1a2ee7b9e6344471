//! A dense layer, with or without ReLU, as one operation with kernels for each backend.

mod cpu;
mod explain;
mod operation;
pub mod summed;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{DenseGradients, DenseOps, dense};

use crate::{
    layers::{Dense, activate::compute::activated},
    model::{
        activations::Activations,
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
    },
    spec::{Shape, shape::Activation},
};
#[cfg(feature = "gpu")]
use operation::FEW_IMAGES;
use std::sync::Arc;
use summed::{SummedDense, is_faster};

/// The activation that the kernels apply, and the one that remains to be applied.
fn split(activation: Activation) -> (Activation, Activation) {
    match activation {
        Activation::None | Activation::Relu => (activation, Activation::None),
        other => (Activation::None, other),
    }
}

impl Forward for Dense {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        prepared: Option<&PreparedLayer>,
        _: &mut Pass,
    ) -> Activations {
        let x = x.values();
        let (weight, bias) = (parameters[0].matrix(), parameters[1].vector());
        let [images, _] = x.dims();
        let (fused, left) = split(self.activation);
        let sums = match prepared.and_then(|prepared| prepared.downcast_ref::<SummedDense>()) {
            Some(summed) if is_faster(&weight, images) => summed.forward(x),
            _ => dense(x, weight, bias, fused),
        };
        Activations::Values(if left == Activation::None { sums } else { activated(sums, left) })
    }

    fn prepare(&self, input: Shape, parameters: &[Parameter], images: usize) -> Option<PreparedLayer> {
        let Shape::Values { plane, .. } = input else { return None };
        let weight = parameters[0].matrix();
        if !is_faster(&weight, images) {
            return None;
        }
        let summed = SummedDense::new(weight, parameters[1].vector(), split(self.activation).0, plane?)?;
        Some(Arc::new(summed))
    }
}
