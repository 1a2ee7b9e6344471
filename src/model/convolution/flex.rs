//! The convolution on the CPU: Burn's own operations.

use super::{ConvolutionOps, KERNEL, PAD};
use burn::{
    backend::{
        Flex, TensorMetadata,
        flex::FlexTensor,
        ops::{ActivationOps, FloatTensorOps, ModuleOps},
        tensor::FloatTensor,
    },
    tensor::{
        TensorData,
        ops::{ConvOptions, PadMode},
    },
};

impl ConvolutionOps for Flex {
    fn same_relu(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::relu(Self::conv2d(padded(x), weight, Some(bias), options()))
    }

    fn same_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [_, filters, _, _] = y.shape().dims();
        let grad = Self::relu_backward(y, grad);
        let grad_weight = Self::conv2d_weight_backward(padded(x), weight, grad.clone(), options());
        // [n, f, h, w] -> [1, f, 1, 1] -> [f]
        let grad_bias = Self::float_sum_dims(grad, &[0, 2, 3]);
        (grad_weight, Self::float_reshape(grad_bias, [filters].into()))
    }
    fn same_relu_input_gradient(
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [images, filters, height, width] = y.shape().dims();
        let [_, channels, _, _] = weight.shape().dims();
        let (weight, grad) = (weight.to_contiguous(), Self::relu_backward(y, grad).to_contiguous());
        let [weight, grad] = [&weight, &grad].map(|x| x.as_slice::<f32>().expect("contiguous tensors of f32"));
        let mut grad_x = vec![0.0_f32; images * channels * height * width];
        // Images need no gradient, so that this is for tests: as the definition has it.
        for (at, sum) in grad_x.iter_mut().enumerate() {
            let (column, row) = (at % width, at / width % height);
            let (channel, image) = (at / (width * height) % channels, at / (width * height * channels));
            for (filter, k) in (0..filters).flat_map(|filter| (0..KERNEL * KERNEL).map(move |k| (filter, k))) {
                // The outputs that saw this pixel at place k of the kernel.
                let (y_row, y_column) =
                    ((row + PAD.0).wrapping_sub(k / KERNEL), (column + PAD.0).wrapping_sub(k % KERNEL));
                if y_row < height && y_column < width {
                    *sum += weight[(filter * channels + channel) * KERNEL * KERNEL + k]
                        * grad[((image * filters + filter) * height + y_row) * width + y_column];
                }
            }
        }
        FlexTensor::from_data(TensorData::new(grad_x, [images, channels, height, width]))
    }
}

/// `x` with the zeros of SAME around it.
fn padded(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    Flex::float_pad(x, &[(0, 0), (0, 0), PAD, PAD], PadMode::Constant(0.0))
}

/// Of a convolution whose input is padded already.
fn options() -> ConvOptions<2> {
    ConvOptions::new([1, 1], [0, 0], [1, 1], 1)
}
