//! The features of pictures, which are the values of the last hidden layer: nearest neighbours, and places in a plane.

use super::values;
use crate::{
    data::Seen,
    infer::{Classifier, ExecutionError},
    model::activations::Activations,
    spec::LayerSpec,
};
use sha2::{Digest, Sha256};

/// Rounds of the power iteration. Each brings an axis closer to its direction by the ratio of two variances.
const ROUNDS: usize = 200;

/// The input of the last layer, for some pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Number of values of one picture.
    pub len: usize,
    /// The values, picture by picture.
    pub values: Vec<f32>,
}

impl Features {
    /// Number of pictures.
    pub fn count(&self) -> usize {
        self.values.len().checked_div(self.len).unwrap_or(0)
    }

    /// The features of one picture.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.len..][..self.len]
    }

    /// Adds the features of more pictures, from the same network.
    pub fn append(&mut self, other: Self) {
        self.len = other.len;
        self.values.extend(other.values);
    }

    /// The numbers and Euclidean distances of the `count` pictures nearest to `features`, the nearest first. Of equally
    /// near ones the first comes first.
    pub fn nearest(&self, features: &[f32], count: usize) -> Vec<(usize, f32)> {
        let distance = |index| {
            let squares = self.row(index).iter().zip(features).map(|(a, b)| (a - b) * (a - b));
            (index, squares.sum::<f32>().sqrt())
        };
        let mut all: Vec<_> = (0..self.count()).map(distance).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        all.truncate(count);
        all
    }
}

/// The features of `pictures`.
///
/// # Errors
/// If the device fails.
pub async fn features(classifier: &Classifier, pictures: &[Seen]) -> Result<Features, ExecutionError> {
    let last = classifier.network().places().count() - 1;
    let mut taken = Vec::new();
    for pictures in pictures.chunks(classifier.network().most_images()) {
        let mut at = 0;
        let mut listener = |_: &LayerSpec, x: &Activations| {
            at += 1;
            if at == last {
                taken.push(x.clone());
            }
        };
        classifier.listen(classifier.images(pictures), &mut listener);
    }
    let values = values(taken).await?.concat();
    Ok(Features { len: values.len() / pictures.len().max(1), values })
}

/// The SHA-256 of the last layer's weights, by which a network's features are recognised: no two trainings end with the
/// same weights.
///
/// # Errors
/// If the device fails.
pub async fn fingerprint(classifier: &Classifier) -> Result<[u8; 32], ExecutionError> {
    let network = classifier.network();
    let last = network.places().count() - 1;
    let parameters = network.parameters_of(last).into_iter().map(|parameter| parameter.values);
    let mut digest = Sha256::new();
    for values in super::vectors(parameters).await? {
        values.iter().for_each(|value| digest.update(value.to_le_bytes()));
    }
    Ok(digest.finalize().into())
}

/// The plane in which pictures differ most: their first two principal components.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    mean: Vec<f64>,
    axes: [Vec<f64>; 2],
    /// The share of the pictures' variance that the plane keeps, `0.0..=1.0`.
    pub share: f32,
}

impl Plane {
    /// The plane of these pictures.
    pub fn of(features: &Features) -> Self {
        let (count, len) = (features.count(), features.len);
        let mut mean = vec![0.0; len];
        for index in 0..count {
            mean.iter_mut()
                .zip(features.row(index))
                .for_each(|(mean, value)| *mean += f64::from(*value) / count as f64);
        }
        let centred: Vec<f64> = (0..count)
            .flat_map(|index| features.row(index).iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean))
            .collect();
        let variance = |axis: &[f64]| centred.chunks_exact(len.max(1)).map(|row| dot(row, axis).powi(2)).sum::<f64>();
        let total: f64 = centred.iter().map(|x| x * x).sum();
        let mut axes: [Vec<f64>; 2] = Default::default();
        for which in 0..2 {
            // Any start that is not orthogonal to the axis.
            let mut axis: Vec<f64> = (0..len).map(|at| 1.0 + (at as f64 * 0.7 + which as f64).sin()).collect();
            for _ in 0..ROUNDS {
                let mut next = vec![0.0; len];
                for row in centred.chunks_exact(len.max(1)) {
                    let along = dot(row, &axis);
                    next.iter_mut().zip(row).for_each(|(next, x)| *next += along * x);
                }
                if which == 1 {
                    let along = dot(&next, &axes[0]);
                    next.iter_mut().zip(&axes[0]).for_each(|(next, first)| *next -= along * first);
                }
                let norm = dot(&next, &next).sqrt();
                if norm == 0.0 {
                    break;
                }
                axis = next.into_iter().map(|x| x / norm).collect();
            }
            axes[which] = axis;
        }
        let kept = axes.iter().map(|axis| variance(axis)).sum::<f64>();
        let share = if total > 0.0 { (kept / total) as f32 } else { 0.0 };
        Self { mean, axes, share }
    }

    /// The same plane with its axes turned to the directions of `before`, if both have equally many values. So the plot
    /// is not mirrored when the network has learnt a little more.
    #[must_use]
    pub fn turned_as(mut self, before: &Self) -> Self {
        for (axis, before) in self.axes.iter_mut().zip(&before.axes) {
            if axis.len() == before.len() && dot(axis, before) < 0.0 {
                axis.iter_mut().for_each(|x| *x = -*x);
            }
        }
        self
    }

    /// The coordinates of a picture along the first and the second axis.
    pub fn place(&self, features: &[f32]) -> [f32; 2] {
        let centred: Vec<f64> = features.iter().zip(&self.mean).map(|(x, mean)| f64::from(*x) - mean).collect();
        [0, 1].map(|which| dot(&centred, &self.axes[which]) as f32)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        domain::{CLASS_COUNT, NetworkName},
        inspect::test_help::{known_picture, shipped},
    };
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    fn of_random(count: usize, len: usize, value: impl Fn(&mut ChaCha8Rng) -> Vec<f32>) -> Features {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        Features { len, values: (0..count).flat_map(|_| value(&mut random)).collect() }
    }

    #[test]
    fn the_last_layer_makes_the_logits_of_the_features() {
        for network in NetworkName::ALL {
            let classifier = shipped(network);
            let picture = known_picture();
            let mut pictures = [picture; 2];
            pictures[1].reverse();
            let features = pollster::block_on(features(&classifier, &pictures)).expect("the CPU does not fail");
            assert_eq!((features.count(), features.len), (2, if network == NetworkName::Cui2017 { 384 } else { 288 }));
            let logits = pollster::block_on(classifier.logits(&pictures)).expect("the CPU does not fail");
            let last = classifier.network().places().count() - 1;
            let parameters = classifier.network().parameters_of(last).into_iter().map(|parameter| parameter.values);
            let parameters = pollster::block_on(crate::inspect::vectors(parameters)).expect("the CPU does not fail");
            for (index, logits) in logits.iter().enumerate() {
                for (class, logit) in logits.iter().enumerate() {
                    let weights = parameters[0].iter().skip(class).step_by(CLASS_COUNT);
                    let sum: f32 = features.row(index).iter().zip(weights).map(|(x, w)| x * w).sum();
                    assert!((sum + parameters[1][class] - logit).abs() < 1e-3, "{network:?}, class {class}");
                }
            }
        }
        let [one, other] = NetworkName::ALL
            .map(|network| pollster::block_on(fingerprint(&shipped(network))).expect("the CPU does not fail"));
        assert_ne!(one, other);
    }

    #[test]
    fn the_nearest_are_those_that_a_plain_search_finds() {
        let features = of_random(200, 7, |random| (0..7).map(|_| random.random_range(-1.0..1.0)).collect());
        let query = features.row(17).to_vec();
        let found = features.nearest(&query, 5);
        assert_eq!(found[0], (17, 0.0));
        // One after the other: the nearest of those that are left.
        let mut left: Vec<usize> = (0..200).collect();
        for (index, distance) in found {
            let far =
                |&at: &usize| features.row(at).iter().zip(&query).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            let nearest = *left.iter().min_by(|a, b| far(a).total_cmp(&far(b))).expect("some are left");
            assert_eq!(index, nearest);
            assert!((f64::from(distance) - far(&index).sqrt()).abs() < 1e-5);
            left.retain(|&other| other != nearest);
        }
    }

    #[test]
    fn the_plane_keeps_the_two_directions_in_which_pictures_differ_most() {
        // Standard deviations 3, 2 and 0.5 along known orthogonal directions, around a mean.
        let directions = [[0.6, 0.8, 0.0, 0.0], [-0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.6, 0.8]];
        let features = of_random(4_000, 4, |random| {
            let deviations =
                [3.0, 2.0, 0.5].map(|deviation: f32| deviation * 3.0_f32.sqrt() * random.random_range(-1.0..1.0));
            (0..4).map(|at| 10.0 + (0..3).map(|which| deviations[which] * directions[which][at]).sum::<f32>()).collect()
        });
        let plane = Plane::of(&features);
        for (axis, direction) in plane.axes.iter().zip(directions) {
            let along: f64 = axis.iter().zip(direction).map(|(a, b)| a * f64::from(b)).sum();
            assert!(along.abs() > 0.999, "{axis:?} in place of {direction:?}");
        }
        let expected = 13.0 / 13.25;
        assert!((plane.share - expected).abs() < 0.005, "{} in place of {expected}", plane.share);
        let [x, y] = plane.place(&[10.0 + 0.6, 10.0 + 0.8, 10.0, 10.0]);
        assert!((x.abs() - 1.0).abs() < 0.2 && y.abs() < 0.2, "one unit along the first direction: {x}, {y}");

        let mut mirrored = plane.clone();
        mirrored.axes[1].iter_mut().for_each(|x| *x = -*x);
        assert_eq!(mirrored.turned_as(&plane), plane);
    }
}
