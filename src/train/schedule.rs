//! Learning rates: one for the convolutions, one for the dense layers. Both are warmed up and then annealed.

use crate::{domain::LearningRates, spec::parameter::RateGroup};

/// The share of the highest learning rate at the last step.
const FINAL_SHARE: f64 = 0.01;

/// The factor by which shifts after a normalisation learn faster than convolutions, as in airbench94.
pub const SHIFT_FACTOR: f64 = 64.0;

impl LearningRates {
    /// The learning rate of the parameters of this group. Shifts after a normalisation learn `shift_factor` times as
    /// fast as convolutions.
    pub fn of(&self, group: RateGroup, shift_factor: f64) -> f64 {
        match group {
            RateGroup::Convolution => self.convolution,
            RateGroup::Dense => self.dense,
            RateGroup::Shift => shift_factor * self.convolution,
        }
    }

    /// Both rates times `factor`.
    pub fn scaled(&self, factor: f64) -> Self {
        Self { convolution: self.convolution * factor, dense: self.dense * factor }
    }
}

/// The share of the highest learning rate at `step` of `step_count`, counted from 0.
///
/// It rises linearly over the first `warm_up_steps`, then falls along half a cosine to one hundredth (Loshchilov and
/// Hutter, 2017, without restarts).
pub fn share(step: u64, step_count: u64, warm_up_steps: u64) -> f64 {
    if step < warm_up_steps {
        return (step + 1) as f64 / warm_up_steps as f64;
    }
    let progress = (step - warm_up_steps) as f64 / (step_count.saturating_sub(warm_up_steps)).max(1) as f64;
    FINAL_SHARE + (1.0 - FINAL_SHARE) * 0.5 * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_peaks_halves_and_ends_at_a_hundredth() {
        assert!((share(0, 110, 10) - 0.1).abs() < 1e-12);
        assert!((share(9, 110, 10) - 1.0).abs() < 1e-12);
        assert!((share(10, 110, 10) - 1.0).abs() < 1e-12);
        assert!((share(60, 110, 10) - 0.505).abs() < 1e-12);
        assert!((share(110, 110, 10) - 0.01).abs() < 1e-12);
    }

    #[test]
    fn each_group_takes_its_rate() {
        let rates = LearningRates { convolution: 5.0, dense: 3.0 };
        assert_eq!(rates.of(RateGroup::Convolution, SHIFT_FACTOR), 5.0);
        assert_eq!(rates.of(RateGroup::Dense, SHIFT_FACTOR), 3.0);
        assert_eq!(rates.of(RateGroup::Shift, SHIFT_FACTOR), 320.0);
        assert_eq!(rates.scaled(0.5).of(RateGroup::Dense, SHIFT_FACTOR), 1.5);
    }
}
