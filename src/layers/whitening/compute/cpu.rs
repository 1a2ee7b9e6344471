//! The whitening convolution on the CPU: the patches of an image as a matrix, one image per thread.

use super::{PATCH, WhitenGradients, WhitenOps};
use crate::model::cpu::{
    contiguous,
    parallel::for_each_chunk,
    product::{Matrix, Threads, product},
    sizes, tensor, values,
};
use burn::backend::{Flex, tensor::FloatTensor};

impl WhitenOps for Flex {
    fn whiten(images: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let ([count, channels, height, width], [_, _, _, filters]) = (sizes(&images), sizes(&weight));
        let [images, weight] = [images, weight].map(contiguous);
        let (pixels, weights) = (values(&images), values(&weight));
        let (rows, columns) = (height + 1 - PATCH, width + 1 - PATCH);
        let patch_len = PATCH * PATCH * channels;
        let mut y = vec![0.0; count * rows * columns * filters];
        for_each_chunk(&mut y, rows * columns * filters, |image, y| {
            let image = &pixels[image * channels * height * width..][..channels * height * width];
            let mut patches = Vec::with_capacity(rows * columns * patch_len);
            for at in 0..rows * columns {
                let corner = at / columns * width + at % columns;
                for pixel in (0..PATCH * PATCH).map(|i| corner + i / PATCH * width + i % PATCH) {
                    patches.extend((0..channels).map(|channel| image[channel * height * width + pixel]));
                }
            }
            let (patches, weights) = (Matrix::of_rows(&patches, patch_len), Matrix::of_rows(weights, filters));
            product(patches, weights, [rows * columns, patch_len, filters], y, Threads::This);
        });
        tensor(y, [count, rows, columns, filters])
    }
}

impl WhitenGradients for Flex {
    fn whiten_images_gradient(weight: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let ([_, _, channels, filters], [count, rows, columns, _]) = (sizes(&weight), sizes(&grad));
        let [weight, grad] = [weight, grad].map(contiguous);
        let (weights, grads) = (values(&weight), values(&grad));
        let (height, width) = (rows + PATCH - 1, columns + PATCH - 1);
        let (patch_len, plane_len) = (PATCH * PATCH * channels, height * width);
        let mut images = vec![0.0; count * channels * plane_len];
        for_each_chunk(&mut images, channels * plane_len, |number, image| {
            let grads = &grads[number * rows * columns * filters..][..rows * columns * filters];
            let mut patches = vec![0.0; rows * columns * patch_len];
            let weights = Matrix::of_rows(weights, filters).transposed();
            let sizes = [rows * columns, filters, patch_len];
            product(Matrix::of_rows(grads, filters), weights, sizes, &mut patches, Threads::This);
            // Each pixel adds up its values in all patches that it belongs to.
            for (at, patch) in patches.chunks_exact(patch_len).enumerate() {
                let corner = at / columns * width + at % columns;
                for (i, values) in patch.chunks_exact(channels).enumerate() {
                    let pixel = corner + i / PATCH * width + i % PATCH;
                    for (channel, value) in values.iter().enumerate() {
                        image[channel * plane_len + pixel] += value;
                    }
                }
            }
        });
        tensor(images, [count, channels, height, width])
    }
}
