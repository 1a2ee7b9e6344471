//! Updates a whole network with a run's optimiser, and names the optimiser's state for a checkpoint.

use super::{
    adam::{Adam, Moments},
    momentum::Momentum,
};
use crate::{
    domain::OptimiserChoice,
    model::{NamedTensor, Network},
    spec::parameter::RateGroup,
};
use burn::{Tensor, tensor::Gradients};

/// An optimiser and its state.
#[derive(Clone, Debug)]
pub enum Optimiser {
    /// Adam.
    Adam(Adam),
    /// Stochastic gradient descent with momentum.
    Momentum(Momentum),
}

impl Optimiser {
    /// A new optimiser without state.
    pub fn new(choice: OptimiserChoice) -> Self {
        match choice {
            OptimiserChoice::Adam => Self::Adam(Adam::default()),
            OptimiserChoice::Momentum => Self::Momentum(Momentum::default()),
        }
    }

    /// `network` after one update against `gradients`. `rate_of` gives the learning rate of each group of parameters.
    /// `decay` is the share that each parameter loses before the update.
    pub fn update(
        &mut self,
        network: Network,
        gradients: &mut Gradients,
        rate_of: impl Fn(RateGroup) -> f64,
        decay: f64,
    ) -> Network {
        if let Self::Adam(adam) = self {
            adam.step += 1;
        }
        network.updated(gradients, |name, group, value, gradient| {
            let rate = rate_of(group);
            match self {
                Self::Adam(adam) => adam.update(name, value, gradient, rate, decay),
                Self::Momentum(momentum) => momentum.update(name, value, gradient, rate, decay),
            }
        })
    }

    /// The tensors of its state, with the names that [`restore`](Self::restore) asks for.
    pub fn state(&self) -> Vec<NamedTensor> {
        let named = |name: String, values: &Tensor<1>| {
            let shape = vec![values.dims()[0]];
            NamedTensor { name, shape, values: values.clone(), is_trained: false }
        };
        match self {
            Self::Adam(adam) => {
                let pairs = adam.moments.iter().flat_map(|(name, Moments { first, second })| {
                    [named(format!("adam.first.{name}"), first), named(format!("adam.second.{name}"), second)]
                });
                pairs.collect()
            }
            Self::Momentum(momentum) => {
                let velocities = momentum.velocities.iter();
                velocities.map(|(name, velocity)| named(format!("momentum.velocity.{name}"), velocity)).collect()
            }
        }
    }

    /// The optimiser after `step` updates of `parameters`. `load` gives its state by name and length.
    ///
    /// # Errors
    /// The first error that `load` returns.
    pub fn restore<E>(
        choice: OptimiserChoice,
        step: u64,
        parameters: &[NamedTensor],
        load: impl Fn(&str, usize) -> Result<Tensor<1>, E>,
    ) -> Result<Self, E> {
        let mut optimiser = Self::new(choice);
        if step == 0 {
            return Ok(optimiser);
        }
        for NamedTensor { name, shape, .. } in parameters.iter().filter(|parameter| parameter.is_trained) {
            let load = |kind: &str| load(&format!("{kind}.{name}"), shape.iter().product());
            match &mut optimiser {
                Self::Adam(adam) => {
                    let moments = Moments { first: load("adam.first")?, second: load("adam.second")? };
                    adam.moments.insert(name.clone(), moments);
                }
                Self::Momentum(momentum) => {
                    momentum.velocities.insert(name.clone(), load("momentum.velocity")?);
                }
            }
        }
        if let Self::Adam(adam) = &mut optimiser {
            adam.step = step;
        }
        Ok(optimiser)
    }
}
