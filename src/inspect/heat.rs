//! Shows which parts of a picture speak for a class: by occlusion, by the gradient of the class's logit, and by class
//! activation.

use super::{is_maps, parts, row, vectors};
use crate::spec::{LayerSpec, Place, shape::At};
use crate::{
    data::{CHANNEL_LEN, IMAGE_LEN, Seen},
    domain::{CLASS_COUNT, IMAGE_SIDE},
    infer::{Classifier, ExecutionError},
    model::{
        activations::Activations,
        tensors::{upload, with_gradient},
    },
    protocol::inspect::{Heat, Maps, SQUARE, SQUARE_STRIDE, hidden, occlusion_order},
};
use burn::Tensor;
use std::ops::Range;

/// The logits of `picture` with a part of it hidden, for the squares of [`occlusion_order`] in `range`, as far as there
/// are any.
///
/// # Errors
/// If the device fails.
pub async fn occluded(
    classifier: &Classifier,
    picture: &Seen,
    range: Range<usize>,
) -> Result<Vec<[f32; CLASS_COUNT]>, ExecutionError> {
    let order = occlusion_order();
    let range = range.start.min(order.len())..range.end.min(order.len());
    if classifier.is_prepared() {
        return occluded_in_parts(classifier, picture, &order[range]).await;
    }
    let hide = |square: &Option<[usize; 2]>| match square {
        Some(place) => hidden(picture, *place).try_into().expect("a picture keeps its size"),
        None => *picture,
    };
    let pictures: Vec<Seen> = order[range].iter().map(hide).collect();
    if pictures.is_empty() {
        return Ok(Vec::new());
    }
    classifier.logits(&pictures).await
}

/// As [`occluded`], but computed only where a square changes something. For a prepared network, which is on the CPU,
/// this takes two thirds of the time.
async fn occluded_in_parts(
    classifier: &Classifier,
    picture: &Seen,
    squares: &[Option<[usize; 2]>],
) -> Result<Vec<[f32; CLASS_COUNT]>, ExecutionError> {
    let hide = |place: [usize; 2]| {
        let pixels = hidden(picture, place).try_into().expect("a picture keeps its size");
        (pixels, place.map(|at| at * SQUARE_STRIDE))
    };
    let changed: Vec<_> = squares.iter().flatten().map(|&place| hide(place)).collect();
    let (whole, changed) = parts::logits(classifier, picture, &changed, [SQUARE; 2]).await?;
    let mut changed = changed.into_iter();
    Ok(squares.iter().filter_map(|square| square.map_or(Some(whole), |_| changed.next())).collect())
}

/// For each pixel of `picture`: the sum over the colours of its normalised value times the gradient of the logit of
/// `class` with respect to it. The method is that of Shrikumar et al., "Not just a black box", 2016.
///
/// # Errors
/// If the device fails.
///
/// # Panics
/// If there is no such class.
pub async fn gradient(classifier: &Classifier, picture: &Seen, class: usize) -> Result<Heat, ExecutionError> {
    let images = classifier.images(&[*picture]).autodiff().require_grad();
    let logits = classifier.logits_in_graph(images.clone());
    let gradient = gradient_of(class, logits.clone(), |gradients| images.grad(gradients));
    let [images, gradient, logits] = read([row(images.inner()), row(gradient), row(logits.inner())]).await?;
    let products: Vec<f32> = images.iter().zip(&gradient).map(|(x, gradient)| x * gradient).collect();
    let pixel = |at: usize| (at..IMAGE_LEN).step_by(CHANNEL_LEN).map(|at| products[at]).sum::<f32>();
    let map = Maps::of(String::new(), [1, IMAGE_SIDE, IMAGE_SIDE], |_, row, column| pixel(row * IMAGE_SIDE + column));
    Ok(Heat { map, sum: sum(&products), logit: logits[class] })
}

/// For each place of the network's last maps for `picture`: the sum over the maps of their value times the gradient of
/// the logit of `class` with respect to it. This is class activation (Zhou et al., 2016) in the form that holds for any
/// layers behind the maps (Draelos and Carin, "HiResCAM", 2020).
///
/// # Errors
/// If the device fails.
///
/// # Panics
/// If there is no such class, or the network has no maps.
pub async fn class_activation(classifier: &Classifier, picture: &Seen, class: usize) -> Result<Heat, ExecutionError> {
    let places: Vec<Place> = classifier.network().places().cloned().collect();
    let last = places.iter().rposition(|place| is_maps(place.output)).expect("the network begins with maps");
    let (mut at, mut maps) = (0, None);
    let mut listener = |_: &LayerSpec, x: &Activations| {
        if at == last {
            maps = Some(x.clone());
        }
        at += 1;
    };
    classifier.listen(classifier.images(&[*picture]), &mut listener);
    let [_, behind] = classifier.network().constant().split_at(last + 1);
    let (leaf, activations) = match maps.expect("each layer is heard") {
        Activations::Planes(x) => {
            let leaf = x.autodiff().require_grad();
            (leaf.clone(), Activations::Planes(leaf))
        }
        Activations::Pixels(x) => {
            let leaf = x.autodiff().require_grad();
            (leaf.clone(), Activations::Pixels(leaf))
        }
        Activations::Values(_) => unreachable!("the layer gives maps"),
    };
    let logits = behind.forward_from(activations);
    let gradient = gradient_of(class, logits.clone(), |gradients| leaf.grad(gradients));
    let [x, gradient, logits] = read([row(leaf.inner()), row(gradient), row(logits.inner())]).await?;
    let products: Vec<f32> = x.iter().zip(&gradient).map(|(x, gradient)| x * gradient).collect();
    let shape = places[last].output;
    let [channels, height, width] = shape.maps();
    let place = |row, column| (0..channels).map(|channel| products[shape.offset(At { channel, row, column })]).sum();
    let map = Maps::of(String::new(), [1, height, width], |_, row, column| place(row, column));
    Ok(Heat { map, sum: sum(&products), logit: logits[class] })
}

/// The gradient that `pick` takes from the gradients of the logit of `class`.
fn gradient_of(
    class: usize,
    logits: Tensor<2>,
    pick: impl FnOnce(&burn::tensor::Gradients) -> Option<Tensor<4>>,
) -> Tensor<4> {
    let mut one = vec![0.0; CLASS_COUNT];
    one[class] = 1.0;
    let one = upload(one, [1, CLASS_COUNT], &logits.device());
    let gradients = with_gradient(logits, one).backward();
    pick(&gradients).expect("what the network is given has a gradient")
}

async fn read<const N: usize>(tensors: [Tensor<1>; N]) -> Result<[Vec<f32>; N], ExecutionError> {
    Ok(vectors(tensors).await?.try_into().expect("as many as were asked for"))
}

fn sum(values: &[f32]) -> f32 {
    values.iter().map(|&value| f64::from(value)).sum::<f64>() as f32
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        domain::NetworkName,
        inspect::test_help::{known_picture, shipped},
        model::Network,
        model::tensors::read_one,
        protocol::inspect::{GREY, SQUARES},
    };

    fn wait<T>(future: impl Future<Output = Result<T, ExecutionError>>) -> T {
        pollster::block_on(future).expect("the CPU does not fail")
    }

    #[test]
    fn an_occlusion_is_the_answer_to_the_picture_with_that_square() {
        let device = burn::tensor::Device::flex();
        let own = "conv8k5-norm-max2-conv16k3v-avg2-conv8k3s2-flat-dense10".parse().expect("a network");
        let own = Network::fresh(&own, 3, &device).expect("a network that can be");
        let own = Classifier::new(own, shipped(NetworkName::Cui2017).normalisation());
        for classifier in [shipped(NetworkName::Cui2017), shipped(NetworkName::Tenfold2026), own] {
            let network = classifier.network().name();
            let (classifier, picture) = (classifier.prepared(1), known_picture());
            let order = occlusion_order();
            // One by one and in parts, with squares in all corners.
            let mut found = wait(occluded(&classifier, &picture, 0..40));
            found.extend(wait(occluded(&classifier, &picture, 40..226)));
            let parts = wait(occluded_in_parts(&classifier, &picture, &order));
            assert_eq!(found.len(), order.len());
            for (found, parts) in found.iter().zip(&parts) {
                assert!(found.iter().zip(parts).all(|(a, b)| (a - b).abs() < 1e-3), "{found:?} {parts:?}");
            }
            for (square, found) in order.iter().zip(&found).step_by(25) {
                let mut covered = picture;
                if let Some([row, column]) = square {
                    for (y, x) in (0..16).map(|at| (2 * row + at / 4, 2 * column + at % 4)) {
                        covered[3 * (32 * y + x)..][..3].fill(GREY);
                    }
                }
                let want = wait(classifier.logits(&[covered]))[0];
                let worst = found.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-3, "{network:?}, {square:?}: off by {worst}");
            }
            assert!(found[1] != found[0], "a hidden part changes the logits");
            assert_eq!(wait(occluded(&classifier, &picture, 220..999)).len(), 1 + SQUARES * SQUARES - 220);
            assert!(wait(occluded(&classifier, &picture, 226..240)).is_empty());
        }
    }

    #[test]
    fn the_gradient_map_is_what_finite_differences_of_single_pixels_say() {
        let prepared = NetworkName::ALL.map(|network| shipped(network).prepared(1));
        for classifier in NetworkName::ALL.map(shipped).into_iter().chain(prepared) {
            let (network, picture, class) = (classifier.network().name(), known_picture(), 3);
            let heat = wait(gradient(&classifier, &picture, class));
            let mut values = Vec::new();
            classifier.normalisation().append_seen(&picture, &mut values);
            let logit = |values: &[f32]| {
                let images = upload(values.to_vec(), [1, 3, IMAGE_SIDE, IMAGE_SIDE], &classifier.network().device());
                wait(read_one(classifier.network().forward(images)))[class]
            };
            // Five pixels with large values in the map, so that rounding is small against the difference.
            let mut order: Vec<usize> = (0..CHANNEL_LEN).collect();
            order.sort_by_key(|&at| std::cmp::Reverse(heat.map.map(0)[at].unsigned_abs()));
            let delta = 1e-3;
            for &at in &order[..5] {
                let derivative = |index: usize| {
                    let with = |delta: f32| {
                        let mut values = values.clone();
                        values[index] += delta;
                        logit(&values)
                    };
                    (with(delta) - with(-delta)) / (2.0 * delta)
                };
                let channels = (at..IMAGE_LEN).step_by(CHANNEL_LEN);
                let want: f32 = channels.map(|index| values[index] * derivative(index)).sum();
                let got = heat.map.value(0, at / IMAGE_SIDE, at % IMAGE_SIDE);
                let tolerance = 0.03 * heat.map.limits[0];
                assert!((got - want).abs() < tolerance, "{network:?}, pixel {at}: {got} in place of {want}");
            }
            assert!((heat.logit - logit(&values)).abs() < 1e-3);
        }
    }

    #[test]
    fn a_class_activation_map_of_the_modern_network_adds_up_to_the_logit_but_for_the_bias() {
        let (classifier, picture) = (shipped(NetworkName::Tenfold2026), known_picture());
        let bias = classifier.network().parameters_of(classifier.network().places().count() - 1).remove(1);
        let bias = wait(read_one(bias.values));
        for class in [0, 3, 9] {
            let heat = wait(class_activation(&classifier, &picture, class));
            assert_eq!([heat.map.height, heat.map.width], [3, 3]);
            assert!(
                (heat.sum + bias[class] - heat.logit).abs() < 1e-3,
                "{} + {} = {}",
                heat.sum,
                bias[class],
                heat.logit
            );
            let shown: f32 = (0..9).map(|at| heat.map.value(0, at / 3, at % 3)).sum();
            assert!((shown - heat.sum).abs() < 9.0 * heat.map.limits[0] / 253.0 + 1e-4);
        }
        let heat = wait(class_activation(&shipped(NetworkName::Cui2017), &picture, 3));
        assert_eq!([heat.map.height, heat.map.width], [32, 32]);
    }
}
