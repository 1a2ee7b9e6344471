//! Tensors in another shape on the CPU.

use super::ReshapeOps;
use burn::{
    backend::{Flex, tensor::FloatTensor},
    tensor::Shape,
};

impl ReshapeOps for Flex {
    fn reshaped(x: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self> {
        x.reshape(shape)
    }

    fn with_gradient(x: FloatTensor<Self>, _: FloatTensor<Self>) -> FloatTensor<Self> {
        x
    }
}
