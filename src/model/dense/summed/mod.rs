//! A dense layer over planes in which most pixels equal a neighbour, as a wide pool leaves them; for answers on the CPU.
//!
//! Summation by parts, along rows and columns at once: the sum of x w over a plane is the sum of d s, where
//! d(r, c) = x(r, c) - x(r, c-1) - x(r-1, c) + x(r-1, c-1), with zeros outside the plane, and s(r, c) is the sum of all
//! weights from (r, c) to the plane's last row and column, as in a summed-area table (Crow, 1984). After the article's
//! pool seven of eight such differences are zero, so that an eighth of the weights is read and multiplied.
//!
//! The sums take the place of the weights only where nothing is learned from them, and as much room again.

mod flex;

use super::Activation;
use burn::{
    Tensor,
    backend::{Backend, Dispatch, DispatchTensorKind, backend_extension, tensor::FloatTensor},
};

/// The layer over planes on one backend.
#[backend_extension(Flex)]
pub trait SummedDenseOps: Backend {
    /// `[planes * height * width, outputs]` weights -> their sums, of the same shape, given `[height, width]`.
    fn summed_weights(weight: FloatTensor<Self>, plane: [usize; 2]) -> FloatTensor<Self>;

    /// The layer's output; shapes as [`SummedDense::forward`]'s.
    fn summed_dense(
        x: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// A dense layer that has summed its weights.
#[derive(Clone, Debug)]
pub struct SummedDense {
    sums: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
}

impl SummedDense {
    /// The layer of `[planes * height * width, outputs]` weights and `[outputs]` biases, given `[height, width]`; none
    /// unless they lie on the CPU and outside any graph.
    pub fn new(weight: Tensor<2>, bias: Tensor<1>, activation: Activation, plane: [usize; 2]) -> Option<Self> {
        let weight = weight.into_dispatch();
        if !matches!(weight.kind, DispatchTensorKind::Flex(_)) {
            return None;
        }
        let sums = Tensor::from_dispatch(<Dispatch as SummedDenseOps>::summed_weights(weight, plane));
        Some(Self { sums, bias, activation })
    }

    /// `[n, planes, height, width]` -> `[n, outputs]`, as [`dense`](super::dense) computes it of the same values row by
    /// row, but for rounding.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let (x, sums, bias) = (x.into_dispatch(), self.sums.clone().into_dispatch(), self.bias.clone().into_dispatch());
        Tensor::from_dispatch(<Dispatch as SummedDenseOps>::summed_dense(x, sums, bias, self.activation))
    }
}

#[cfg(test)]
mod tests;
