//! The convolution on the CPU: Burn's own operations.

use super::{ConvolutionOps, options, padded};
use burn::backend::{
    Flex, TensorMetadata,
    ops::{ActivationOps, FloatTensorOps, ModuleOps},
    tensor::FloatTensor,
};

impl ConvolutionOps for Flex {
    fn same_relu(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::relu(Self::conv2d(padded::<Self>(x), weight, Some(bias), options()))
    }

    fn same_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [_, filters, _, _] = y.shape().dims();
        let grad = Self::relu_backward(y, grad);
        let grad_weight = Self::conv2d_weight_backward(padded::<Self>(x), weight, grad.clone(), options());
        // [n, f, h, w] -> [1, f, 1, 1] -> [f]
        let grad_bias = Self::float_sum_dims(grad, &[0, 2, 3]);
        (grad_weight, Self::float_reshape(grad_bias, [filters].into()))
    }
}
