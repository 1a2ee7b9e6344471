//! A dense layer, with ReLU or without, as one operation with kernels for each backend.

mod cpu;
mod explain;
mod operation;
pub mod summed;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{DenseGradients, DenseOps, dense};

use super::layer::{Forward, Layer, Pass, PreparedLayer};
use crate::model::{
    activations::Activations,
    parameter::{Initial, InitialWeights, Learning, Parameter, ParameterSpec, RateGroup, Role},
    shape::{Activation, Shape},
};
#[cfg(feature = "gpu")]
use operation::FEW_IMAGES;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use summed::{SummedDense, is_faster};

/// Units each of which sums all inputs, weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dense {
    /// Number of units.
    pub outputs: usize,
    /// What is done with the sums.
    pub activation: Activation,
    /// How the weights begin.
    pub initial: InitialWeights,
}

impl Layer for Dense {
    fn words(&self) -> Option<String> {
        Some(["dense"].into_iter().chain(self.activation.words()).collect::<Vec<_>>().join(", "))
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        if matches!(input, Shape::Maps { .. }) {
            return Err("a dense layer takes values in a row, so that maps are flattened first".into());
        }
        if self.outputs == 0 {
            return Err("a dense layer has at least one unit".into());
        }
        if self.activation == Activation::Gelu {
            return Err("there are no kernels yet for a dense layer with GELU".into());
        }
        if self.initial == InitialWeights::Identity {
            return Err("only filters begin by handing their inputs on".into());
        }
        Ok(Shape::Values { count: self.outputs, plane: None })
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let (inputs, outputs) = (input.count(), self.outputs);
        let learning = Learning::Trained(RateGroup::Dense);
        let (weight, bias) = (self.initial.of(inputs, outputs), Initial::Zeros);
        vec![
            ParameterSpec { role: Role::Weight, shape: vec![inputs, outputs], initial: weight, learning },
            ParameterSpec { role: Role::Bias, shape: vec![outputs], initial: bias, learning },
        ]
    }

    fn multiply_adds(&self, input: Shape, output: Shape) -> usize {
        input.count() * output.count()
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
        Activations::Values(match prepared.and_then(|prepared| prepared.downcast_ref::<SummedDense>()) {
            Some(summed) if is_faster(&weight, images) => summed.forward(x),
            _ => dense(x, weight, bias, self.activation),
        })
    }

    fn prepare(&self, input: Shape, parameters: &[Parameter], images: usize) -> Option<PreparedLayer> {
        let Shape::Values { plane, .. } = input else { return None };
        let weight = parameters[0].matrix();
        if !is_faster(&weight, images) {
            return None;
        }
        let summed = SummedDense::new(weight, parameters[1].vector(), self.activation, plane?)?;
        Some(Arc::new(summed))
    }
}
