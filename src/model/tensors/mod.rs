//! Uploads, reads and reshapes tensors without the kernels that Burn's own methods bring along.
//!
//! Burn compiles each method of its tensors for every backend, with its gradient. `Tensor::reshape` alone would bring
//! sums, copies and conversions for WebGPU into the worker, and nothing here uses them. So the worker keeps to these
//! functions and to the operations in the neighbouring folders.

mod cpu;
pub mod deadline;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::model::prelude::*;
use burn::{
    backend::{ExecutionError, TensorMetadata, ops::FloatTensorOps},
    tensor::{Device, Shape, TensorData},
};

/// A tensor on `device` with `values`, row by row.
///
/// # Panics
/// If the number of values does not fit the shape.
pub fn upload<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape);
    Tensor::from_dispatch(<Dispatch as FloatTensorOps<Dispatch>>::float_from_data(data, device.as_dispatch()))
}

/// The elements of each of `tensors`, all on one device and outside any graph, with one wait for all of them.
///
/// # Errors
/// If the device fails, or does not answer [in time](deadline).
pub async fn read<const D: usize>(
    tensors: impl IntoIterator<Item = Tensor<D>>,
) -> Result<Vec<TensorData>, ExecutionError> {
    let tensors = tensors.into_iter().map(|tensor| tensor.into_dispatch().kind);
    #[cfg(feature = "gpu")]
    let mut on_webgpu = Vec::new();
    let mut read = Vec::new();
    for tensor in tensors {
        match tensor {
            DispatchTensorKind::Flex(tensor) => read.push(tensor.float().into_data()),
            #[cfg(feature = "gpu")]
            DispatchTensorKind::Cube(tensor) => on_webgpu.push(tensor.float()),
            DispatchTensorKind::Autodiff(_) => unreachable!("what is read lies outside any graph"),
        }
    }
    #[cfg(feature = "gpu")]
    if !on_webgpu.is_empty() {
        return deadline::in_time(webgpu::read(on_webgpu)).await?;
    }
    Ok(read)
}

/// The elements of `tensor`, as [`read`] gives them.
///
/// # Errors
/// If the device fails, or does not answer [in time](deadline).
pub async fn read_one<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ExecutionError> {
    let data = read([tensor]).await?.remove(0);
    Ok(data.try_into_vec().expect("the tensors here are f32"))
}

/// The largest number of values in a tensor on the device of `x`, which must be outside any graph. A GPU's adapter sets
/// it. On the CPU only memory limits it.
pub fn most_values<const D: usize>(x: Tensor<D>) -> Option<u64> {
    match x.into_dispatch().kind {
        DispatchTensorKind::Flex(_) => None,
        #[cfg(feature = "gpu")]
        DispatchTensorKind::Cube(x) => Some(webgpu::most_values(&x.float())),
        DispatchTensorKind::Autodiff(_) => unreachable!("it lies outside any graph"),
    }
}

/// The same elements in another shape.
///
/// # Panics
/// If the shape has another number of elements.
pub fn reshape<const D: usize, const E: usize>(x: Tensor<D>, shape: [usize; E]) -> Tensor<E> {
    Tensor::from_dispatch(<Dispatch as ReshapeOps>::reshaped(x.into_dispatch(), Shape::from(shape)))
}

/// `x` with a fixed gradient, whatever is computed from it. This ends a graph whose gradient was computed elsewhere.
pub fn with_gradient<const D: usize>(x: Tensor<D>, gradient: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as ReshapeOps>::with_gradient(x.into_dispatch(), gradient.into_dispatch()))
}

/// Operations that cost nothing on any backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait ReshapeOps: Backend {
    /// The elements of `x` in the same order, in `shape`.
    fn reshaped(x: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self>;

    /// `x`, with `gradient` as its gradient in a graph.
    fn with_gradient(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl<B: ReshapeOps, C: CheckpointStrategy> ReshapeOps for Autodiff<B, C> {
    fn reshaped(x: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Reshape;

        impl<B: ReshapeOps> Backward<B, 1> for Reshape {
            /// The input's shape.
            type State = Shape;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    grads.register::<B>(node.id, B::reshaped(grad, ops.state));
                }
            }
        }

        let guard = x.node();
        let x = x.into_primitive();
        match Reshape.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(x.shape(), B::reshaped(x, shape)),
            OpsKind::UnTracked(prep) => prep.finish(B::reshaped(x, shape)),
        }
    }

    fn with_gradient(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Given;

        impl<B: ReshapeOps> Backward<B, 1> for Given {
            type State = B::FloatTensorPrimitive;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    grads.register::<B>(node.id, ops.state);
                }
            }
        }

        let guard = x.node();
        let (x, gradient) = (x.into_primitive(), gradient.into_primitive());
        match Given.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(gradient, x),
            OpsKind::UnTracked(prep) => prep.finish(x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_shape_has_the_same_elements_and_the_gradient_takes_the_first_one_again() {
        let device = Device::flex().autodiff();
        let x = upload((0..6).map(|i| i as f32).collect(), [2, 3], &device).require_grad();
        let y = reshape(x.clone(), [3, 2]);
        let gradient = upload(vec![5.0, 4.0, 3.0, 2.0, 1.0, 0.0], [3, 2], &device);
        let gradients = with_gradient(y.clone(), gradient).backward();
        let read = |tensor: Tensor<2>| pollster::block_on(read_one(tensor)).expect("the CPU does not fail");
        assert_eq!(read(y.inner()), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let gradient = x.grad(&gradients).expect("x requires a gradient");
        assert_eq!(gradient.dims(), [2, 3]);
        assert_eq!(read(gradient), [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
    }
}
