//! The projection on the CPU: the patches of an image as a matrix, an image a thread.

use super::{PATCH, WhitenOps};
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
