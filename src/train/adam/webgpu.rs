//! Adam on WebGPU, composed of Burn's element-wise operations.

use super::{AdamOps, BETA_1, BETA_2, Update};
use burn::backend::{Cube, ops::FloatTensorOps, tensor::FloatTensor};

impl AdamOps for Cube {
    fn adam_update(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        // m <- beta m + (1 - beta) x
        let decay = |moment, value, beta: f32| {
            let kept = Self::float_mul_scalar(moment, beta.into());
            Self::float_add(kept, Self::float_mul_scalar(value, (1.0 - beta).into()))
        };
        let square = Self::float_mul(gradient.clone(), gradient.clone());
        let first = decay(first, gradient, BETA_1);
        let second = decay(second, square, BETA_2);
        let root = Self::float_add_scalar(Self::float_sqrt(second.clone()), update.epsilon.into());
        let change = Self::float_mul_scalar(Self::float_div(first.clone(), root), update.step_size.into());
        (Self::float_sub(parameter, change), first, second)
    }
}
