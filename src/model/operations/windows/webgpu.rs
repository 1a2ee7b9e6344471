//! The windows' values on WebGPU. One thread per channel of a window, or per four channels; for the gradient, of an
//! input pixel.

use super::{Value, WindowGradients, WindowOps, Windows};
use crate::model::wgsl::{Kernel, contiguous, empty, lanes};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in a workgroup.
const WORKGROUP: usize = 64;

impl WindowOps for Cube {
    fn of_windows(x: FloatTensor<Self>, windows: Windows, value: Value) -> FloatTensor<Self> {
        let x = contiguous(x);
        let y = of_each(&x, windows);
        launch(include_str!("forward.wgsl"), windows, value, &[&x, &y], &y);
        y
    }
}

impl WindowGradients for Cube {
    fn of_windows_backward(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        windows: Windows,
        value: Value,
    ) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let grad_x = empty(x.shape().dims::<4>(), &x);
        let text = include_str!("gradient.wgsl");
        match value {
            Value::Maximum => {
                let places = of_each(&x, windows);
                launch(include_str!("places.wgsl"), windows, value, &[&x, &places], &places);
                launch(text, windows, value, &[&grad, &grad_x, &places], &grad_x);
            }
            Value::Mean => launch(text, windows, value, &[&grad, &grad_x], &grad_x),
        }
        grad_x
    }
}

/// A tensor with one value per channel of each window of `x`, undefined as yet.
fn of_each(x: &FloatTensor<Cube>, windows: Windows) -> FloatTensor<Cube> {
    let [images, _, _, channels] = x.shape().dims();
    empty([images, windows.output[0], windows.output[1], channels], x)
}

/// Runs `text` with one thread per value of `of`, or per four values.
fn launch(text: &'static str, windows: Windows, value: Value, tensors: &[&FloatTensor<Cube>], of: &FloatTensor<Cube>) {
    let [_, _, _, channels] = of.shape().dims();
    let Windows { input: [height, width], output: [rows, columns], side, stride, before: [above, left] } = windows;
    let count = of.shape().num_elements() / lanes(channels);
    Kernel::in_lanes(text, channels)
        .numbers([("count", count), ("channels", channels / lanes(channels)), ("height", height), ("width", width)])
        .numbers([("rows", rows), ("columns", columns), ("side", side), ("stride", stride)])
        .numbers([("above", above), ("left", left)])
        .only_if("maximum", value == Value::Maximum)
        .only_if("mean", value == Value::Mean)
        .launch_row(WORKGROUP, count, tensors);
}
