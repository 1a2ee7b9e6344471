//! Momentum on WebGPU: one pass, in place if nobody else holds the tensors.

use super::{MomentumOps, Update};
use crate::model::wgsl::{Kernel, contiguous, owned, values};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

impl MomentumOps for Cube {
    fn momentum_update(
        parameter: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [parameter, velocity] = [parameter, velocity].map(owned);
        let gradient = contiguous(gradient);
        let [len_p, len_v, len] = [&parameter, &velocity, &gradient].map(|tensor| tensor.shape().num_elements());
        assert!(len_p == len && len_v == len, "all tensors have the same length");
        let update = values([update.momentum, update.learning_rate, update.kept], &gradient);
        Kernel::element_wise(include_str!("momentum.wgsl"), len, &[&parameter, &velocity, &gradient, &update]);
        (parameter, velocity)
    }
}
