//! The CPU: its tensors as slices of f32 and back, work spread over its threads, and products of matrices.

pub mod parallel;
pub mod product;
pub mod sparse;

use burn::{
    backend::{TensorMetadata, flex::FlexTensor},
    tensor::{Shape, TensorData},
};

/// `x` with its elements row by row; where they lie so already and nobody else holds them, they can be changed in place.
pub fn contiguous(x: FlexTensor) -> FlexTensor {
    // The handle in `x` is gone when this returns: a second one would make every change a copy.
    x.to_contiguous()
}

/// The elements of a contiguous tensor of f32.
pub fn values(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("an f32 tensor that was made contiguous")
}

/// The tensor of `values`, row by row.
pub fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// Sizes of `x` along its dimensions.
pub fn sizes<const D: usize>(x: &FlexTensor) -> [usize; D] {
    let shape: Shape = x.shape();
    shape.dims()
}
