//! Reshapes tensors on WebGPU, and reads them.

use super::ReshapeOps;
use crate::model::wgsl::contiguous;
use burn::{
    backend::{Cube, ExecutionError, TensorMetadata, tensor::FloatTensor, wgpu::CubeTensor},
    cubecl::server::CopyDescriptor,
    tensor::{Shape, TensorData},
};

impl ReshapeOps for Cube {
    fn reshaped(x: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self> {
        assert_eq!(x.shape().num_elements(), shape.num_elements(), "another shape has as many elements");
        let CubeTensor { client, handle, device, dtype, .. } = contiguous(x);
        CubeTensor::new_contiguous(client, device, shape, handle, dtype)
    }

    fn with_gradient(x: FloatTensor<Self>, _: FloatTensor<Self>) -> FloatTensor<Self> {
        x
    }
}

/// The largest number of values in a tensor on the device of `x`. Burn's buffers are no larger than a kernel can bind.
pub(super) fn most_values(x: &CubeTensor) -> u64 {
    x.client.properties().memory.max_page_size / x.dtype.size() as u64
}

/// The elements of each of `tensors`.
///
/// # Errors
/// If the device fails.
///
/// # Panics
/// If there are no tensors.
pub(super) async fn read(tensors: Vec<CubeTensor>) -> Result<Vec<TensorData>, ExecutionError> {
    let tensors: Vec<_> = tensors.into_iter().map(contiguous).collect();
    let descriptors = tensors.iter().map(|tensor| {
        let (shape, strides) = (tensor.meta.shape().clone(), tensor.meta.strides().clone());
        CopyDescriptor::new(tensor.handle.clone().binding(), shape, strides, tensor.dtype.size())
    });
    let bytes = tensors[0].client.read_tensor_async(descriptors.collect()).await;
    let bytes = bytes.map_err(|error| ExecutionError::WithContext { reason: error.to_string() })?;
    let shapes = tensors.iter().map(|tensor| (tensor.shape(), tensor.dtype));
    Ok(bytes
        .into_iter()
        .zip(shapes)
        .map(|(bytes, (shape, dtype))| TensorData::from_bytes(bytes, shape, dtype))
        .collect())
}
