//! The convolution on the CPU. Each image gets a frame of zeros in a small buffer. Its windows are read from there by
//! matrix products, and are not copied.

use super::{ConvolveGradients, ConvolveOps, Windows};
use crate::model::cpu::{
    contiguous,
    panels::{Left, Panels, SLACK, Terms},
    parallel::{self, for_each_chunk, make_chunks, vectorised},
    sizes, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// How an image lies in its buffer: rows of pixels with their channels, and zeros around them.
#[derive(Clone, Copy)]
struct Frame {
    /// Rows and columns of the image.
    image: [usize; 2],
    /// Rows and columns of the buffer.
    size: [usize; 2],
    /// Rows of zeros above the image, and columns left of it.
    before: [usize; 2],
    channels: usize,
}

impl Frame {
    /// The frame for images whose windows are read.
    fn of_windows(windows: Windows, channels: usize) -> Self {
        let size = windows.output.map(|count| (count - 1) * windows.stride + windows.side);
        Self { image: windows.input, size, before: windows.before, channels }
    }

    /// Values in a row.
    fn row(self) -> usize {
        self.size[1] * self.channels
    }

    /// A buffer with this image. Pixels beyond the frame are left out. After the last row come `spare` zeros.
    fn of(self, image: &[f32], spare: usize) -> Vec<f32> {
        let mut framed = vec![0.0; self.size[0] * self.row() + spare];
        let [above, left] = self.before;
        let row_len = self.image[1].min(self.size[1] - left) * self.channels;
        let rows = framed[..self.size[0] * self.row()].chunks_exact_mut(self.row()).skip(above);
        for (row, image) in rows.zip(image.chunks_exact(self.image[1] * self.channels)) {
            row[left * self.channels..][..row_len].copy_from_slice(&image[..row_len]);
        }
        framed
    }
}

impl ConvolveOps for Flex {
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [x, weight] = [x, weight].map(contiguous);
        let ([images, height, width, inputs], [_, _, _, outputs]) = (sizes(&x), sizes(&weight));
        let x = values(&x);
        let weight = Panels::of_rows(values(&weight), outputs);
        let Windows { output: [rows, columns], side, stride, .. } = windows;
        let frame = Frame::of_windows(windows, inputs);
        let y = make_chunks(images * rows * columns * outputs, rows * columns * outputs, |image, y| {
            let framed = frame.of(&x[image * height * width * inputs..], SLACK * stride * inputs);
            vectorised(
                #[inline(always)]
                || {
                    for (row, y) in y.chunks_exact_mut(columns * outputs).enumerate() {
                        // Only the windows' rows that lie in the image.
                        let (_, [first, end]) = windows.part(0, row);
                        let values = &framed[(row * stride + first) * frame.row()..];
                        let left = Left { values, rows: columns, row_step: stride * inputs };
                        let terms = Terms { counts: [end - first, side * inputs], steps: [frame.row(), 1] };
                        weight.add_product(left, terms, first * side * inputs, y, outputs);
                    }
                },
            );
        });
        tensor(y, [images, rows, columns, outputs])
    }
}

impl ConvolveGradients for Flex {
    fn convolve_input_gradient(
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self> {
        let [weight, grad] = [weight, grad].map(contiguous);
        let ([images, rows, columns, outputs], [_, _, inputs, _]) = (sizes(&grad), sizes(&weight));
        let grad = values(&grad);
        let Windows { input: [height, width], side, stride, before, .. } = windows;
        let phases: Vec<Phase> = (0..stride * stride)
            .map(|phase| Phase::new(values(&weight), [inputs, outputs], windows, [phase / stride, phase % stride]))
            .collect();
        // A pixel takes its gradient from a square of windows, which may lie beyond the first and last windows.
        let border = side.div_ceil(stride) - 1;
        let frame = Frame {
            image: [rows, columns],
            size: [0, 1].map(|axis| border + (windows.input[axis] + before[axis]).div_ceil(stride)),
            before: [border; 2],
            channels: outputs,
        };
        let grad_x = make_chunks(images * height * width * inputs, height * width * inputs, |image, grad_x| {
            let framed = frame.of(&grad[image * rows * columns * outputs..], SLACK * outputs);
            vectorised(
                #[inline(always)]
                || {
                    for (row, grad_x) in grad_x.chunks_exact_mut(width * inputs).enumerate() {
                        let down = row + before[0];
                        for phase in &phases[down % stride * stride..][..stride] {
                            let [tall, wide] = phase.windows;
                            // The first pixel of this phase, and how many follow it.
                            let start = (phase.right + stride - before[1] % stride) % stride;
                            let count = width.saturating_sub(start).div_ceil(stride);
                            // The windows of a pixel end `border` rows below its number of strides. Only rows with
                            // windows are multiplied.
                            let top = down / stride + border + 1 - tall;
                            let first = border.saturating_sub(top);
                            let end = tall.min((border + rows).saturating_sub(top));
                            let from = (start + before[1]) / stride + border + 1 - wide;
                            let terms =
                                Terms { counts: [end.saturating_sub(first), wide * outputs], steps: [frame.row(), 1] };
                            let values = &framed[(top + first) * frame.row() + from * outputs..];
                            let left = Left { values, rows: count, row_step: outputs };
                            let first_row = first * wide * outputs;
                            let target = &mut grad_x[(start * inputs).min(width * inputs)..];
                            phase.weight.add_product(left, terms, first_row, target, stride * inputs);
                        }
                    }
                },
            );
        });
        tensor(grad_x, [images, height, width, inputs])
    }

    fn convolve_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let ([images, height, width, inputs], [_, rows, columns, outputs]) = (sizes(&x), sizes(&grad));
        let (x, grad) = (values(&x), values(&grad));
        let Windows { side, stride, before: [above, _], .. } = windows;
        let frame = Frame::of_windows(windows, inputs);
        let line = side * inputs;
        let len = side * line * outputs;
        let share = images.div_ceil(parallel::thread_count());
        // Each share has its own sums. They are added up in order, so that one machine always gives one result.
        let mut sums = vec![0.0; images.div_ceil(share) * len];
        for_each_chunk(&mut sums, len, |number, sums| {
            for image in number * share..((number + 1) * share).min(images) {
                let framed = frame.of(&x[image * height * width * inputs..], SLACK);
                let grad = &grad[image * rows * columns * outputs..][..rows * columns * outputs];
                let grad = Panels::of_rows(grad, outputs);
                vectorised(
                    #[inline(always)]
                    || {
                        for (place, sums) in sums.chunks_exact_mut(line * outputs).enumerate() {
                            // Only rows of windows whose row number `place` lies in the image.
                            let first = above.saturating_sub(place).div_ceil(stride);
                            let end = rows.min((height + above).saturating_sub(place).div_ceil(stride));
                            let terms = Terms {
                                counts: [end.saturating_sub(first), columns],
                                steps: [stride * frame.row(), stride * inputs],
                            };
                            let values = &framed[(first * stride + place).min(frame.size[0]) * frame.row()..];
                            let left = Left { values, rows: line, row_step: 1 };
                            grad.add_product(left, terms, first.min(rows) * columns, sums, outputs);
                        }
                    },
                );
            }
        });
        let mut total = sums[..len].to_vec();
        for others in sums[len..].chunks_exact(len) {
            total.iter_mut().zip(others).for_each(|(total, other)| *total += other);
        }
        tensor(total, [windows.side, windows.side, inputs, outputs])
    }
}

/// The weights that the pixels of one phase meet. A phase is all pixels whose row and column leave the same remainders
/// when divided by the stride. The gradient with respect to them is a convolution, with stride 1, of the outputs'
/// gradient.
struct Phase {
    /// Remainder of the columns.
    right: usize,
    /// Rows and columns of windows that contain such a pixel.
    windows: [usize; 2],
    /// `[rows, columns, outputs, inputs]`. The order of rows and columns is reversed: the first window has the pixel at
    /// its end.
    weight: Panels,
}

impl Phase {
    fn new(
        weight: &[f32],
        [inputs, outputs]: [usize; 2],
        Windows { side, stride, .. }: Windows,
        at: [usize; 2],
    ) -> Self {
        let windows = at.map(|first| side.saturating_sub(first).div_ceil(stride));
        let mut turned = Vec::new();
        for row in (0..windows[0]).rev().map(|row| at[0] + row * stride) {
            for column in (0..windows[1]).rev().map(|column| at[1] + column * stride) {
                let place = &weight[(row * side + column) * inputs * outputs..][..inputs * outputs];
                turned.extend((0..outputs).flat_map(|output| place[output..].iter().step_by(outputs)));
            }
        }
        Self { right: at[1], windows, weight: Panels::of_rows(&turned, inputs) }
    }
}
