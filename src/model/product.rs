//! Matrix products on the CPU, of slices, transposed or not.

/// Rows by columns of a slice.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// From a row to the next, in elements.
    row_step: usize,
    /// From a column to the next, in elements.
    column_step: usize,
}

impl<'a> Matrix<'a> {
    /// `values` row by row.
    ///
    /// # Panics
    /// If they are not `rows * columns`.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix is full");
        Self { values, rows, columns, row_step: columns, column_step: 1 }
    }

    /// The same values with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        let Self { values, rows, columns, row_step, column_step } = self;
        Self { values, rows: columns, columns: rows, row_step: column_step, column_step: row_step }
    }
}

/// Writes `left * right` to `out`, row by row, or adds it where `is_added`; on one thread.
///
/// # Panics
/// If the sizes do not fit.
pub fn product(out: &mut [f32], is_added: bool, left: Matrix, right: Matrix) {
    assert_eq!(left.columns, right.rows, "rows and columns meet");
    assert_eq!(out.len(), left.rows * right.columns, "the product fits");
    let steps = |matrix: Matrix| (matrix.column_step as isize, matrix.row_step as isize);
    let ((left_column, left_row), (right_column, right_row)) = (steps(left), steps(right));
    // Safety: the assertions above and in `new` keep every element that the sizes and steps name inside its slice.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            out.as_mut_ptr(),
            1,
            right.columns as isize,
            is_added,
            left.values.as_ptr(),
            left_column,
            left_row,
            right.values.as_ptr(),
            right_column,
            right_row,
            1.0_f32,
            1.0_f32,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_written_or_added_and_take_transposed_factors() {
        let (left, right) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, -1.0, 2.0]);
        let mut out = [0.0; 2];
        product(&mut out, false, Matrix::new(&left, 2, 3), Matrix::new(&right, 3, 1));
        assert_eq!(out, [5.0, 11.0]);
        product(&mut out, true, Matrix::new(&left, 3, 2).transposed(), Matrix::new(&right, 3, 1));
        assert_eq!(out, [5.0 + 8.0, 11.0 + 10.0]);
    }
}
