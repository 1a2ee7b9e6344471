//! Puts a tensor's dimensions in another order: each program lays weights out in its own.

/// The elements of a tensor of this `shape` with its dimensions in another order. `order` names the new first dimension
/// first.
pub fn turned(values: &[f32], shape: [usize; 4], order: [usize; 4]) -> Vec<f32> {
    let strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
    let ([a, b, c, d], [sa, sb, sc, sd]) = (order.map(|at| shape[at]), order.map(|at| strides[at]));
    let mut turned = Vec::with_capacity(values.len());
    for i in 0..a {
        for j in 0..b {
            for k in 0..c {
                let from = i * sa + j * sb + k * sc;
                turned.extend((0..d).map(|l| values[from + l * sd]));
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_tensor_has_its_values_where_its_new_dimensions_say() {
        let values: Vec<f32> = (0..120).map(|at| at as f32).collect();
        let filters = turned(&values, [2, 3, 4, 5], [3, 2, 0, 1]);
        // Row 1, column 2, input 3, output 4 is the last; row 0, column 1, input 2, output 3 lies at 20 + 10 + 3.
        assert_eq!((filters[119], filters[((3 * 4 + 2) * 2) * 3 + 1]), (119.0, 33.0));
    }
}
