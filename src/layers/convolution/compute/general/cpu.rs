//! The convolution on the CPU. The windows of some rows of an image are laid out as a matrix, one window a row, for
//! matrix products.

use super::{ConvolveGradients, ConvolveOps, Windows};
use crate::model::cpu::{
    contiguous,
    parallel::{self, for_each_chunk, make_chunks},
    product::{Matrix, Threads, add_product, product},
    sizes, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Values of the windows that are laid out at a time, at most (1 MiB), unless one row of windows has more.
const LAID_OUT: usize = 256 * 1024;

/// The sizes of a convolution.
#[derive(Clone, Copy)]
struct Sizes {
    windows: Windows,
    inputs: usize,
    outputs: usize,
    /// Rows of windows that are laid out at a time; they divide an image's rows of windows evenly.
    band: usize,
}

impl Sizes {
    fn new(windows: Windows, inputs: usize, outputs: usize) -> Self {
        let [rows, columns] = windows.output;
        let row = columns * windows.side * windows.side * inputs;
        let most = (LAID_OUT / row).max(1);
        let band = (1..=rows).rev().find(|band| rows.is_multiple_of(*band) && *band <= most).unwrap_or(1);
        Self { windows, inputs, outputs, band }
    }

    /// Values in a window.
    fn window_len(self) -> usize {
        self.windows.side * self.windows.side * self.inputs
    }

    /// Windows in a band.
    fn band_windows(self) -> usize {
        self.band * self.windows.output[1]
    }

    /// Bands in an image.
    fn bands(self) -> usize {
        self.windows.output[0] / self.band
    }

    /// Values in an input image.
    fn input_len(self) -> usize {
        self.windows.input.iter().product::<usize>() * self.inputs
    }

    /// Values in an output image.
    fn output_len(self) -> usize {
        self.windows.output.iter().product::<usize>() * self.outputs
    }

    /// A buffer for the windows of a band.
    fn room(self) -> Vec<f32> {
        vec![0.0; self.band_windows() * self.window_len()]
    }

    /// Calls `run(start in the image, start in the windows, length)` for the windows of `band`. Each run is a sequence
    /// of values that are adjacent in both.
    fn runs(self, band: usize, mut run: impl FnMut(usize, usize, usize)) {
        let Self { windows, inputs, .. } = self;
        let [_, columns] = windows.output;
        for at in 0..self.band_windows() {
            let (top, [first_row, end_row]) = windows.part(0, band * self.band + at / columns);
            let (left, [first, end]) = windows.part(1, at % columns);
            for row in first_row..end_row {
                let line = (top + row as isize) as usize * windows.input[1];
                let pixel = line + (left + first as isize) as usize;
                let place = row * windows.side + first;
                run(pixel * inputs, at * self.window_len() + place * inputs, (end - first) * inputs);
            }
        }
    }

    /// Writes the windows of `band` of the image `x` to `room`; 0 beyond the image.
    fn lay_out(self, x: &[f32], band: usize, room: &mut [f32]) {
        room.fill(0.0);
        self.runs(band, |from, to, len| room[to..to + len].copy_from_slice(&x[from..from + len]));
    }

    /// Adds the windows of `band` in `room` to the pixels of the image `x`.
    fn add_back(self, room: &[f32], band: usize, x: &mut [f32]) {
        self.runs(band, |to, from, len| {
            x[to..to + len].iter_mut().zip(&room[from..from + len]).for_each(|(x, value)| *x += value);
        });
    }
}

impl ConvolveOps for Flex {
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [x, weight] = [x, weight].map(contiguous);
        let ([images, _, _, inputs], [_, _, _, outputs]) = (sizes(&x), sizes(&weight));
        let sizes = Sizes::new(windows, inputs, outputs);
        let (x, weight) = (values(&x), values(&weight));
        let band_len = sizes.band_windows() * outputs;
        let y = make_chunks(images * sizes.output_len(), band_len, |number, y| {
            let (image, band) = (number / sizes.bands(), number % sizes.bands());
            let mut room = sizes.room();
            sizes.lay_out(&x[image * sizes.input_len()..][..sizes.input_len()], band, &mut room);
            let left = Matrix::of_rows(&room, sizes.window_len());
            let right = Matrix::of_rows(weight, outputs);
            product(left, right, [sizes.band_windows(), sizes.window_len(), outputs], y, Threads::This);
        });
        let [rows, columns] = windows.output;
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
        let ([images, _, _, outputs], [_, _, inputs, _]) = (sizes(&grad), sizes(&weight));
        let sizes = Sizes::new(windows, inputs, outputs);
        let (weight, grad) = (values(&weight), values(&grad));
        let grad_x = make_chunks(images * sizes.input_len(), sizes.input_len(), |image, grad_x| {
            let mut room = sizes.room();
            for band in 0..sizes.bands() {
                let band_len = sizes.band_windows() * outputs;
                let left = Matrix::of_rows(&grad[image * sizes.output_len() + band * band_len..][..band_len], outputs);
                let right = Matrix::of_rows(weight, outputs).transposed();
                let lengths = [sizes.band_windows(), outputs, sizes.window_len()];
                product(left, right, lengths, &mut room, Threads::This);
                sizes.add_back(&room, band, grad_x);
            }
        });
        let [height, width] = windows.input;
        tensor(grad_x, [images, height, width, inputs])
    }

    fn convolve_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let ([images, _, _, inputs], [_, _, _, outputs]) = (sizes(&x), sizes(&grad));
        let sizes = Sizes::new(windows, inputs, outputs);
        let (x, grad) = (values(&x), values(&grad));
        let len = sizes.window_len() * outputs;
        let share = images.div_ceil(parallel::thread_count());
        // Each share has its own sums. They are added up in order, so that one machine always gives one result.
        let mut sums = vec![0.0; images.div_ceil(share) * len];
        for_each_chunk(&mut sums, len, |number, sums| {
            let mut room = sizes.room();
            for image in number * share..((number + 1) * share).min(images) {
                for band in 0..sizes.bands() {
                    sizes.lay_out(&x[image * sizes.input_len()..][..sizes.input_len()], band, &mut room);
                    let band_len = sizes.band_windows() * outputs;
                    let grad = &grad[image * sizes.output_len() + band * band_len..][..band_len];
                    let left = Matrix::of_rows(&room, sizes.window_len()).transposed();
                    let lengths = [sizes.window_len(), sizes.band_windows(), outputs];
                    add_product(left, Matrix::of_rows(grad, outputs), lengths, sums);
                }
            }
        });
        let mut total = sums[..len].to_vec();
        for others in sums[len..].chunks_exact(len) {
            total.iter_mut().zip(others).for_each(|(total, other)| *total += other);
        }
        tensor(total, [windows.side, windows.side, inputs, outputs])
    }
}
