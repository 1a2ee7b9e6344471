//! The windows' values on the CPU: one image per thread, with a pixel's channels in vectors.

use super::{Value, WindowGradients, WindowOps, Windows};
use crate::model::cpu::{
    contiguous,
    parallel::{for_each_chunk, vectorised},
    sizes, tensor, values,
};
use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};

impl WindowOps for Flex {
    fn of_windows(x: FloatTensor<Self>, windows: Windows, value: Value) -> FloatTensor<Self> {
        let [images, height, width, channels] = sizes(&x);
        let [rows, columns] = windows.output;
        let x = contiguous(x);
        let input = values(&x);
        let mut y = vec![0.0; images * rows * columns * channels];
        for_each_chunk(&mut y, rows * columns * channels, |image, y| {
            let x = &input[image * height * width * channels..][..height * width * channels];
            vectorised(
                #[inline(always)]
                || {
                    for (at, y) in y.chunks_exact_mut(channels).enumerate() {
                        let pixels = pixels(windows, at);
                        match value {
                            Value::Maximum => {
                                y.fill(f32::NEG_INFINITY);
                                for pixel in pixels {
                                    for (y, &x) in y.iter_mut().zip(&x[pixel * channels..]) {
                                        *y = if x > *y { x } else { *y };
                                    }
                                }
                            }
                            Value::Mean => {
                                let share = 1.0 / pixels.clone().count() as f32;
                                for pixel in pixels {
                                    y.iter_mut().zip(&x[pixel * channels..]).for_each(|(y, x)| *y += x);
                                }
                                y.iter_mut().for_each(|y| *y *= share);
                            }
                        }
                    }
                },
            );
        });
        tensor(y, [images, rows, columns, channels])
    }
}

impl WindowGradients for Flex {
    fn of_windows_backward(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        windows: Windows,
        value: Value,
    ) -> FloatTensor<Self> {
        let shape = x.shape();
        let [_, height, width, channels] = shape.dims();
        let [rows, columns] = windows.output;
        let [x, grad] = [x, grad].map(contiguous);
        let (input, grads) = (values(&x), values(&grad));
        let mut grad_x = vec![0.0; input.len()];
        for_each_chunk(&mut grad_x, height * width * channels, |image, grad_x| {
            let x = &input[image * height * width * channels..][..height * width * channels];
            let grad = &grads[image * rows * columns * channels..][..rows * columns * channels];
            let (mut highest, mut first) = (vec![0.0; channels], vec![0_u32; channels]);
            vectorised(
                #[inline(always)]
                || {
                    for (at, grad) in grad.chunks_exact(channels).enumerate() {
                        let pixels = pixels(windows, at);
                        match value {
                            Value::Maximum => {
                                highest.fill(f32::NEG_INFINITY);
                                for pixel in pixels {
                                    let channels = highest.iter_mut().zip(&mut first).zip(&x[pixel * channels..]);
                                    for ((highest, first), &x) in channels {
                                        *first = if x > *highest { pixel as u32 } else { *first };
                                        *highest = if x > *highest { x } else { *highest };
                                    }
                                }
                                for (channel, (first, grad)) in first.iter().zip(grad).enumerate() {
                                    grad_x[*first as usize * channels + channel] += grad;
                                }
                            }
                            Value::Mean => {
                                let share = 1.0 / pixels.clone().count() as f32;
                                for pixel in pixels {
                                    let target = &mut grad_x[pixel * channels..][..channels];
                                    target.iter_mut().zip(grad).for_each(|(target, grad)| *target += share * grad);
                                }
                            }
                        }
                    }
                },
            );
        });
        tensor(grad_x, shape)
    }
}

/// The image's pixels in window number `at`; pixels and windows are counted row by row.
#[inline(always)]
fn pixels(windows: Windows, at: usize) -> impl Iterator<Item = usize> + Clone {
    let width = windows.input[1];
    let columns = windows.output[1];
    let (top, [first_row, end_row]) = windows.part(0, at / columns);
    let (left, [first_column, end_column]) = windows.part(1, at % columns);
    let in_image = move |from: isize, offset: usize| (from + offset as isize) as usize;
    (first_row..end_row).flat_map(move |row| {
        let line = in_image(top, row) * width;
        (first_column..end_column).map(move |column| line + in_image(left, column))
    })
}
