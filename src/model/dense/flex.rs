//! A dense layer on the CPU: Burn's own operations.

use super::{Activation, DenseOps};
use burn::backend::{
    Flex, TensorMetadata,
    ops::{ActivationOps, FloatTensorOps},
    tensor::FloatTensor,
};

impl DenseOps for Flex {
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [outputs] = bias.shape().dims();
        let bias = Self::float_reshape(bias, [1, outputs].into());
        let sums = Self::float_add(Self::float_matmul(x, weight), bias);
        match activation {
            Activation::None => sums,
            Activation::Relu => Self::relu(sums),
        }
    }

    fn dense_sums_gradient(
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [_, outputs] = grad.shape().dims();
        let grad = match activation {
            Activation::None => grad,
            Activation::Relu => Self::relu_backward(y, grad),
        };
        let grad_bias = Self::float_reshape(Self::float_sum_dim(grad.clone(), 0), [outputs].into());
        (grad, grad_bias)
    }

    fn dense_input_gradient(grad: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(grad, Self::float_transpose(weight))
    }

    fn dense_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(Self::float_transpose(x), grad)
    }
}
