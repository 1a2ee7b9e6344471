//! Matrix products on the CPU. Rows of the left matrix may overlap in memory, as the windows of an image do. No window
//! is copied.

/// Values that the compiler puts into one vector.
const VECTOR: usize = if cfg!(target_family = "wasm") { 4 } else { 8 };

/// Columns of a panel. The sums of four rows stay in registers.
const WIDE: usize = 2 * VECTOR;

/// Rows of the left matrix that may be read beyond its last one.
pub const SLACK: usize = 7;

/// The right matrix, cut into panels of a few columns. The panels follow each other in memory, each row by row. Columns
/// that are missing from the last one are zeros.
pub struct Panels {
    values: Vec<f32>,
    rows: usize,
    columns: usize,
}

/// The terms of each sum, `counts[0] * counts[1]` of them. An outer loop, number 0, and an inner loop, number 1, run
/// over them.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How often each loop runs.
    pub counts: [usize; 2],
    /// The distance from a step of each loop to the next, in elements of the left matrix.
    pub steps: [usize; 2],
}

/// The left matrix: `rows` rows that begin `row_step` elements from each other.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// The values from the first row's first on. After the last row there are values for [`SLACK`] more rows.
    pub values: &'a [f32],
    /// Number of rows.
    pub rows: usize,
    /// Distance from a row to the next, in elements. Rows may overlap.
    pub row_step: usize,
}

impl Panels {
    /// The matrix with these `values`, row by row, and this many `columns`.
    pub fn of_rows(values: &[f32], columns: usize) -> Self {
        let rows = values.len() / columns;
        let mut panels = Self { values: vec![0.0; rows * columns.next_multiple_of(VECTOR)], rows, columns };
        for (first, width) in widths(columns) {
            let panel = panels.values[rows * first..][..rows * width].chunks_exact_mut(width);
            for (panel, row) in panel.zip(values.chunks_exact(columns)) {
                // A loop, since a call of `memcpy` takes longer than these few values.
                for (to, from) in panel.iter_mut().zip(&row[first..]) {
                    *to = *from;
                }
            }
        }
        panels
    }

    /// Multiplies `left` by this matrix's rows from `first_row` on, one for each term. Adds the product to `out`, whose
    /// rows begin `out_step` elements from each other.
    ///
    /// # Panics
    /// If the terms go beyond the left values or the panels, or the sums beyond `out`.
    #[inline(always)]
    pub fn add_product(&self, left: Left, terms: Terms, first_row: usize, out: &mut [f32], out_step: usize) {
        if left.rows == 0 || terms.counts.contains(&0) {
            return;
        }
        for (first, width) in widths(self.columns) {
            let panel = &self.values[self.rows * first..][..self.rows * width][first_row * width..];
            let used = width.min(self.columns - first);
            let out = &mut out[first..];
            if width == WIDE {
                add_panel::<4, WIDE>(left, panel, terms, used, out, out_step);
            } else {
                add_panel::<8, VECTOR>(left, panel, terms, used, out, out_step);
            }
        }
    }
}

/// The first column of each panel, and its width.
fn widths(columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..columns).step_by(WIDE).map(move |first| (first, if columns - first > VECTOR { WIDE } else { VECTOR }))
}

/// Adds the product with one panel. Only its first `used` columns count.
#[inline(always)]
fn add_panel<const ROWS: usize, const LANES: usize>(
    left: Left,
    panel: &[f32],
    terms: Terms,
    used: usize,
    out: &mut [f32],
    out_step: usize,
) {
    for first in (0..left.rows).step_by(ROWS) {
        let sums: [[f32; LANES]; ROWS] = tile(&left.values[first * left.row_step..], left.row_step, panel, terms);
        for (row, sums) in (first..left.rows).zip(&sums) {
            let out = &mut out[row * out_step..];
            match out.first_chunk_mut::<LANES>() {
                Some(out) if used == LANES => out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum),
                _ => out[..used].iter_mut().zip(sums).for_each(|(out, sum)| *out += sum),
            }
        }
    }
}

/// The sums of some rows over the columns of a panel.
#[inline(always)]
fn tile<const ROWS: usize, const LANES: usize>(
    left: &[f32],
    row_step: usize,
    panel: &[f32],
    Terms { counts, steps }: Terms,
) -> [[f32; LANES]; ROWS] {
    let last = (counts[0] - 1) * steps[0] + (counts[1] - 1) * steps[1];
    assert!(last + (ROWS - 1) * row_step < left.len(), "the left matrix has its terms, and rows to spare");
    assert!(counts[0] * counts[1] * LANES <= panel.len(), "the panel has a row for each term");
    let mut sums = [[0.0; LANES]; ROWS];
    for outer in 0..counts[0] {
        for inner in 0..counts[1] {
            // Safety: the largest places were compared with the lengths above. Checks here would double the time.
            let weights: [f32; LANES] = unsafe { *panel.as_ptr().add((outer * counts[1] + inner) * LANES).cast() };
            for (row, sums) in sums.iter_mut().enumerate() {
                // Safety: as above.
                let value = unsafe { *left.get_unchecked(outer * steps[0] + inner * steps[1] + row * row_step) };
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += value * weight;
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_rows_times_any_number_of_columns_are_added_as_their_definition_says() {
        // Rows of 2 * 3 terms, which begin two elements from each other.
        let terms = Terms { counts: [2, 3], steps: [11, 2] };
        let values: Vec<f32> = (0..60_u16).map(|i| f32::from(i * 37 % 29) - 14.0).collect();
        for (rows, columns) in [(1, 1), (3, 4), (5, 10), (8, 17), (9, 40)] {
            let right: Vec<f32> = (0..8 * columns).map(|i| (i * 53 % 31) as f32 - 15.0).collect();
            let left = Left { values: &values, rows, row_step: 2 };
            let mut out = vec![1.0; rows * (columns + 1)];
            Panels::of_rows(&right, columns).add_product(left, terms, 2, &mut out, columns + 1);
            for (row, out) in out.chunks_exact(columns + 1).enumerate() {
                assert_eq!(out[columns], 1.0, "the value between two rows is left as it was");
                for (column, out) in out[..columns].iter().enumerate() {
                    let places =
                        (0..6).map(|term| (row * 2 + term / 3 * 11 + term % 3 * 2, (term + 2) * columns + column));
                    let sum: f32 = places.map(|(a, b)| values[a] * right[b]).sum();
                    // The values are small whole numbers, so the sums are exact.
                    assert_eq!(*out, 1.0 + sum, "{rows} rows, {columns} columns: row {row}, column {column}");
                }
            }
        }
    }
}
