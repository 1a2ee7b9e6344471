//! Adam on WebGPU: one pass, in place if nobody else holds the tensors.

use super::{AdamOps, BETA_1, BETA_2, Update};
use crate::model::wgsl::{Kernel, contiguous, owned, values};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

impl AdamOps for Cube {
    fn adam_update(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [parameter, first, second] = [parameter, first, second].map(owned);
        let gradient = contiguous(gradient);
        let [len_p, len_m, len_v, len] =
            [&parameter, &first, &second, &gradient].map(|tensor| tensor.shape().num_elements());
        assert!([len_p, len_m, len_v].iter().all(|&other| other == len), "all tensors have the same length");
        let update = [1.0 - BETA_1, 1.0 - BETA_2, update.step_size, update.epsilon, update.kept];
        let update = values(update, &gradient);
        Kernel::element_wise(include_str!("adam.wgsl"), len, &[&parameter, &first, &second, &gradient, &update]);
        (parameter, first, second)
    }
}
