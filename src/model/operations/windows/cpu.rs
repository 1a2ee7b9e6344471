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
                || match value {
                    Value::Maximum => {
                        // First the maxima along each row of the image, then those of the rows of each window.
                        let mut lines = vec![f32::NEG_INFINITY; height * columns * channels];
                        for (at, line) in lines.chunks_exact_mut(channels).enumerate() {
                            for pixel in pixels_of_row(windows, at) {
                                raise(line, &x[pixel * channels..]);
                            }
                        }
                        for (row, y) in y.chunks_exact_mut(columns * channels).enumerate() {
                            y.fill(f32::NEG_INFINITY);
                            for line in lines_of(windows, row) {
                                raise(y, &lines[line * columns * channels..]);
                            }
                        }
                    }
                    Value::Mean => {
                        for (at, y) in y.chunks_exact_mut(channels).enumerate() {
                            let pixels = pixels(windows, at);
                            let share = 1.0 / pixels.clone().count() as f32;
                            for pixel in pixels {
                                y.iter_mut().zip(&x[pixel * channels..]).for_each(|(y, x)| *y += x);
                            }
                            y.iter_mut().for_each(|y| *y *= share);
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
            vectorised(
                #[inline(always)]
                || match value {
                    Value::Maximum => {
                        // As above. Of equal values along a row, and then of equal rows, the first counts.
                        let line_len = columns * channels;
                        let mut lines = Highest::of(height * line_len);
                        for at in 0..height * columns {
                            for pixel in pixels_of_row(windows, at) {
                                lines.raise(at * channels, &x[pixel * channels..][..channels], |_| pixel as u32);
                            }
                        }
                        let mut highest = Highest::of(line_len);
                        for (row, grad) in grad.chunks_exact(line_len).enumerate() {
                            highest.values.fill(f32::NEG_INFINITY);
                            for line in lines_of(windows, row) {
                                let pixels = &lines.pixels[line * line_len..][..line_len];
                                highest.raise(0, &lines.values[line * line_len..][..line_len], |at| pixels[at]);
                            }
                            for (pixels, grad) in highest.pixels.chunks_exact(channels).zip(grad.chunks_exact(channels))
                            {
                                for (channel, (pixel, grad)) in pixels.iter().zip(grad).enumerate() {
                                    grad_x[*pixel as usize * channels + channel] += grad;
                                }
                            }
                        }
                    }
                    Value::Mean => {
                        for (at, grad) in grad.chunks_exact(channels).enumerate() {
                            let pixels = pixels(windows, at);
                            let share = 1.0 / pixels.clone().count() as f32;
                            for pixel in pixels {
                                let target = &mut grad_x[pixel * channels..][..channels];
                                target.iter_mut().zip(grad).for_each(|(target, grad)| *target += share * grad);
                            }
                        }
                    }
                },
            );
        });
        tensor(grad_x, shape)
    }
}

/// Replaces each value by that of `others`, if that is higher.
#[inline(always)]
fn raise(values: &mut [f32], others: &[f32]) {
    for (value, &other) in values.iter_mut().zip(others) {
        *value = if other > *value { other } else { *value };
    }
}

/// The highest values so far, and the pixels that have them.
struct Highest {
    values: Vec<f32>,
    pixels: Vec<u32>,
}

impl Highest {
    fn of(len: usize) -> Self {
        Self { values: vec![f32::NEG_INFINITY; len], pixels: vec![0; len] }
    }

    /// As [`raise`], for the values from `start` on. `pixel` tells which pixel has one of `others`.
    #[inline(always)]
    fn raise(&mut self, start: usize, others: &[f32], pixel: impl Fn(usize) -> u32) {
        let values = &mut self.values[start..][..others.len()];
        let pixels = &mut self.pixels[start..][..others.len()];
        for (at, &other) in others.iter().enumerate() {
            pixels[at] = if other > values[at] { pixel(at) } else { pixels[at] };
            values[at] = if other > values[at] { other } else { values[at] };
        }
    }
}

/// The pixels of row `at / columns` of the image that lie in the windows' column `at % columns`. Pixels are counted row
/// by row.
#[inline(always)]
fn pixels_of_row(windows: Windows, at: usize) -> std::ops::Range<usize> {
    let columns = windows.output[1];
    let (left, [first, end]) = windows.part(1, at % columns);
    let line = at / columns * windows.input[1];
    let pixel = |column: usize| line + (left + column as isize) as usize;
    pixel(first)..pixel(end)
}

/// The image's rows in the windows' row `row`.
#[inline(always)]
fn lines_of(windows: Windows, row: usize) -> std::ops::Range<usize> {
    let (top, [first, end]) = windows.part(0, row);
    let line = |row: usize| (top + row as isize) as usize;
    line(first)..line(end)
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
