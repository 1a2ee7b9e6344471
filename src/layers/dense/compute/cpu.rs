//! A dense layer on the CPU: products of blocks of inputs, spread over the threads.
//!
//! So each thread reads its own part of the weights, the largest tensor, only once. Neither the blocks nor any sum
//! depends on the number of threads.

use super::{Activation, DenseGradients, DenseOps};
use crate::model::cpu::{
    contiguous,
    parallel::{self, in_wide_vectors},
    product::{Matrix, Threads, product},
    sizes, sparse, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

/// Inputs in a block whose products are summed: 16 blocks for the article's 18,432 inputs.
const SUMMED: usize = 1152;

/// Inputs in a block of the weight's gradient. The block's rows stay in a core's cache while they are computed.
const ROWS: usize = 512;

/// Values in a chunk that is only filled with zeros: 64 KiB.
const ZEROS: usize = 16 * 1024;

/// With fewer images the weights are used where they are. Copying them into a product's order would take longer.
const FEW_IMAGES: usize = 4;

/// Rows of weights that are added at a time with few images.
const ADDED: usize = 4;

impl DenseOps for Flex {
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let ([images, inputs], [outputs]) = (sizes(&x), sizes(&bias));
        let (x, weight, bias) = (values(&x), values(&weight), values(&bias));
        let len = images * outputs;
        let leaves_zeros_out = images >= FEW_IMAGES && sparse::pays(x, outputs);
        let parts = parallel::make_chunks(inputs.div_ceil(SUMMED) * len, len, |part, sums| {
            let first = part * SUMMED;
            let count = SUMMED.min(inputs - first);
            let weight = &weight[first * outputs..][..count * outputs];
            if images < FEW_IMAGES {
                for (x, sums) in x.chunks_exact(inputs).zip(sums.chunks_exact_mut(outputs)) {
                    add_weighted_rows(&x[first..][..count], weight, sums);
                }
            } else {
                let left = Matrix { values: &x[first..], row_step: inputs, column_step: 1 };
                let right = Matrix { values: weight, row_step: outputs, column_step: 1 };
                if leaves_zeros_out {
                    sparse::add_product(left, right, [images, count, outputs], sums);
                } else {
                    product(left, right, [images, count, outputs], sums, Threads::This);
                }
            }
        });
        tensor(add_up(&parts, len, bias, activation), [images, outputs])
    }
}

impl DenseGradients for Flex {
    fn dense_sums_gradient(
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (y, mut grad) = (contiguous(y), contiguous(grad));
        let [_, outputs] = sizes(&grad);
        let mut grad_bias = vec![0.0; outputs];
        let rows = grad.storage_mut::<f32>().chunks_exact_mut(outputs);
        for (grad, y) in rows.zip(values(&y).chunks_exact(outputs)) {
            for ((sum, grad), y) in grad_bias.iter_mut().zip(grad).zip(y) {
                if activation == Activation::Relu && *y <= 0.0 {
                    *grad = 0.0;
                }
                *sum += *grad;
            }
        }
        (grad, tensor(grad_bias, [outputs]))
    }

    fn dense_input_gradient(grad: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let [grad, weight] = [grad, weight].map(contiguous);
        let ([images, outputs], [inputs, _]) = (sizes(&grad), sizes(&weight));
        let mut grad_x = parallel::make_chunks(images * inputs, ZEROS, |_, _| {});
        let left = Matrix { values: values(&grad), row_step: outputs, column_step: 1 };
        let right = Matrix { values: values(&weight), row_step: 1, column_step: outputs };
        product(left, right, [images, outputs, inputs], &mut grad_x, Threads::All);
        tensor(grad_x, [images, inputs])
    }

    fn dense_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let ([images, inputs], [_, outputs]) = (sizes(&x), sizes(&grad));
        let (x, grad) = (values(&x), values(&grad));
        let leaves_zeros_out = sparse::pays(x, outputs);
        let grad_weight = parallel::make_chunks(inputs * outputs, ROWS * outputs, |block, rows| {
            let left = Matrix { values: &x[block * ROWS..], row_step: 1, column_step: inputs };
            let right = Matrix { values: grad, row_step: outputs, column_step: 1 };
            let sizes = [rows.len() / outputs, images, outputs];
            if leaves_zeros_out {
                sparse::add_product(left, right, sizes, rows);
            } else {
                product(left, right, sizes, rows, Threads::This);
            }
        });
        tensor(grad_weight, [inputs, outputs])
    }
}

/// The layer's output, `[n, outputs]`, `len` values in all, given the sums over each block of inputs.
pub(super) fn add_up(parts: &[f32], len: usize, bias: &[f32], activation: Activation) -> Vec<f32> {
    let mut sums = vec![0.0; len];
    for part in parts.chunks_exact(len) {
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    for row in sums.chunks_exact_mut(bias.len()) {
        for (sum, bias) in row.iter_mut().zip(bias) {
            *sum += bias;
            // Not `max`, which would hide a NaN.
            if activation == Activation::Relu && *sum <= 0.0 {
                *sum = 0.0;
            }
        }
    }
    sums
}

in_wide_vectors! {
/// Adds the rows of `weight` to `sums`, each times its value of `x`.
fn add_weighted_rows(x: &[f32], weight: &[f32], sums: &mut [f32]) {
    let outputs = sums.len();
    let (x, last_x) = x.as_chunks::<ADDED>();
    let (rows, last_rows) = weight.split_at(x.len() * ADDED * outputs);
    for ([a, b, c, d], rows) in x.iter().zip(rows.chunks_exact(ADDED * outputs)) {
        let ((row_a, row_b), (row_c, row_d)) = {
            let (first, second) = rows.split_at(2 * outputs);
            (first.split_at(outputs), second.split_at(outputs))
        };
        for ((((sum, wa), wb), wc), wd) in sums.iter_mut().zip(row_a).zip(row_b).zip(row_c).zip(row_d) {
            *sum += (a * wa + b * wb) + (c * wc + d * wd);
        }
    }
    for (x, row) in last_x.iter().zip(last_rows.chunks_exact(outputs)) {
        sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += x * weight);
    }
}
}
