//! Stochastic gradient descent with Nesterov's momentum, as Sutskever et al. (2013) write it, each parameter in one pass.

mod flex;
#[cfg(target_family = "wasm")]
mod webgpu;

use crate::model::tensors::upload;
use burn::{
    Tensor,
    backend::{
        Autodiff, Backend, Dispatch, autodiff::checkpoint::strategy::CheckpointStrategy, backend_extension,
        tensor::FloatTensor,
    },
};
use std::collections::BTreeMap;

/// Share of the velocity that a step keeps.
const MOMENTUM: f32 = 0.9;

/// The update on one backend.
#[backend_extension(Flex, Cube: cfg(target_family = "wasm"), Autodiff)]
pub trait MomentumOps: Backend {
    /// The parameter and its velocity after one update; all tensors have the same length.
    fn momentum_update(
        parameter: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        learning_rate: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

impl<B: MomentumOps, C: CheckpointStrategy> MomentumOps for Autodiff<B, C> {
    fn momentum_update(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("parameters are updated outside the graph")
    }
}

/// The optimiser's state: each parameter's velocity by name, flattened.
#[derive(Clone, Debug, Default)]
pub struct Momentum {
    /// Decaying sums of gradients.
    pub velocities: BTreeMap<String, Tensor<1>>,
}

impl Momentum {
    /// `value` after one update against `gradient`; `name` is the parameter's.
    pub fn update(&mut self, name: &str, value: Tensor<1>, gradient: Tensor<1>, learning_rate: f64) -> Tensor<1> {
        let velocity = self.velocities.remove(name).unwrap_or_else(|| {
            let count = value.dims()[0];
            upload(vec![0.0; count], [count], &value.device())
        });
        let (value, velocity) = <Dispatch as MomentumOps>::momentum_update(
            value.into_dispatch(),
            velocity.into_dispatch(),
            gradient.into_dispatch(),
            learning_rate as f32,
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
        let once = momentum.update("w", tensor(1.0), tensor(2.0), 0.1);
        // Velocity 2, change 2 + 0.9 * 2.
        assert!((once.clone().into_scalar::<f32>() - (1.0 - 0.38)).abs() < 1e-6);
        let twice = momentum.update("w", once, tensor(1.0), 0.1);
        // Velocity 0.9 * 2 + 1, change 1 + 0.9 * 2.8.
        assert!((twice.into_scalar::<f32>() - (0.62 - 0.352)).abs() < 1e-6);
    }
}
