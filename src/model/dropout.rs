//! Dropout whose masks depend on a seed and a step alone, never on the device or on what ran before.

use burn::{
    Tensor,
    tensor::{Shape, TensorData},
};
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

/// Draws the dropout masks of one training step.
///
/// The same seed and step give the same masks on every device, so that a resumed run continues as an
/// uninterrupted one would.
pub struct Dropout {
    rate: f32,
    random: ChaCha8Rng,
}

impl Dropout {
    /// Dropout of a share `rate` of the connections, in `0.0..1.0`, for the step numbered `step` of a run with `seed`.
    ///
    /// # Panics
    /// If `rate` is outside `0.0..1.0`.
    pub fn new(rate: f32, seed: u64, step: u64) -> Self {
        assert!((0.0..1.0).contains(&rate), "a dropout rate lies in 0.0..1.0, not {rate}");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(step);
        Self { rate, random }
    }

    /// `x` with a share of its elements set to 0 and the others divided by the share that stays.
    pub fn apply<const D: usize>(&mut self, x: Tensor<D>) -> Tensor<D> {
        if self.rate == 0.0 {
            return x;
        }
        let mask = self.mask(x.shape());
        let device = x.device();
        // The mask is a constant: it needs no gradient of its own.
        x * Tensor::from_data(mask, &device)
    }

    /// A mask of zeros and `1 / (1 - rate)`; the rate is met to 1 part in 65,536.
    fn mask(&mut self, shape: Shape) -> TensorData {
        let count = shape.num_elements();
        let mut bytes = vec![0_u8; count * 2];
        self.random.fill_bytes(&mut bytes);
        let threshold = (self.rate * 65_536.0) as u16;
        let scale = 1.0 / (1.0 - self.rate);
        let values: Vec<f32> = bytes
            .chunks_exact(2)
            .map(|pair| if u16::from_le_bytes([pair[0], pair[1]]) < threshold { 0.0 } else { scale })
            .collect();
        TensorData::new(values, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn dropped(seed: u64, step: u64) -> Vec<f32> {
        let ones = Tensor::<2>::ones([100, 1000], &Device::flex());
        let y = Dropout::new(0.7, seed, step).apply(ones);
        y.into_data().try_into_vec().expect("f32")
    }

    #[test]
    fn seven_in_ten_connections_are_dropped_and_the_sum_is_kept() {
        let values = dropped(1, 2);
        let share = values.iter().filter(|&&v| v == 0.0).count() as f32 / values.len() as f32;
        assert!((share - 0.7).abs() < 0.005, "{share}");
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn a_step_always_draws_the_same_mask_and_its_neighbour_another() {
        assert_eq!(dropped(1, 2), dropped(1, 2));
        assert_ne!(dropped(1, 2), dropped(1, 3));
        assert_ne!(dropped(1, 2), dropped(2, 2));
    }
}
