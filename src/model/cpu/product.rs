//! Products of matrices on the CPU, with the crate `gemm`.

use super::parallel;
use gemm::Parallelism;

/// Values in memory, read as a matrix.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// The values, beginning with the first row's first.
    pub values: &'a [f32],
    /// Distance from a row to the next, in elements.
    pub row_step: usize,
    /// Distance from a column to the next, in elements.
    pub column_step: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix whose rows have `columns` values and follow each other without gaps.
    pub fn of_rows(values: &'a [f32], columns: usize) -> Self {
        Self { values, row_step: columns, column_step: 1 }
    }

    /// The same values with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self { values: self.values, row_step: self.column_step, column_step: self.row_step }
    }

    /// Whether `values` are enough for so many rows and columns.
    fn holds(&self, rows: usize, columns: usize) -> bool {
        rows > 0 && columns > 0 && (rows - 1) * self.row_step + (columns - 1) * self.column_step < self.values.len()
    }
}

/// The threads that compute a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// The calling thread.
    This,
    /// All threads of the machine; WebAssembly has one.
    All,
}

/// Writes `left * right` to `out`, row by row. `sizes` are rows, terms and columns: `out` has `rows * columns`
/// elements, each a sum of `terms` products.
///
/// # Panics
/// If `left`, `right` or `out` do not have these sizes.
pub fn product(left: Matrix, right: Matrix, sizes: [usize; 3], out: &mut [f32], threads: Threads) {
    multiply(left, right, sizes, out, threads, false);
}

/// As [`product`], but adds to the values of `out`, on the calling thread.
///
/// # Panics
/// If `left`, `right` or `out` do not have these sizes.
pub fn add_product(left: Matrix, right: Matrix, sizes: [usize; 3], out: &mut [f32]) {
    multiply(left, right, sizes, out, Threads::This, true);
}

fn multiply(left: Matrix, right: Matrix, sizes: [usize; 3], out: &mut [f32], threads: Threads, is_added: bool) {
    let [rows, terms, columns] = sizes;
    assert!(left.holds(rows, terms) && right.holds(terms, columns), "both matrices lie within their values");
    assert_eq!(out.len(), rows * columns, "the product fills what it is written to");
    let parallelism = match threads {
        Threads::All => parallel::ALL,
        Threads::This => Parallelism::None,
    };
    // `gemm` takes each matrix's column step before its row step.
    // Safety: the assertions above keep all reads and writes inside the slices.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            terms,
            out.as_mut_ptr(),
            1,
            columns as isize,
            is_added,
            left.values.as_ptr(),
            left.column_step as isize,
            left.row_step as isize,
            right.values.as_ptr(),
            right.column_step as isize,
            right.row_step as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_written_or_added_and_take_transposed_factors() {
        let (left, right) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, -1.0, 2.0]);
        let mut out = [f32::NAN; 2];
        let right = Matrix::of_rows(&right, 1);
        product(Matrix::of_rows(&left, 3), right, [2, 3, 1], &mut out, Threads::This);
        assert_eq!(out, [5.0, 11.0]);
        add_product(Matrix::of_rows(&left, 2).transposed(), right, [2, 3, 1], &mut out);
        assert_eq!(out, [5.0 + 8.0, 11.0 + 10.0]);
    }
}
