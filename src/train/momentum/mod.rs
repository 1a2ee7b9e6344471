//! Stochastic gradient descent with Nesterov's momentum, as Sutskever et al. (2013) write it.

use burn::Tensor;
use std::collections::BTreeMap;

/// Share of the velocity that a step keeps.
const MOMENTUM: f64 = 0.9;

/// The optimiser's state: each parameter's velocity by name, flattened.
#[derive(Clone, Debug, Default)]
pub struct Momentum {
    /// Decaying sums of gradients.
    pub velocities: BTreeMap<String, Tensor<1>>,
}

impl Momentum {
    /// `value` after one update against `gradient`; `name` is the parameter's.
    pub fn update(&mut self, name: &str, value: Tensor<1>, gradient: Tensor<1>, learning_rate: f64) -> Tensor<1> {
        // v <- 0.9 v + g;  x <- x - rate (g + 0.9 v)
        let velocity = match self.velocities.remove(name) {
            Some(velocity) => velocity.mul_scalar(MOMENTUM) + gradient.clone(),
            None => gradient.clone(),
        };
        let change = gradient + velocity.clone().mul_scalar(MOMENTUM);
        self.velocities.insert(name.to_owned(), velocity);
        value - change.mul_scalar(learning_rate)
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
