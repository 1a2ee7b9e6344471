//! The frozen first layer: a convolution of 2x2 patches of the image whose outputs are uncorrelated and have variance
//! 1.

mod cpu;
mod explain;
mod operation;
#[cfg(feature = "gpu")]
mod webgpu;

pub use operation::{PATCH, WhitenGradients, WhitenOps, whiten};

use crate::{
    layers::{
        batch_norm::compute::{Statistics, norm},
        whitening::{FILTERS, Whitening},
    },
    model::{
        activations::Activations,
        layer::{Forward, Pass, PreparedLayer},
        parameter::Parameter,
        tensors::upload,
    },
    spec::shape::Activation,
};

impl Forward for Whitening {
    fn forward(
        &self,
        x: Activations,
        parameters: &[Parameter],
        _: Option<&PreparedLayer>,
        _: &mut Pass,
    ) -> Activations {
        let (weight, shift) = (parameters[0].filters(), parameters[1].vector());
        // [n, 3, 32, 32] -> [n, 31, 31, 24]
        let x = whiten(x.planes(), weight);
        // Whitened values have mean 0 and variance 1 already, so the normalisation only adds the shift and applies
        // GELU.
        let identity = upload([vec![0.0; FILTERS], vec![1.0; FILTERS]].concat(), [2, FILTERS], &shift.device());
        Activations::Pixels(norm(x, identity, shift, Statistics::Running, Activation::Gelu))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        data::{Normalisation, read_folder},
        model::{Device, tensors::read_one},
    };

    #[test]
    fn whitened_patches_of_training_images_are_uncorrelated_and_of_like_variance() {
        let Some(folder) = crate::needs::real_images() else { return };
        let train = read_folder(&folder).expect("CIFAR-10 in CIFAR10_DIR").train;
        let normalisation = Normalisation::of(&train);
        let count = 2_000;
        let mut values = Vec::new();
        for index in 0..count {
            normalisation.append_planar(train.planar(index), &mut values);
        }
        let device = Device::flex();
        let weight = upload(Whitening::filters(), [PATCH, PATCH, 3, FILTERS], &device);
        let whitened = whiten(upload(values, [count, 3, 32, 32], &device), weight);
        let whitened = pollster::block_on(read_one(whitened)).expect("the CPU does not fail");
        let half = FILTERS / 2;
        let mut products = vec![0.0_f64; half * half];
        for patch in whitened.chunks_exact(FILTERS) {
            assert_eq!(patch[0], -patch[half], "the second half is the first one's opposite");
            for (i, a) in patch[..half].iter().enumerate() {
                for (j, b) in patch[..half].iter().enumerate() {
                    products[i * half + j] += f64::from(a * b);
                }
            }
        }
        let patches = (whitened.len() / FILTERS) as f64;
        for (at, product) in products.iter().enumerate() {
            let (i, j, covariance) = (at / half, at % half, product / patches);
            if i == j {
                // The weakest directions differ by no more than the rounding of pixels, and the filters amplify them
                // less. Also, these are only the first images.
                let least = if i < 8 { 0.8 } else { 0.1 };
                assert!((least..1.2).contains(&covariance), "direction {i}: variance {covariance}");
            } else {
                assert!(covariance.abs() < 0.1, "directions {i} and {j}: {covariance}");
            }
        }
    }
}
