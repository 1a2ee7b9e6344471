//! Stochastic gradient descent with Nesterov momentum, in the form of Sutskever et al. (2013). Each parameter is
//! updated in one pass.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::{prelude::*, tensors::upload};
use std::collections::BTreeMap;

/// The share of the velocity that a step keeps by default.
pub const MOMENTUM: f32 = 0.9;

/// The numbers for one update of one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The share of the velocity that is kept.
    momentum: f32,
    /// The factor for each value before the update, for weight decay.
    kept: f32,
    /// The factor for the change.
    learning_rate: f32,
}

/// The momentum update on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait MomentumOps: Backend {
    /// The parameter and its velocity after one update; all tensors have the same length.
    fn momentum_update(
        parameter: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// The optimiser's state: each parameter's velocity by name, flattened.
#[derive(Clone, Debug)]
pub struct Momentum {
    /// The share of the velocity that a step keeps, in `0.0..=1.0`.
    pub momentum: f32,
    /// Decaying sums of gradients.
    pub velocities: BTreeMap<String, Tensor<1>>,
}

impl Default for Momentum {
    fn default() -> Self {
        Self::new(MOMENTUM)
    }
}

impl Momentum {
    /// An optimiser without velocities. A step keeps the share `momentum` of them, in `0.0..=1.0`.
    pub fn new(momentum: f32) -> Self {
        Self { momentum, velocities: BTreeMap::new() }
    }

    /// `value` after one update against `gradient`; both are flat. `decay` is the share that `value` loses before the
    /// update. `name` is the parameter's name.
    pub fn update(
        &mut self,
        name: &str,
        value: Tensor<1>,
        gradient: Tensor<1>,
        learning_rate: f64,
        decay: f64,
    ) -> Tensor<1> {
        let velocity = self.velocities.remove(name).unwrap_or_else(|| {
            let count = value.dims()[0];
            upload(vec![0.0; count], [count], &value.device())
        });
        let (value, velocity) = <Dispatch as MomentumOps>::momentum_update(
            value.into_dispatch(),
            velocity.into_dispatch(),
            gradient.into_dispatch(),
            Update { momentum: self.momentum, kept: 1.0 - decay as f32, learning_rate: learning_rate as f32 },
        );
        self.velocities.insert(name.to_owned(), Tensor::from_dispatch(velocity));
        Tensor::from_dispatch(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn two_updates_are_those_of_the_paper() {
        let device = Device::flex();
        let tensor = |x: f32| Tensor::<1>::from_data([x], &device);
        let mut momentum = Momentum::default();
        let once = momentum.update("w", tensor(1.0), tensor(2.0), 0.1, 0.0);
        // Velocity 2, change 2 + 0.9 * 2.
        assert!((once.clone().into_scalar::<f32>() - (1.0 - 0.38)).abs() < 1e-6);
        let twice = momentum.update("w", once, tensor(1.0), 0.1, 0.5);
        // The decay takes half first. Velocity 0.9 * 2 + 1, change 1 + 0.9 * 2.8.
        assert!((twice.into_scalar::<f32>() - (0.31 - 0.352)).abs() < 1e-6);
    }
}
