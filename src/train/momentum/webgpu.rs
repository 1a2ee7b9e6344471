//! Momentum on WebGPU: one pass, in place where nobody else holds the tensors.

use super::{MomentumOps, Update};
use crate::model::wgsl::{Kernel, contiguous, owned};
use burn::{
    backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor},
    tensor::TensorData,
};

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
        // A buffer, not a part of the text: it is another one at each step.
        let update = TensorData::new(vec![update.momentum, update.learning_rate, update.kept], [3]);
        let update = Self::float_from_data(update, &gradient.device());
        Kernel::element_wise(include_str!("momentum.wgsl"), len, &[&parameter, &velocity, &gradient, &update]);
        (parameter, velocity)
    }
}
