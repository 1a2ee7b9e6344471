//! Batch normalisation (Ioffe and Szegedy, 2015). Without a learnt scale, GELU behind it is part of the same operation.

mod cpu;
mod explain;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{NormGradients, NormOps, Statistics, StatisticsOps, blend, channel_statistics, norm};

use crate::{
    layers::{
        activate::compute::{activated, biased},
        batch_norm::{BatchNorm, NORM_EPSILON, NORM_MOMENTUM},
    },
    model::{
        activations::Activations,
        layer::{Forward, Pass, PreparedLayer},
        operations::scale::scaled,
        parameter::Parameter,
        tensors::reshape,
    },
    spec::shape::Activation,
};
use burn::Tensor;

impl Forward for BatchNorm {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        _: Option<&PreparedLayer>,
        pass: &mut Pass,
    ) -> Activations {
        let (row, x) = match x {
            // Values in a row are the channels of one pixel.
            Activations::Values(x) => {
                let [images, channels] = x.dims();
                (Some([images, channels]), reshape(x, [images, 1, 1, channels]))
            }
            maps => (None, maps.into_pixels()),
        };
        let (shift, running) = (parameters[0].vector(), parameters[1].matrix());
        let x = if self.scale {
            let scale = parameters[2].vector();
            let x = normalised(x, running, zeros([shift.clone(), scale.clone()]), Activation::None, pass);
            biased(scaled(x, scale), shift, self.activation)
        } else if matches!(self.activation, Activation::None | Activation::Gelu) {
            normalised(x, running, shift, self.activation, pass)
        } else {
            activated(normalised(x, running, shift, Activation::None, pass), self.activation)
        };
        match row {
            Some(row) => Activations::Values(reshape(x, row)),
            None => Activations::Pixels(x),
        }
    }
}

/// Normalises `x`, `[n, h, w, c]`. In training it uses the statistics of `x`, and adds them to those of the pass.
/// Otherwise it uses the `running` ones, `[2, c]`.
fn normalised(x: Tensor<4>, running: Tensor<2>, shift: Tensor<1>, fused: Activation, pass: &mut Pass) -> Tensor<4> {
    match pass {
        Pass::Training { statistics, .. } => {
            let batch = channel_statistics(&x);
            statistics.push(batch.clone());
            // In a graph the batch's statistics are a constant.
            let batch = if running.is_autodiff() { batch.autodiff() } else { batch };
            norm(x, batch, shift, Statistics::Batch, fused)
        }
        Pass::Answers => norm(x, running, shift, Statistics::Running, fused),
    }
}

/// As many zeros as either tensor of `like` has values. In a graph they are a constant.
///
/// There are two tensors, because WebGPU in browsers does not let one kernel use a buffer twice.
fn zeros(like: [Tensor<1>; 2]) -> Tensor<1> {
    let is_autodiff = like[0].is_autodiff();
    let [a, b] = like.map(|tensor| if is_autodiff { tensor.inner() } else { tensor });
    let zeros = blend(a, b, [0.0, 0.0]);
    if is_autodiff { zeros.autodiff() } else { zeros }
}

/// The running statistics after a step, moved towards those of the step's batch; both `[2, c]`.
pub fn moved(running: Tensor<2>, batch: Tensor<2>) -> Tensor<2> {
    let is_autodiff = running.is_autodiff();
    let running = if is_autodiff { running.inner() } else { running };
    let running = blend(running, batch, [1.0 - NORM_MOMENTUM, NORM_MOMENTUM]);
    if is_autodiff { running.autodiff() } else { running }
}
