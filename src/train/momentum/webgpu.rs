//! Momentum on WebGPU: one pass, in place where nobody else holds the tensors.

use super::{MOMENTUM, MomentumOps, Update};
use crate::model::wgsl::{Kernel, contiguous, owned};
use burn::{
    backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor},
    tensor::TensorData,
};

/// Threads of a workgroup: many, so that WebGPU's most workgroups suffice for 67 million parameters.
const WORKGROUP: usize = 256;

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
        let update = TensorData::new(vec![MOMENTUM, update.learning_rate, update.kept], [3]);
        let update = Self::float_from_data(update, &gradient.device());
        let fours = len.is_multiple_of(4);
        let count = if fours { len / 4 } else { len };
        Kernel::new(include_str!("momentum.wgsl"))
            .numbers([("count", count), ("workgroup", WORKGROUP)])
            .only_if("fours", fours)
            .only_if("ones", !fours)
            .launch_row(WORKGROUP, count, &[&parameter, &velocity, &gradient, &update]);
        (parameter, velocity)
    }
}
