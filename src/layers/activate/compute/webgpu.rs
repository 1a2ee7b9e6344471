//! Activations on WebGPU: one thread per value, or per four values.

use super::{ActivationGradients, ActivationOps};
use crate::{
    model::wgsl::{Kernel, Parts, add_parts, contiguous, empty, lanes},
    spec::shape::Activation,
};
use burn::backend::{Cube, TensorMetadata, ops::FloatTensorOps, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 256;

/// Rows in a partial sum of the biases' gradient, at least.
const SHARE: usize = 64;

/// Partial sums of the biases' gradient, at most.
const MOST_PARTS: usize = 256;

impl ActivationOps for Cube {
    fn activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let x = contiguous(x);
        let y = like(&x);
        launch(include_str!("forward.wgsl"), activation, None, &[&x, &y], &y);
        y
    }

    fn biased(x: FloatTensor<Self>, bias: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let [x, bias] = [x, bias].map(contiguous);
        let y = like(&x);
        launch(include_str!("forward.wgsl"), activation, Some(channels(&bias)), &[&x, &y, &bias], &y);
        y
    }
}

impl ActivationGradients for Cube {
    fn activated_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let grad_x = like(&x);
        launch(include_str!("gradient.wgsl"), activation, None, &[&x, &grad, &grad_x], &grad_x);
        grad_x
    }

    fn biased_backward(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, bias, grad] = [x, bias, grad].map(contiguous);
        let channels = channels(&bias);
        let grad_x = match activation {
            Activation::None => grad,
            _ => {
                let grad_x = like(&x);
                let tensors = [&x, &grad, &grad_x, &bias];
                launch(include_str!("gradient.wgsl"), activation, Some(channels), &tensors, &grad_x);
                grad_x
            }
        };
        let rows = x.shape().num_elements() / channels;
        let Parts { share, count } = Parts::of(rows, SHARE, MOST_PARTS, channels);
        let parts = empty([count, channels], &x);
        let shares = channels / lanes(channels);
        Kernel::in_lanes(include_str!("bias_sums.wgsl"), channels)
            .numbers([("channels", shares), ("rows", rows), ("share", share), ("parts", count)])
            .launch_row(WORKGROUP, count * shares, &[&grad_x, &parts]);
        (grad_x, add_parts(&parts, [channels]))
    }
}

/// A tensor of the shape of `x`, with undefined values.
fn like(x: &FloatTensor<Cube>) -> FloatTensor<Cube> {
    Cube::float_empty(x.shape(), &x.device(), x.dtype().into())
}

/// The number of biases.
fn channels(bias: &FloatTensor<Cube>) -> usize {
    bias.shape().num_elements()
}

/// Runs `text` with one thread per value of `of`, or per four values. `channels` is the number of biases, if there are
/// any.
fn launch(
    text: &'static str,
    activation: Activation,
    channels: Option<usize>,
    tensors: &[&FloatTensor<Cube>],
    of: &FloatTensor<Cube>,
) {
    let len = of.shape().num_elements();
    let row = channels.unwrap_or(len);
    let names = ["none", "relu", "leaky_relu", "tanh", "gelu"];
    let kernel = Kernel::in_lanes(text, row).numbers([("count", len / lanes(row)), ("channels", row / lanes(row))]);
    let kernel = kernel.only_if("bias", channels.is_some());
    let kernel = names
        .into_iter()
        .zip(Activation::ALL)
        .fold(kernel, |kernel, (name, one)| kernel.only_if(name, one == activation));
    kernel.launch_row(WORKGROUP, len / lanes(row), tensors);
}
