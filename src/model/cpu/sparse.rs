//! Products on the CPU with a matrix that has many zeros, as dropout makes them: zeros are not multiplied.

use super::{parallel::in_wide_vectors, product::Matrix};

/// Columns whose sums stay in registers.
const TILE: usize = 32;

/// Rows that are searched for values other than 0 at a time.
const ROWS: usize = 128;

/// Terms of a sum that are taken at a time. Their tile of the right matrix is 16 KiB and stays in a core's first cache.
const TERMS: usize = 128;

/// Zeros are left out if less than this percentage of the values is not 0.
///
/// Measured with the article's dense layer, batches of 128, and 30% of the inputs not 0. In WebAssembly a training step
/// takes 200 ms instead of 276. Native programs gain nothing there, since a dense product has wider vectors and fused
/// multiply-adds. The two limits follow from this, if the time grows with the number of values that are not 0.
const MOST_OTHERS_PERCENT: usize = if cfg!(target_family = "wasm") { 60 } else { 25 };

/// Whether leaving zeros out saves time in a product of `values` with a matrix of so many columns.
pub fn pays(values: &[f32], columns: usize) -> bool {
    let others = || values.iter().filter(|value| **value != 0.0).count();
    columns.is_multiple_of(TILE) && 100 * others() < MOST_OTHERS_PERCENT * values.len()
}

/// Adds `left * right` to `out`, row by row, without the products with zeros of `left`. The sizes are those of
/// [`product`](super::product::product).
///
/// # Panics
/// If `columns` is not a multiple of 32, or `left`, `right` or `out` do not have these sizes.
pub fn add_product(left: Matrix, right: Matrix, [rows, terms, columns]: [usize; 3], out: &mut [f32]) {
    assert!(columns.is_multiple_of(TILE) && right.column_step == 1, "rows of whole tiles lie in one piece");
    assert_eq!(out.len(), rows * columns, "the product fills what it is written to");
    let mut listed = vec![(0, 0.0); ROWS * TERMS];
    let mut ends = Vec::with_capacity(ROWS);
    let mut packed = [[0.0; TILE]; TERMS];
    for first_term in (0..terms).step_by(TERMS) {
        let count = TERMS.min(terms - first_term);
        for (first_row, out) in (0..rows).step_by(ROWS).zip(out.chunks_mut(ROWS * columns)) {
            let mut len = 0;
            ends.clear();
            for row in first_row..first_row + out.len() / columns {
                let start = row * left.row_step + first_term * left.column_step;
                let values = left.values[start..].iter().step_by(left.column_step).take(count);
                for (term, value) in (0..).zip(values) {
                    // A zero is written too, and then overwritten: zeros come unpredictably, so a branch would be slow.
                    listed[len] = (term, *value);
                    len += usize::from(*value != 0.0);
                }
                ends.push(len);
            }
            for first_column in (0..columns).step_by(TILE) {
                for (term, packed) in packed[..count].iter_mut().enumerate() {
                    packed
                        .copy_from_slice(&right.values[(first_term + term) * right.row_step + first_column..][..TILE]);
                }
                add_tile(&listed, &ends, &packed, &mut out[first_column..], columns);
            }
        }
    }
}

in_wide_vectors! {
/// Adds to a tile of each row of `out` the listed values times their rows of `right`. The rows of `out` are `columns`
/// apart.
fn add_tile(listed: &[(u32, f32)], ends: &[usize], right: &[[f32; TILE]; TERMS], out: &mut [f32], columns: usize) {
    let mut start = 0;
    for (&end, out) in ends.iter().zip(out.chunks_mut(columns)) {
        let out: &mut [f32; TILE] = out.first_chunk_mut().expect("a tile");
        let mut sums = *out;
        for &(term, value) in &listed[start..end] {
            for (sum, right) in sums.iter_mut().zip(&right[term as usize % TERMS]) {
                *sum += value * right;
            }
        }
        *out = sums;
        start = end;
    }
}
}

#[cfg(test)]
mod tests {
    use super::super::product::{Threads, product};
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    #[test]
    fn the_product_is_that_of_the_dense_matrices_whichever_way_the_left_one_lies() {
        let sizes = [150, 300, 64];
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut some = |len, zeros: f64| -> Vec<f32> {
            let mut value = || if random.random_bool(zeros) { 0.0 } else { random.random_range(-1.0..1.0) };
            (0..len).map(|_| value()).collect()
        };
        let (left, right) = (some(150 * 300, 0.8), some(300 * 64, 0.0));
        assert!(pays(&left, 64) && !pays(&left, 65) && !pays(&right, 64));
        let right = Matrix::of_rows(&right, 64);
        for left in [Matrix::of_rows(&left, 300), Matrix::of_rows(&left, 150).transposed()] {
            let (mut dense, mut sparse) = (vec![0.0; 150 * 64], vec![1.0; 150 * 64]);
            product(left, right, sizes, &mut dense, Threads::This);
            add_product(left, right, sizes, &mut sparse);
            for (sparse, dense) in sparse.iter().zip(dense) {
                assert!((sparse - 1.0 - dense).abs() < 1e-4, "{sparse} {dense}");
            }
        }
    }
}
