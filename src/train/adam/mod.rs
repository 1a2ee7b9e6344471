//! Adam (Kingma and Ba, 2015). Each parameter is updated in one pass.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::{prelude::*, tensors::upload};
use std::collections::BTreeMap;

/// Decay of the first moment, as the paper proposes.
const BETA_1: f32 = 0.9;
/// Decay of the second moment, as the paper proposes.
const BETA_2: f32 = 0.999;
/// Keeps the division finite, as the paper proposes.
const EPSILON: f32 = 1e-8;

/// The numbers for one update of one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The factor for each value before the update, for weight decay.
    kept: f32,
    /// The step size, with the bias corrections of both moments.
    step_size: f32,
    /// `EPSILON` in units of the root of the uncorrected second moment.
    epsilon: f32,
}

impl Update {
    /// The numbers for the update numbered `step`, counted from 1. `decay` is the share that each value loses before
    /// the update.
    fn new(learning_rate: f64, decay: f64, step: u64) -> Self {
        let step = i32::try_from(step).unwrap_or(i32::MAX);
        let correction_1 = 1.0 - f64::from(BETA_1).powi(step);
        let correction_2 = (1.0 - f64::from(BETA_2).powi(step)).sqrt();
        // The paper's section 2: lr * m̂ / (√v̂ + ε), with the corrections taken out of the moments.
        Self {
            kept: 1.0 - decay as f32,
            step_size: (learning_rate * correction_2 / correction_1) as f32,
            epsilon: (f64::from(EPSILON) * correction_2) as f32,
        }
    }
}

/// Adam's update on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait AdamOps: Backend {
    /// The parameter and its first and second moment after one update; all tensors have the same length.
    fn adam_update(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Adam's moments of one parameter, flattened.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Decaying mean of the gradient.
    pub first: Tensor<1>,
    /// Decaying mean of the gradient's square.
    pub second: Tensor<1>,
}

/// The optimiser's state: the number of updates, and each parameter's moments by name.
#[derive(Clone, Debug, Default)]
pub struct Adam {
    /// The number of updates so far.
    pub step: u64,
    /// Moments by the parameter's name, as in [`named_parameters`](crate::model::named_parameters).
    pub moments: BTreeMap<String, Moments>,
}

impl Adam {
    /// `value` after the update numbered [`step`](Self::step) against `gradient`; both are flat. `decay` is the share
    /// that `value` loses before the update. `name` is the parameter's name.
    pub fn update(
        &mut self,
        name: &str,
        value: Tensor<1>,
        gradient: Tensor<1>,
        learning_rate: f64,
        decay: f64,
    ) -> Tensor<1> {
        let moments = self.moments.remove(name).unwrap_or_else(|| {
            let (count, device) = (value.dims()[0], value.device());
            let zeros = || upload(vec![0.0; count], [count], &device);
            Moments { first: zeros(), second: zeros() }
        });
        let (value, first, second) = <Dispatch as AdamOps>::adam_update(
            value.into_dispatch(),
            moments.first.into_dispatch(),
            moments.second.into_dispatch(),
            gradient.into_dispatch(),
            Update::new(learning_rate, decay, self.step),
        );
        let moments = Moments { first: Tensor::from_dispatch(first), second: Tensor::from_dispatch(second) };
        self.moments.insert(name.to_owned(), moments);
        Tensor::from_dispatch(value)
    }
}
