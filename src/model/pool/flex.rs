//! The pool on the CPU: six shifted maxima a plane, images spread over the threads.

use super::{PAD_BEFORE, PoolOps, WINDOW};
use crate::model::parallel;
use burn::{
    backend::{Flex, TensorMetadata, flex::FlexTensor, tensor::FloatTensor},
    tensor::TensorData,
};

/// The shifts whose maxima add up to a window of eight.
const SHIFTS: [usize; 3] = [1, 2, 4];

impl PoolOps for Flex {
    fn max_pool_same(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let shape = x.shape();
        let [_, planes, height, width] = shape.dims();
        let x = x.to_contiguous();
        let input = values(&x);
        let mut output = vec![0.0_f32; input.len()];
        // A chunk is an image's planes: enough work for a thread to be worth waking.
        parallel::for_each_chunk(&mut output, planes * height * width, |image, out| {
            let mut window = Window::new(height, width);
            for (plane, out) in out.chunks_exact_mut(height * width).enumerate() {
                let start = (image * planes + plane) * height * width;
                window.maxima(&input[start..start + height * width], out);
            }
        });
        FlexTensor::from_data(TensorData::new(output, shape))
    }

    fn max_pool_same_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let shape = x.shape();
        let [_, planes, height, width] = shape.dims();
        let (x, grad) = (x.to_contiguous(), grad.to_contiguous());
        let (input, grad) = (values(&x), values(&grad));
        let mut output = vec![0.0_f32; input.len()];
        parallel::for_each_chunk(&mut output, planes * height * width, |image, out| {
            let mut window = Window::new(height, width);
            for (plane, out) in out.chunks_exact_mut(height * width).enumerate() {
                let start = (image * planes + plane) * height * width;
                let range = start..start + height * width;
                let sources = window.first_maxima(&input[range.clone()]);
                for (&source, &g) in sources.iter().zip(&grad[range]) {
                    out[source as usize] += g;
                }
            }
        });
        FlexTensor::from_data(TensorData::new(output, shape))
    }
}

/// The elements of a contiguous tensor of f32.
fn values(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("an f32 tensor that was just made contiguous")
}

/// Scratch for the windows of one plane.
///
/// Each buffer has seven cells more than a row, or rows more than a plane; what lies outside the plane is minus
/// infinity, and the passes below never write there.
struct Window {
    width: usize,
    row: [Vec<f32>; 2],
    row_source: [Vec<u32>; 2],
    columns: [Vec<f32>; 2],
    column_source: [Vec<u32>; 2],
}

impl Window {
    fn new(height: usize, width: usize) -> Self {
        let row_len = width + WINDOW - 1;
        let columns_len = (height + WINDOW - 1) * width;
        let low = |len| [vec![f32::NEG_INFINITY; len], vec![f32::NEG_INFINITY; len]];
        let zero = |len| [vec![0; len], vec![0; len]];
        Self {
            width,
            row: low(row_len),
            row_source: zero(row_len),
            columns: low(columns_len),
            column_source: zero(columns_len),
        }
    }

    /// Writes the maximum of each pixel's window in `plane` to `out`.
    fn maxima(&mut self, plane: &[f32], out: &mut [f32]) {
        let width = self.width;
        let body = PAD_BEFORE * width;
        let [a, b] = &mut self.row;
        let [columns, other] = &mut self.columns;
        for (row, target) in plane.chunks_exact(width).zip(columns[body..].chunks_exact_mut(width)) {
            a[PAD_BEFORE..PAD_BEFORE + width].copy_from_slice(row);
            a[PAD_BEFORE + width..].fill(f32::NEG_INFINITY);
            a[..PAD_BEFORE].fill(f32::NEG_INFINITY);
            shifted_max(a, SHIFTS[0], b);
            shifted_max(b, SHIFTS[1], a);
            shifted_max(a, SHIFTS[2], target);
        }
        columns[..body].fill(f32::NEG_INFINITY);
        columns[body + plane.len()..].fill(f32::NEG_INFINITY);
        shifted_max(columns, SHIFTS[0] * width, other);
        shifted_max(other, SHIFTS[1] * width, columns);
        shifted_max(columns, SHIFTS[2] * width, out);
    }

    /// Where in `plane` the first maximum of each pixel's window lies, row by row.
    fn first_maxima(&mut self, plane: &[f32]) -> &[u32] {
        let width = self.width;
        let body = PAD_BEFORE * width;
        let [a, b] = &mut self.row;
        let [a_source, b_source] = &mut self.row_source;
        let [columns, other] = &mut self.columns;
        let [column_source, other_source] = &mut self.column_source;
        for (y, row) in plane.chunks_exact(width).enumerate() {
            a[PAD_BEFORE..PAD_BEFORE + width].copy_from_slice(row);
            a[PAD_BEFORE + width..].fill(f32::NEG_INFINITY);
            a[..PAD_BEFORE].fill(f32::NEG_INFINITY);
            for (x, source) in a_source[PAD_BEFORE..PAD_BEFORE + width].iter_mut().enumerate() {
                *source = (y * width + x) as u32;
            }
            let target = body + y * width..body + (y + 1) * width;
            shifted_first_max((a, a_source), SHIFTS[0], (b, b_source));
            shifted_first_max((b, b_source), SHIFTS[1], (a, a_source));
            shifted_first_max((a, a_source), SHIFTS[2], (&mut columns[target.clone()], &mut column_source[target]));
        }
        columns[..body].fill(f32::NEG_INFINITY);
        columns[body + plane.len()..].fill(f32::NEG_INFINITY);
        shifted_first_max((columns, column_source), SHIFTS[0] * width, (other, other_source));
        shifted_first_max((other, other_source), SHIFTS[1] * width, (columns, column_source));
        shifted_first_max((columns, column_source), SHIFTS[2] * width, (other, other_source));
        &other_source[..plane.len()]
    }
}

/// `out[i] = max(values[i], values[i + shift])`, as far as all three exist.
fn shifted_max(values: &[f32], shift: usize, out: &mut [f32]) {
    for ((out, &here), &there) in out.iter_mut().zip(values).zip(&values[shift..]) {
        *out = if there > here { there } else { here };
    }
}

/// As [`shifted_max`], and `out`'s sources are those of the values taken, the first of equal ones.
fn shifted_first_max((values, sources): (&[f32], &[u32]), shift: usize, (out, out_source): (&mut [f32], &mut [u32])) {
    let here = values.iter().zip(sources);
    let there = values[shift..].iter().zip(&sources[shift..]);
    let target = out.iter_mut().zip(out_source);
    for (((out, out_source), (&a, &a_source)), (&b, &b_source)) in target.zip(here).zip(there) {
        *out = if b > a { b } else { a };
        *out_source = if b > a { b_source } else { a_source };
    }
}
