//! The pool on the CPU: six shifted maxima per plane, images spread over the threads.

use super::{PAD_BEFORE, PoolGradients, PoolOps, WINDOW};
use crate::model::cpu::{
    contiguous,
    parallel::{self, in_wide_vectors},
    sizes, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

impl PoolOps for Flex {
    fn max_pool_same(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let x = contiguous(x);
        let shape @ [_, planes, height, width] = sizes(&x);
        let input = values(&x);
        // A chunk is an image's planes, enough work to wake a thread for.
        let chunk_len = planes * height * width;
        let output = parallel::make_chunks(input.len(), chunk_len, |image, out| {
            maxima(&mut Frame::new(height, width, f32::NEG_INFINITY), &input[image * chunk_len..], out);
        });
        tensor(output, shape)
    }
}

impl PoolGradients for Flex {
    fn max_pool_same_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let shape @ [_, planes, height, width] = sizes(&x);
        let (input, grad) = (values(&x), values(&grad));
        let chunk_len = planes * height * width;
        let output = parallel::make_chunks(input.len(), chunk_len, |image, out| {
            let start = image * chunk_len;
            input_gradient(&mut Frame::new(height, width, i64::MIN), &input[start..], &grad[start..], out);
        });
        tensor(output, shape)
    }
}

in_wide_vectors! {
/// Writes the windows' maxima to `out`, for as many planes of `input` as `out` holds.
fn maxima(frame: &mut Frame<f32>, input: &[f32], out: &mut [f32]) {
    let width = frame.width;
    let plane_len = frame.height * width;
    for (plane, out) in input.chunks_exact(plane_len).zip(out.chunks_exact_mut(plane_len)) {
        frame.fill(plane, |pixel, _| pixel);
        frame.maxima(|row, maxima| out[row * width..][..width].copy_from_slice(maxima));
    }
}
}

in_wide_vectors! {
/// Adds the gradients with respect to `input` to `out`, for as many planes as `out` holds.
fn input_gradient(frame: &mut Frame<i64>, input: &[f32], grad: &[f32], out: &mut [f32]) {
    let width = frame.width;
    let plane_len = frame.height * width;
    let planes = input.chunks_exact(plane_len).zip(grad.chunks_exact(plane_len));
    for ((plane, grad), out) in planes.zip(out.chunks_exact_mut(plane_len)) {
        frame.fill(plane, key);
        frame.maxima(|row, keys| {
            for (&key, grad) in keys.iter().zip(&grad[row * width..]) {
                out[number_of(key)] += grad;
            }
        });
    }
}
}

/// A pixel and its number in its plane as one integer. A larger pixel gives a larger integer. Of two equal pixels the
/// first gives the larger one.
///
/// The compiler turns maxima of such integers into vector instructions. From two arrays and a choice between their
/// elements it makes jumps, which take six times as long.
#[inline(always)]
fn key(pixel: f32, number: u32) -> i64 {
    let bits = pixel.to_bits().cast_signed();
    // Negative numbers get their bits inverted, so that the integers have the order of the numbers.
    let ordered = bits ^ ((bits >> 31) & i32::MAX);
    (i64::from(ordered) << 32) | i64::from(!number)
}

/// The number from which [`key`] made `key`.
#[inline(always)]
fn number_of(key: i64) -> usize {
    !(key as u32) as usize
}

/// Buffers for the windows of one plane.
///
/// The plane has a frame of the lowest value. Windows reach into it, but no pass writes to it. Rows are seven values
/// longer than the plane's, so that one pass covers all rows, or all columns.
struct Frame<T> {
    height: usize,
    width: usize,
    framed: Vec<T>,
    passes: [Vec<T>; 2],
}

impl<T: Copy + PartialOrd> Frame<T> {
    fn new(height: usize, width: usize, lowest: T) -> Self {
        let empty = || vec![lowest; (height + WINDOW - 1) * (width + WINDOW - 1)];
        Self { height, width, framed: empty(), passes: [empty(), empty()] }
    }

    /// Writes `value(pixel, number)` for each pixel of `plane` into the frame.
    #[inline(always)]
    fn fill(&mut self, plane: &[f32], value: impl Fn(f32, u32) -> T) {
        let pitch = self.width + WINDOW - 1;
        let framed = self.framed[PAD_BEFORE * pitch..].chunks_exact_mut(pitch);
        let rows = framed.zip(plane.chunks_exact(self.width));
        for (first, (framed, row)) in (0..).step_by(self.width).zip(rows) {
            for (number, (framed, &pixel)) in (first..).zip(framed[PAD_BEFORE..].iter_mut().zip(row)) {
                *framed = value(pixel, number);
            }
        }
    }

    /// Calls `take(row, maxima)` with each row's number and the maxima of its windows.
    #[inline(always)]
    fn maxima(&mut self, mut take: impl FnMut(usize, &[T])) {
        let pitch = self.width + WINDOW - 1;
        let [a, b] = &mut self.passes;
        // Shifts by 1, 2 and 4 add up to a window of eight.
        shifted_max(&self.framed, 1, a);
        shifted_max(a, 2, b);
        shifted_max(b, 4, a);
        shifted_max(a, pitch, b);
        shifted_max(b, 2 * pitch, a);
        shifted_max(a, 4 * pitch, b);
        for (row, maxima) in b.chunks_exact(pitch).take(self.height).enumerate() {
            take(row, &maxima[..self.width]);
        }
    }
}

/// `out[i] = max(values[i], values[i + shift])`, as far as all three exist.
#[inline(always)]
fn shifted_max<T: Copy + PartialOrd>(values: &[T], shift: usize, out: &mut [T]) {
    for ((out, &here), &there) in out.iter_mut().zip(values).zip(&values[shift..]) {
        *out = if there > here { there } else { here };
    }
}
