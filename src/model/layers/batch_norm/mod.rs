//! Batch normalisation (Ioffe and Szegedy, 2015) without a scale of its own, and the GELU behind it, as one operation.

mod cpu;
mod explain;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{NormGradients, NormOps, Source, StatisticsOps, blend, channel_statistics, norm_gelu};

use super::layer::{Forward, Layer, Pass, PreparedLayer};
use crate::model::{
    activations::Activations,
    parameter::{Initial, Learning, Parameter, ParameterSpec, RateGroup, Role},
    shape::{Activation, Order, Shape},
};
use operation::{EPSILON, GELU_CUBE, GELU_SLOPE};
use serde::{Deserialize, Serialize};

/// Share by which a batch's statistics move those that are kept for predictions.
const MOMENTUM: f32 = 0.1;

/// Each channel less its mean, divided by its standard deviation, plus a number of its own.
///
/// While it learns, mean and variance are the batch's; otherwise they are running means of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchNorm {
    /// What is done with the normalised values.
    pub activation: Activation,
}

impl Layer for BatchNorm {
    fn words(&self) -> Option<String> {
        Some(self.activation.words().unwrap_or("batch normalisation").into())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match (input, self.activation) {
            (Shape::Maps { channels, order: Order::Pixels, .. }, Activation::Gelu) if channels.is_multiple_of(4) => {
                Ok(input)
            }
            (Shape::Maps { .. }, _) => Err("there are no kernels yet for a batch normalisation of this shape".into()),
            (Shape::Values { .. }, _) => Err("a batch normalisation takes maps, not values in a row".into()),
        }
    }

    fn parameters(&self, input: Shape) -> Vec<ParameterSpec> {
        let Shape::Maps { channels, .. } = input else { return Vec::new() };
        vec![
            ParameterSpec {
                role: Role::Shift,
                shape: vec![channels],
                initial: Initial::Zeros,
                learning: Learning::Trained(RateGroup::Shift),
            },
            ParameterSpec {
                role: Role::Statistics,
                shape: vec![2, channels],
                initial: Initial::Statistics,
                learning: Learning::Statistics,
            },
        ]
    }
}

impl Forward for BatchNorm {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        _: Option<&PreparedLayer>,
        pass: &mut Pass,
    ) -> Activations {
        let (x, shift, running) = (x.pixels(), parameters[0].vector(), parameters[1].matrix());
        Activations::Pixels(match pass {
            Pass::Training { statistics, .. } => {
                let batch = channel_statistics(&x);
                statistics.push(batch.clone());
                // On the tape as a constant, if there is one.
                let batch = if running.is_autodiff() { batch.autodiff() } else { batch };
                norm_gelu(x, batch, shift, Source::Batch)
            }
            Pass::Answers => norm_gelu(x, running, shift, Source::Given),
        })
    }
}

/// The running statistics after a step whose batch had these.
pub fn moved(running: burn::Tensor<2>, batch: burn::Tensor<2>) -> burn::Tensor<2> {
    let is_autodiff = running.is_autodiff();
    let running = if is_autodiff { running.inner() } else { running };
    let running = blend(running, batch, [1.0 - MOMENTUM, MOMENTUM]);
    if is_autodiff { running.autodiff() } else { running }
}
