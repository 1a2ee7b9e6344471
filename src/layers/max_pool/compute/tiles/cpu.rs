//! The pool on the CPU: one image per thread.

use super::{MaxPoolGradients, MaxPoolOps};
use crate::model::cpu::{
    contiguous,
    parallel::{for_each_chunk, vectorised},
    sizes, tensor, values,
};
use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};

impl MaxPoolOps for Flex {
    fn max_pool(x: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let [images, height, width, channels] = sizes(&x);
        let x = contiguous(x);
        let input = values(&x);
        let (rows, columns) = (height / side, width / side);
        let mut y = vec![f32::NEG_INFINITY; images * rows * columns * channels];
        for_each_chunk(&mut y, rows * columns * channels, |image, y| {
            let x = &input[image * height * width * channels..][..height * width * channels];
            vectorised(
                #[inline(always)]
                || {
                    for (at, y) in y.chunks_exact_mut(channels).enumerate() {
                        for pixel in square(at, columns, width, side) {
                            for (y, &x) in y.iter_mut().zip(&x[pixel * channels..]) {
                                *y = if x > *y { x } else { *y };
                            }
                        }
                    }
                },
            );
        });
        tensor(y, [images, rows, columns, channels])
    }
}

impl MaxPoolGradients for Flex {
    fn max_pool_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let shape = x.shape();
        let [_, height, width, channels] = shape.dims();
        let [x, grad] = [x, grad].map(contiguous);
        let (input, grads) = (values(&x), values(&grad));
        let (rows, columns) = (height / side, width / side);
        let mut grad_x = vec![0.0; input.len()];
        for_each_chunk(&mut grad_x, height * width * channels, |image, grad_x| {
            let x = &input[image * height * width * channels..][..height * width * channels];
            let grad = &grads[image * rows * columns * channels..][..rows * columns * channels];
            let mut highest = vec![0.0; channels];
            let mut first = vec![0_u32; channels];
            vectorised(
                #[inline(always)]
                || {
                    for (at, grad) in grad.chunks_exact(channels).enumerate() {
                        highest.fill(f32::NEG_INFINITY);
                        for pixel in square(at, columns, width, side) {
                            let channels = highest.iter_mut().zip(&mut first).zip(&x[pixel * channels..]);
                            for ((highest, first), &x) in channels {
                                *first = if x > *highest { pixel as u32 } else { *first };
                                *highest = if x > *highest { x } else { *highest };
                            }
                        }
                        for pixel in square(at, columns, width, side) {
                            let target = &mut grad_x[pixel * channels..][..channels];
                            for ((target, first), grad) in target.iter_mut().zip(&first).zip(grad) {
                                *target = if *first == pixel as u32 { *grad } else { 0.0 };
                            }
                        }
                    }
                },
            );
        });
        tensor(grad_x, shape)
    }
}

/// The pixels of square number `at` of an image; all are counted row by row.
#[inline(always)]
fn square(at: usize, columns: usize, width: usize, side: usize) -> impl Iterator<Item = usize> {
    let corner = (at / columns * width + at % columns) * side;
    (0..side * side).map(move |i| corner + i / side * width + i % side)
}
