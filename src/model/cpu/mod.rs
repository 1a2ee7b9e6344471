//! What all operations on the CPU share: tensors as slices of f32, work spread over threads, products of matrices.

pub mod panels;
pub mod parallel;
pub mod product;
pub mod sparse;

use burn::{
    backend::{TensorMetadata, flex::FlexTensor},
    tensor::{Shape, TensorData},
};

/// `x` with its elements row by row. If they lie so already and nobody else holds them, they can be changed in place.
pub fn contiguous(x: FlexTensor) -> FlexTensor {
    // `x`'s own handle is dropped on return. A second handle would turn every change into a copy.
    x.to_contiguous()
}

/// The elements of a contiguous f32 tensor.
pub fn values(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("an f32 tensor that was made contiguous")
}

/// A tensor of this shape with `values`, row by row.
pub fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// The sizes of `x` along its dimensions.
pub fn sizes<const D: usize>(x: &FlexTensor) -> [usize; D] {
    let shape: Shape = x.shape();
    shape.dims()
}
