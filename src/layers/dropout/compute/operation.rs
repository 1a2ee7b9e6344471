//! Dropout whose masks depend only on a seed and a step, never on the device or on earlier steps.

use crate::model::prelude::*;
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

/// Draws the dropout masks of one training step.
///
/// The same seed and step give the same masks on every device. So a resumed run continues as an uninterrupted one
/// would.
pub struct Masks {
    rate: f32,
    random: ChaCha8Rng,
}

impl Masks {
    /// Masks for step `step` of a run with `seed`. `rate` is the share of values that is dropped, in `0.0..1.0`.
    ///
    /// # Panics
    /// If `rate` is outside `0.0..1.0`.
    pub fn new(rate: f32, seed: u64, step: u64) -> Self {
        assert!((0.0..1.0).contains(&rate), "a dropout rate lies in 0.0..1.0, not {rate}");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(step);
        Self { rate, random }
    }

    /// `x` with a random share of its values set to 0. The others are divided by the share that is kept.
    pub fn apply<const D: usize>(&mut self, x: Tensor<D>) -> Tensor<D> {
        self.apply_at(None, x)
    }

    /// As [`apply`](Self::apply), for a layer that may have its own `rate`, in `0.0..1.0`.
    pub fn apply_at<const D: usize>(&mut self, rate: Option<f32>, x: Tensor<D>) -> Tensor<D> {
        let rate = rate.unwrap_or(self.rate);
        if rate == 0.0 {
            return x;
        }
        Tensor::from_dispatch(<Dispatch as DropoutOps>::dropout(x.into_dispatch(), self.mask(rate)))
    }

    /// The step's next mask, which drops a share `rate`.
    fn mask(&mut self, rate: f32) -> Mask {
        Mask {
            key: [(); 3].map(|()| self.random.next_u32()),
            // The share is exact to 1 part in 2^32.
            least: (f64::from(rate) * 2.0_f64.powi(32)) as u32,
            scale: 1.0 / (1.0 - rate),
        }
    }
}

/// Determines which elements of a tensor are dropped.
#[derive(Clone, Copy, Debug)]
pub struct Mask {
    pub(super) key: [u32; 3],
    /// The least random word that keeps an element.
    pub(super) least: u32,
    /// The factor for the elements that are kept.
    pub(super) scale: f32,
}

impl Mask {
    /// The random words of the four elements from `4 * number` on.
    ///
    /// The function is pcg4d of Jarzynski and Olano, Hash Functions for GPU Rendering (JCGT, 2020). It consists of a
    /// few 32-bit products and sums, which WGSL has as well. So every device draws its masks itself.
    #[inline(always)]
    pub(super) fn words_of(&self, number: u32) -> [u32; 4] {
        let [a, b, c] = self.key;
        let [mut x, mut y, mut z, mut w] =
            [number, a, b, c].map(|word| word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let mut mix = |fold: bool| {
            x = x.wrapping_add(y.wrapping_mul(w));
            y = y.wrapping_add(z.wrapping_mul(x));
            z = z.wrapping_add(x.wrapping_mul(y));
            w = w.wrapping_add(y.wrapping_mul(z));
            if fold {
                [x, y, z, w] = [x, y, z, w].map(|word| word ^ (word >> 16));
            }
        };
        mix(true);
        mix(false);
        [x, y, z, w]
    }
}

/// Dropout on one backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait DropoutOps: Backend {
    /// `x` with the elements that `mask` drops set to 0 and the others scaled. The gradient takes the same mask.
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;
}

impl<B: DropoutOps, C: CheckpointStrategy> DropoutOps for Autodiff<B, C> {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Drop;

        impl<B: DropoutOps> Backward<B, 1> for Drop {
            type State = Mask;

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    grads.register::<B>(node.id, B::dropout(grad, ops.state));
                }
            }
        }

        let guard = x.node();
        let x = x.into_primitive();
        match Drop.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(mask, B::dropout(x, mask)),
            OpsKind::UnTracked(prep) => prep.finish(B::dropout(x, mask)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn dropped(seed: u64, step: u64) -> Vec<f32> {
        let ones = Tensor::<2>::ones([100, 1000], &Device::flex());
        let y = Masks::new(0.7, seed, step).apply(ones);
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
    fn a_layer_may_drop_a_share_of_its_own() {
        let ones = Tensor::<2>::ones([100, 1000], &Device::flex());
        let y = Masks::new(0.0, 1, 2).apply_at(Some(0.2), ones.clone());
        let mean = y.clone().equal_elem(0.0).float().mean().into_scalar::<f32>();
        assert!((mean - 0.2).abs() < 0.005, "{mean}");
        let whole = Masks::new(0.7, 1, 2).apply_at(Some(0.0), ones.clone());
        assert_eq!(whole.into_data(), ones.into_data());
    }

    #[test]
    fn a_step_always_draws_the_same_mask_and_its_neighbour_another() {
        assert_eq!(dropped(1, 2), dropped(1, 2));
        assert_ne!(dropped(1, 2), dropped(1, 3));
        assert_ne!(dropped(1, 2), dropped(2, 2));
    }

    #[test]
    fn the_words_are_those_of_the_published_function() {
        let mask = Mask { key: [2, 3, 4], least: 0, scale: 1.0 };
        assert_eq!(mask.words_of(1), [908_250_390, 4_044_648_920, 3_775_961_919, 45_698_095]);
    }

    #[test]
    fn neighbours_are_dropped_independently_of_each_other() {
        let values = dropped(1, 2);
        for distance in [1, 2, 3, 4, 1000] {
            let both = values.iter().zip(&values[distance..]).filter(|(a, b)| **a != 0.0 && **b != 0.0).count();
            let share = both as f32 / values.len() as f32;
            assert!((share - 0.09).abs() < 0.005, "{share} at a distance of {distance}");
        }
    }

    #[test]
    fn the_gradient_is_dropped_as_the_values_are() {
        let x = Tensor::<1>::ones([1001], &Device::flex().autodiff()).require_grad();
        let y = Masks::new(0.5, 3, 4).apply(x.clone());
        let gradient = x.grad(&y.clone().sum().backward()).expect("x requires a gradient");
        assert_eq!(gradient.into_data(), y.inner().into_data());
    }
}
