//! Batch normalisation (Ioffe and Szegedy, 2015) without a learned scale. GELU behind it is part of the same operation.

mod cpu;
mod explain;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{NormGradients, NormOps, Statistics, StatisticsOps, blend, channel_statistics, norm};

use super::{
    activate::activated,
    layer::{Forward, Pass, PreparedLayer},
};
use crate::{
    model::{activations::Activations, parameter::Parameter},
    spec::{
        layers::{BatchNorm, NORM_EPSILON, NORM_MOMENTUM},
        shape::Activation,
    },
};

impl Forward for BatchNorm {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        _: Option<&PreparedLayer>,
        pass: &mut Pass,
    ) -> Activations {
        let (x, shift, running) = (x.into_pixels(), parameters[0].vector(), parameters[1].matrix());
        let (fused, left) = match self.activation {
            Activation::None | Activation::Gelu => (self.activation, Activation::None),
            other => (Activation::None, other),
        };
        let x = match pass {
            Pass::Training { statistics, .. } => {
                let batch = channel_statistics(&x);
                statistics.push(batch.clone());
                // In a graph the batch's statistics are a constant.
                let batch = if running.is_autodiff() { batch.autodiff() } else { batch };
                norm(x, batch, shift, Statistics::Batch, fused)
            }
            Pass::Answers => norm(x, running, shift, Statistics::Running, fused),
        };
        Activations::Pixels(if left == Activation::None { x } else { activated(x, left) })
    }
}

/// The running statistics after a step, moved towards those of the step's batch; both `[2, c]`.
pub fn moved(running: burn::Tensor<2>, batch: burn::Tensor<2>) -> burn::Tensor<2> {
    let is_autodiff = running.is_autodiff();
    let running = if is_autodiff { running.inner() } else { running };
    let running = blend(running, batch, [1.0 - NORM_MOMENTUM, NORM_MOMENTUM]);
    if is_autodiff { running.autodiff() } else { running }
}
