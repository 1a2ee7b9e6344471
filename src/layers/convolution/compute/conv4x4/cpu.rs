//! The 4x4 convolution on the CPU: pixels of a row in vectors, images spread over the threads.
//!
//! The images are not copied into the order of a matrix product, which would make them sixteen times as large. Each
//! image gets a frame of zeros in a small buffer of a few kilobytes, and its shifted rows are read from there.

use super::{ConvolutionGradients, ConvolutionOps, KERNEL, PAD};
use crate::model::cpu::{
    contiguous,
    parallel::{self, in_wide_vectors},
    sizes, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Pixels of a row whose sums are kept in registers.
const FORWARD_LANES: usize = if cfg!(target_family = "wasm") { 8 } else { 16 };

/// Filters whose sums are kept in registers.
const FORWARD_FILTERS: usize = 6;

/// Pixels of a row in the gradient, and filters. Each of a kernel row's four weights has its sums.
const GRADIENT_LANES: usize = if cfg!(target_family = "wasm") { 4 } else { 8 };
const GRADIENT_FILTERS: usize = if cfg!(target_family = "wasm") { 3 } else { 2 };

/// Images whose gradients are summed by one thread. Few, so that all threads have work.
const GRADIENT_IMAGES: usize = 8;

impl ConvolutionOps for Flex {
    fn same_relu(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let ([images, channels, height, width], [filters, ..]) = (sizes(&x), sizes::<4>(&weight));
        let frame = Frame { channels, height, width };
        let (x, bias) = (values(&x), values(&bias));
        let blocks = weight_blocks(values(&weight), filters);
        let chunk_len = filters * height * width;
        let output = parallel::make_chunks(images * chunk_len, chunk_len, |image, out| {
            let mut framed = frame.scratch();
            frame.fill(&x[image * frame.image_len()..], &mut framed);
            forward(frame, &framed, &blocks, bias, out);
        });
        tensor(output, [images, filters, height, width])
    }
}

impl ConvolutionGradients for Flex {
    fn same_relu_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, y, grad] = [x, y, grad].map(contiguous);
        let ([images, channels, height, width], [_, filters, ..]) = (sizes(&x), sizes::<4>(&y));
        let frame = Frame { channels, height, width };
        let (x, y, grad) = (values(&x), values(&y), values(&grad));
        let sums = Sums { filters: filters.next_multiple_of(GRADIENT_FILTERS), kernel_rows: channels * KERNEL };
        // Each chunk has the lanes of the sums over some images.
        let chunks = images.div_ceil(GRADIENT_IMAGES);
        let parts = parallel::make_chunks(chunks * sums.len(), sums.len(), |chunk, out| {
            let (weight_sums, bias_sums) = out.split_at_mut(sums.weight_len());
            let mut framed = frame.scratch();
            let mut masked = vec![0.0; sums.filters * height * frame.gradient_width()];
            for image in (chunk * GRADIENT_IMAGES..images).take(GRADIENT_IMAGES) {
                frame.fill(&x[image * frame.image_len()..], &mut framed);
                let range = image * filters * height * width..(image + 1) * filters * height * width;
                mask(frame, &y[range.clone()], &grad[range], &mut masked, bias_sums);
                gradient(frame, &framed, &masked, weight_sums);
            }
        });
        let (grad_weight, grad_bias) = sums.add_up(&parts, filters);
        (tensor(grad_weight, sizes::<4>(&weight)), tensor(grad_bias, [filters]))
    }

    fn same_relu_input_gradient(
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [weight, y, grad] = [weight, y, grad].map(contiguous);
        let ([images, filters, height, width], [_, channels, ..]) = (sizes(&y), sizes::<4>(&weight));
        let (weight, y, grad) = (values(&weight), values(&y), values(&grad));
        let mut grad_x = vec![0.0_f32; images * channels * height * width];
        // Images need no gradient, so only tests call this. It follows the definition.
        for (at, sum) in grad_x.iter_mut().enumerate() {
            let (column, row) = (at % width, at / width % height);
            let (channel, image) = (at / (width * height) % channels, at / (width * height * channels));
            for (filter, k) in (0..filters).flat_map(|filter| (0..KERNEL * KERNEL).map(move |k| (filter, k))) {
                // The outputs that used this pixel at place k of the kernel.
                let (y_row, y_column) =
                    ((row + PAD.0).wrapping_sub(k / KERNEL), (column + PAD.0).wrapping_sub(k % KERNEL));
                if y_row < height && y_column < width {
                    let output = ((image * filters + filter) * height + y_row) * width + y_column;
                    if y[output] > 0.0 {
                        *sum += weight[(filter * channels + channel) * KERNEL * KERNEL + k] * grad[output];
                    }
                }
            }
        }
        tensor(grad_x, [images, channels, height, width])
    }
}

in_wide_vectors! {
/// The outputs of an image in its frame.
fn forward(frame: Frame, framed: &[f32], blocks: &[f32], bias: &[f32], out: &mut [f32]) {
    let weights = blocks.chunks_exact(frame.channels * KERNEL * KERNEL * FORWARD_FILTERS);
    let outputs = out.chunks_mut(FORWARD_FILTERS * frame.height * frame.width);
    for ((weights, bias), out) in weights.zip(bias.chunks(FORWARD_FILTERS)).zip(outputs) {
        frame.forward(framed, weights, bias, out);
    }
}
}

in_wide_vectors! {
/// The gradient before ReLU for one image. Adds its sums, lane by lane, to `bias_sums`.
fn mask(frame: Frame, y: &[f32], grad: &[f32], masked: &mut [f32], bias_sums: &mut [f32]) {
    frame.mask(y, grad, masked, bias_sums);
}
}

in_wide_vectors! {
/// Adds the weights' gradients of one image to `sums`, lane by lane.
fn gradient(frame: Frame, framed: &[f32], masked: &[f32], sums: &mut [f32]) {
    let block_len = GRADIENT_FILTERS * frame.height * frame.gradient_width();
    let sums_len = GRADIENT_FILTERS * frame.channels * KERNEL * KERNEL * GRADIENT_LANES;
    for (masked, sums) in masked.chunks_exact(block_len).zip(sums.chunks_exact_mut(sums_len)) {
        frame.gradient(framed, masked, sums);
    }
}
}

/// `[f, c, 4, 4]` weights -> `[f / 6, c, 4, 4, 6]`, with zeros for the filters missing from the last block.
fn weight_blocks(weight: &[f32], filters: usize) -> Vec<f32> {
    let each = weight.len() / filters;
    let mut blocks = vec![0.0; filters.next_multiple_of(FORWARD_FILTERS) * each];
    for (filter, weights) in weight.chunks_exact(each).enumerate() {
        let block = &mut blocks[filter / FORWARD_FILTERS * FORWARD_FILTERS * each..];
        for (at, &weight) in weights.iter().enumerate() {
            block[at * FORWARD_FILTERS + filter % FORWARD_FILTERS] = weight;
        }
    }
    blocks
}

/// The sizes of an image, and how it lies in its buffer. It has a frame of SAME's zeros there, and rows as long as
/// whole vectors need.
#[derive(Clone, Copy)]
struct Frame {
    channels: usize,
    height: usize,
    width: usize,
}

impl Frame {
    fn image_len(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Distance from a row in the frame to the next.
    fn pitch(self) -> usize {
        self.width.next_multiple_of(FORWARD_LANES) + KERNEL - 1
    }

    fn framed_height(self) -> usize {
        self.height + KERNEL - 1
    }

    /// Length of a row of the outputs' gradients, rounded up to whole vectors.
    fn gradient_width(self) -> usize {
        self.width.next_multiple_of(GRADIENT_LANES)
    }

    /// A buffer for an image in its frame, all zeros.
    fn scratch(self) -> Vec<f32> {
        vec![0.0; self.channels * self.framed_height() * self.pitch()]
    }

    /// Writes the first image of `x` into its frame.
    #[inline(always)]
    fn fill(self, x: &[f32], framed: &mut [f32]) {
        let planes = framed.chunks_exact_mut(self.framed_height() * self.pitch());
        for (plane, x) in planes.zip(x.chunks_exact(self.height * self.width)) {
            let rows = plane[PAD.0 * self.pitch()..].chunks_exact_mut(self.pitch());
            for (row, x) in rows.zip(x.chunks_exact(self.width)) {
                row[PAD.0..PAD.0 + self.width].copy_from_slice(x);
            }
        }
    }

    /// The row of `framed` from which output row `y` takes values; `kernel_row` counts the kernel's rows over all
    /// channels.
    #[inline(always)]
    fn row(self, framed: &[f32], kernel_row: usize, y: usize) -> &[f32] {
        let (channel, shift) = (kernel_row / KERNEL, kernel_row % KERNEL);
        &framed[(channel * self.framed_height() + y + shift) * self.pitch()..][..self.pitch()]
    }

    /// ReLU of the sums of one block of filters: `[c, 4, 4, 6]` weights; `out` is `[6 or fewer, h, w]`.
    #[inline(always)]
    fn forward(self, framed: &[f32], weights: &[f32], bias: &[f32], out: &mut [f32]) {
        let mut start = [0.0; FORWARD_FILTERS];
        start[..bias.len()].copy_from_slice(bias);
        let weights = weights.as_chunks::<FORWARD_FILTERS>().0.as_chunks::<KERNEL>().0;
        for y in 0..self.height {
            for x in (0..self.width).step_by(FORWARD_LANES) {
                let mut sums = start.map(|bias| [bias; FORWARD_LANES]);
                for (kernel_row, weights) in weights.iter().enumerate() {
                    let row = &self.row(framed, kernel_row, y)[x..];
                    let row: &[f32; FORWARD_LANES + KERNEL - 1] = row.first_chunk().expect("a row has whole vectors");
                    for (kx, weights) in weights.iter().enumerate() {
                        for (sums, weight) in sums.iter_mut().zip(weights) {
                            for (lane, sum) in sums.iter_mut().enumerate() {
                                *sum += weight * row[kx + lane];
                            }
                        }
                    }
                }
                let count = FORWARD_LANES.min(self.width - x);
                for (plane, sums) in out.chunks_exact_mut(self.height * self.width).zip(&sums) {
                    for (out, &sum) in plane[y * self.width + x..][..count].iter_mut().zip(sums) {
                        // Not `max`, which would hide a NaN.
                        *out = if sum <= 0.0 { 0.0 } else { sum };
                    }
                }
            }
        }
    }

    /// Writes the gradient before ReLU to `masked`, `[f, h, w]` with rows of whole vectors. Adds its sums, lane by
    /// lane, to `bias_sums`.
    #[inline(always)]
    fn mask(self, y: &[f32], grad: &[f32], masked: &mut [f32], bias_sums: &mut [f32]) {
        let plane_len = self.height * self.width;
        let planes = y.chunks_exact(plane_len).zip(grad.chunks_exact(plane_len));
        let masked = masked.chunks_exact_mut(self.height * self.gradient_width());
        for (((y, grad), masked), sums) in planes.zip(masked).zip(bias_sums.chunks_exact_mut(GRADIENT_LANES)) {
            let rows = y.chunks_exact(self.width).zip(grad.chunks_exact(self.width));
            for ((y, grad), masked) in rows.zip(masked.chunks_exact_mut(self.gradient_width())) {
                for ((y, grad), masked) in y.iter().zip(grad).zip(&mut *masked) {
                    *masked = if *y <= 0.0 { 0.0 } else { *grad };
                }
                for masked in masked.chunks_exact(GRADIENT_LANES) {
                    sums.iter_mut().zip(masked).for_each(|(sum, masked)| *sum += masked);
                }
            }
        }
    }

    /// Adds the weights' gradients of one block of filters to `sums`, lane by lane.
    #[inline(always)]
    fn gradient(self, framed: &[f32], masked: &[f32], sums: &mut [f32]) {
        let width = self.gradient_width();
        let plane_len = self.height * width;
        let kernel_row_len = GRADIENT_FILTERS * KERNEL * GRADIENT_LANES;
        for (kernel_row, sums) in sums.chunks_exact_mut(kernel_row_len).enumerate() {
            let mut lanes = [[[0.0; GRADIENT_LANES]; KERNEL]; GRADIENT_FILTERS];
            for y in 0..self.height {
                let row = self.row(framed, kernel_row, y);
                for x in (0..width).step_by(GRADIENT_LANES) {
                    let grads: [[f32; GRADIENT_LANES]; GRADIENT_FILTERS] = std::array::from_fn(|filter| {
                        *masked[filter * plane_len + y * width + x..].first_chunk().expect("a row has whole vectors")
                    });
                    let row: &[f32; GRADIENT_LANES + KERNEL - 1] =
                        row[x..].first_chunk().expect("a row has whole vectors");
                    for kx in 0..KERNEL {
                        let pixels: [f32; GRADIENT_LANES] = *row[kx..].first_chunk().expect("that many lanes");
                        for filter in 0..GRADIENT_FILTERS {
                            let mut sums = lanes[filter][kx];
                            for lane in 0..GRADIENT_LANES {
                                sums[lane] += grads[filter][lane] * pixels[lane];
                            }
                            lanes[filter][kx] = sums;
                        }
                    }
                }
            }
            let lanes = lanes.as_flattened().as_flattened();
            sums.iter_mut().zip(lanes).for_each(|(sum, lane)| *sum += lane);
        }
    }
}

/// How the gradients' sums lie in memory: `[f / 2, c * 4, 2, 4, lanes]` of the weights, then `[f, lanes]` of the
/// biases. In WebAssembly a block has three filters instead of two.
#[derive(Clone, Copy)]
struct Sums {
    /// Filters, rounded up to whole blocks.
    filters: usize,
    kernel_rows: usize,
}

impl Sums {
    fn of_a_filter(self) -> usize {
        self.kernel_rows * KERNEL * GRADIENT_LANES
    }

    fn weight_len(self) -> usize {
        self.filters * self.of_a_filter()
    }

    fn len(self) -> usize {
        self.weight_len() + self.filters * GRADIENT_LANES
    }

    /// The gradients of `[f, c, 4, 4]` weights and `[f]` biases, given the sums of all chunks.
    fn add_up(self, parts: &[f32], filters: usize) -> (Vec<f32>, Vec<f32>) {
        let of = |start: usize| -> f32 {
            parts.chunks_exact(self.len()).map(|part| part[start..][..GRADIENT_LANES].iter().sum::<f32>()).sum()
        };
        let weight = |at: usize| {
            let (filter, kernel_row, kx) =
                (at / KERNEL / self.kernel_rows, at / KERNEL % self.kernel_rows, at % KERNEL);
            let (block, filter) = (filter / GRADIENT_FILTERS, filter % GRADIENT_FILTERS);
            let row = (block * self.kernel_rows + kernel_row) * GRADIENT_FILTERS + filter;
            of((row * KERNEL + kx) * GRADIENT_LANES)
        };
        let weights = (0..filters * self.kernel_rows * KERNEL).map(weight).collect();
        let biases = (0..filters).map(|filter| of(self.weight_len() + filter * GRADIENT_LANES)).collect();
        (weights, biases)
    }
}
