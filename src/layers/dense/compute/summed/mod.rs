//! A dense layer over planes in which most pixels equal a neighbour, as they do after a wide max pool. For answers
//! only.
//!
//! The layer sums by parts, along rows and columns at once. The sum of x w over a plane equals the sum of d s. Here
//! d(r, c) = x(r, c) - x(r, c-1) - x(r-1, c) + x(r-1, c-1), with zeros outside the plane. s(r, c) is the sum of all
//! weights from (r, c) to the plane's last row and column, as in a summed-area table (Crow, 1984). After the article's
//! pool seven of eight such differences are zero, so that an eighth of the weights is read and multiplied.
//!
//! The sums need as much memory as the weights. They can replace the weights only where nothing is learnt. On WebGPU
//! they are used for few images only. Each image has its own differences, so it reads its own rows of sums. In the
//! plain layer, threads share the weights that they load.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::{
    model::{prelude::*, tensors::reshape},
    spec::shape::Activation,
};

/// The layer over planes on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait SummedDenseOps: Backend {
    /// `[planes * height * width, outputs]` weights -> their sums, of the same shape, given `[height, width]`.
    fn summed_weights(weight: FloatTensor<Self>, plane: [usize; 2]) -> FloatTensor<Self>;

    /// The layer's output for `[n, planes, height, width]` values; other shapes as in [`SummedDense::forward`].
    fn summed_dense(
        x: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// A dense layer with its summed weights.
#[derive(Clone, Debug)]
pub struct SummedDense {
    sums: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
    plane: [usize; 2],
}

impl SummedDense {
    /// The layer of `[planes * height * width, outputs]` weights and `[outputs]` biases, given `[height, width]`.
    /// `None` in a graph, and where it is slower for any number of images.
    pub fn new(weight: Tensor<2>, bias: Tensor<1>, activation: Activation, plane: [usize; 2]) -> Option<Self> {
        if !is_faster(&weight, 1) {
            return None;
        }
        let sums = <Dispatch as SummedDenseOps>::summed_weights(weight.into_dispatch(), plane);
        Some(Self { sums: Tensor::from_dispatch(sums), bias, activation, plane })
    }

    /// `[n, planes * height * width]` -> `[n, outputs]`. The same as [`dense`](super::dense), except for rounding.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let ([images, inputs], [height, width]) = (x.dims(), self.plane);
        let x = reshape(x, [images, inputs / (height * width), height, width]);
        let (x, sums, bias) = (x.into_dispatch(), self.sums.clone().into_dispatch(), self.bias.clone().into_dispatch());
        Tensor::from_dispatch(<Dispatch as SummedDenseOps>::summed_dense(x, sums, bias, self.activation))
    }
}

/// Whether a layer with summed `weight` answers this many `images` at a time faster than the plain layer. `weight` may
/// also be the sums themselves.
///
/// False in a graph, since the sums would not learn.
#[cfg_attr(not(feature = "gpu"), expect(unused_variables, reason = "the CPU gains by it at any number"))]
pub fn is_faster(weight: &Tensor<2>, images: usize) -> bool {
    match weight.clone().into_dispatch().kind {
        DispatchTensorKind::Flex(_) => true,
        #[cfg(feature = "gpu")]
        DispatchTensorKind::Cube(_) => images < super::FEW_IMAGES && weight.dims()[1].is_multiple_of(4),
        DispatchTensorKind::Autodiff(_) => false,
    }
}

#[cfg(test)]
mod tests;
