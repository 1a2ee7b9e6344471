//! The layer over planes on the CPU. It adds the sums' rows at the pixels where the planes change. Planes are spread
//! over the threads.

use super::SummedDenseOps;
use crate::{
    layers::dense::compute::cpu::add_up,
    model::cpu::{
        contiguous,
        parallel::{self, in_wide_vectors},
        sizes, tensor, values,
    },
    spec::shape::Activation,
};
use burn::backend::{Flex, tensor::FloatTensor};
use std::ops::Range;

/// Rows of pixels whose sums all images use before the next rows: the article's 384 KiB stay in a core's own cache.
const BLOCK_ROWS: usize = 8;

impl SummedDenseOps for Flex {
    fn summed_weights(weight: FloatTensor<Self>, [height, width]: [usize; 2]) -> FloatTensor<Self> {
        let weight = contiguous(weight);
        let shape @ [inputs, outputs] = sizes(&weight);
        let chunk_len = height * width * outputs;
        let weight = values(&weight);
        let sums = parallel::make_chunks(inputs * outputs, chunk_len, |plane, sums| {
            sum_plane(&weight[plane * chunk_len..][..chunk_len], width, outputs, sums);
        });
        tensor(sums, shape)
    }

    fn summed_dense(
        x: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [x, sums, bias] = [x, sums, bias].map(contiguous);
        let ([images, planes, height, width], [inputs, outputs]) = (sizes(&x), sizes(&sums));
        assert_eq!(inputs, planes * height * width, "the layer has weights for every pixel");
        let (x, sums) = (values(&x), values(&sums));
        let (plane_len, len) = (height * width, images * outputs);
        let parts = parallel::make_chunks(planes * len, len, |plane, out| {
            let first = plane * plane_len;
            add_plane(&x[first..], inputs, &sums[first * outputs..][..plane_len * outputs], [height, width], out);
        });
        tensor(add_up(&parts, len, values(&bias), activation), [images, outputs])
    }
}

in_wide_vectors! {
/// Writes the sums of a plane's weights, `[height * width, outputs]`, from each pixel to the last row and column.
fn sum_plane(weight: &[f32], width: usize, outputs: usize, sums: &mut [f32]) {
    let row_len = width * outputs;
    let mut below: Option<&[f32]> = None;
    for (weight, sums) in weight.rchunks_exact(row_len).zip(sums.rchunks_exact_mut(row_len)) {
        // First along the row, from its end.
        sums.copy_from_slice(weight);
        for column in (1..width).rev() {
            let (here, right) = sums[(column - 1) * outputs..].split_at_mut(outputs);
            here.iter_mut().zip(&*right).for_each(|(here, right)| *here += right);
        }
        if let Some(below) = below {
            sums.iter_mut().zip(below).for_each(|(sum, below)| *sum += below);
        }
        below = Some(sums);
    }
}
}

in_wide_vectors! {
/// Adds one plane's part of each image's outputs to `out`. The images lie `step` values apart in `x`.
fn add_plane(x: &[f32], step: usize, sums: &[f32], plane: [usize; 2], out: &mut [f32]) {
    let [height, width] = plane;
    let outputs = sums.len() / (height * width);
    let mut changes = vec![Change::default(); BLOCK_ROWS * width];
    for first in (0..height).step_by(BLOCK_ROWS) {
        let rows = first..(first + BLOCK_ROWS).min(height);
        let sums = &sums[first * width * outputs..rows.end * width * outputs];
        for (x, out) in x.chunks(step).zip(out.chunks_exact_mut(outputs)) {
            let count = list_changes(x, rows.clone(), width, &mut changes);
            let rest = add_changes::<8>(&changes[..count], sums, out);
            let rest = add_changes::<4>(rest, sums, out);
            add_changes::<1>(rest, sums, out);
        }
    }
}
}

/// A pixel at which a plane changes along rows and columns.
#[derive(Clone, Copy, Default)]
struct Change {
    /// Its number in its block.
    pixel: u32,
    /// The difference there.
    by: f32,
}

/// Writes the changes in `rows` of `plane` to `changes`, which has room for all their pixels. Returns their number.
#[inline(always)]
fn list_changes(plane: &[f32], rows: Range<usize>, width: usize, changes: &mut [Change]) -> usize {
    let mut pixels = 0..;
    let mut count = 0;
    // Every difference is written. If it is 0, the next one overwrites it. A branch would be predicted wrongly too
    // often.
    let mut note = |by: f32| {
        let pixel = pixels.next().expect("a block has few pixels");
        changes[count] = Change { pixel, by };
        count += usize::from(by != 0.0);
    };
    for row in rows {
        let here = &plane[row * width..][..width];
        if row == 0 {
            note(here[0]);
            here.array_windows().for_each(|[left, pixel]| note(pixel - left));
            continue;
        }
        let above = &plane[(row - 1) * width..][..width];
        note(here[0] - above[0]);
        for ([left, pixel], [above_left, above]) in here.array_windows().zip(above.array_windows()) {
            // Exactly 0 where two columns, or two rows, are equal.
            note((pixel - left) - (above - above_left));
        }
    }
    count
}

/// Adds the rows of `sums` at the changes to `out`, `COUNT` at a time. Returns the remaining changes, fewer than
/// `COUNT`.
#[inline(always)]
fn add_changes<'a, const COUNT: usize>(changes: &'a [Change], sums: &[f32], out: &mut [f32]) -> &'a [Change] {
    let outputs = out.len();
    let (groups, rest) = changes.as_chunks::<COUNT>();
    for group in groups {
        let by = group.map(|change| change.by);
        let rows = group.map(|change| &sums[change.pixel as usize * outputs..][..outputs]);
        for (at, out) in out.iter_mut().enumerate() {
            // Indexed: the compiler makes no vectors from zipped iterators here.
            *out += (0..COUNT).map(|k| by[k] * rows[k][at]).sum::<f32>();
        }
    }
    rest
}
