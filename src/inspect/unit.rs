//! Explains how a unit's value is computed, step by step back to a weighted sum.

use super::{values, vectors};
use crate::spec::{LayerSpec, Place, blocks, shape::At};
use crate::{
    data::Seen,
    domain::IMAGE_SIDE,
    domain::arithmetic::{Arithmetic, Unit, Window},
    infer::{Classifier, ExecutionError},
    model::{
        activations::Activations,
        explain::{Explained, Scene, pixel},
    },
};

/// The computation of the value that `unit` has for `picture`. `None` if there is no such unit.
///
/// # Errors
/// If the device fails.
pub async fn arithmetic(
    classifier: &Classifier,
    picture: &Seen,
    unit: Unit,
) -> Result<Option<Arithmetic>, ExecutionError> {
    let network = classifier.network();
    let places: Vec<Place> = network.places().cloned().collect();
    let Some(block) = blocks(&places).into_iter().nth(unit.layer as usize) else { return Ok(None) };
    let [channel, row, column] = [unit.channel, unit.row, unit.column].map(|at| at as usize);
    let [channels, height, width] = places[block.layers.end - 1].output.maps();
    if channel >= channels || row >= height || column >= width {
        return Ok(None);
    }
    // The block's input, and the output of each of its layers.
    let images = classifier.images(&[*picture]);
    let mut given = vec![Activations::Planes(images.clone())];
    let mut at = 0;
    let mut listener = |_: &LayerSpec, x: &Activations| {
        at += 1;
        if at == block.layers.start {
            given[0] = x.clone();
        } else if block.layers.contains(&(at - 1)) {
            given.push(x.clone());
        }
    };
    classifier.listen(images, &mut listener);
    let given = values(given).await?;

    let mut at = At { channel, row, column };
    let mut value = given[block.layers.len()][places[block.layers.end - 1].output.offset(at)];
    let unit_value = value;
    let mut steps = Vec::new();
    for layer in block.layers.clone().rev() {
        let Place { input, layer: LayerSpec { kind, .. }, .. } = &places[layer];
        let x = &given[layer - block.layers.start];
        let parameters = network.parameters_of(layer).into_iter().map(|parameter| parameter.values);
        let parameters = vectors(parameters).await?;
        let scene = Scene { input: *input, x, parameters: &parameters, at, value };
        let Explained { step, from } = kind.explanation().explain(&scene);
        steps.extend(step);
        let Some(from) = from else { break };
        (at, value) = (from, x[input.offset(from)]);
    }

    let field = field(&places[..block.layers.end], At { channel, row, column });
    Ok(Some(Arithmetic { unit, value: unit_value, field, steps }))
}

/// The part of the picture on which the value at place `at` depends, in the output of the last of these layers.
pub(super) fn field(places: &[Place], at: At) -> Window {
    let of_last = pixel(at);
    let field = places.iter().rev().fold(of_last, |field, place| {
        let [_, height, width] = place.input.maps();
        place.layer.kind.explanation().reach(place.input, field).within([height, width])
    });
    field.within([IMAGE_SIDE, IMAGE_SIDE])
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        domain::NetworkName,
        domain::arithmetic::Step,
        inspect::{
            layers,
            test_help::{known_picture, shipped},
        },
    };

    fn unit_of(classifier: &Classifier, unit: Unit) -> Arithmetic {
        let found = pollster::block_on(arithmetic(classifier, &known_picture(), unit));
        found.expect("the CPU does not fail").expect("there is such a unit")
    }

    fn activated(sum: f32, activation: Option<&str>) -> f32 {
        match activation {
            Some("ReLU") => sum.max(0.0),
            // The form with a hyperbolic tangent (Hendrycks and Gimpel, 2016).
            Some("GELU") => {
                0.5 * sum * (1.0 + ((2.0 / std::f32::consts::PI).sqrt() * (sum + 0.044_715 * sum.powi(3))).tanh())
            }
            Some(other) => panic!("{other}"),
            None => sum,
        }
    }

    fn assert_close(what: &str, got: f32, want: f32, scale: f32) {
        assert!((got - want).abs() <= 1e-4 * (1.0 + scale), "{what}: {got} in place of {want}");
    }

    /// Computes the unit's value from the numbers that the steps show.
    fn check(network: NetworkName, arithmetic: &Arithmetic) {
        let what = format!("{network:?}, {:?}", arithmetic.unit);
        let mut value = None;
        for step in arithmetic.steps.iter().rev() {
            let (input, output) = match step {
                Step::Filtered(filtered) => {
                    let scale: f32 = filtered.inputs.iter().zip(&filtered.weights).map(|(x, w)| (x * w).abs()).sum();
                    let sums = filtered.sums().iter().sum::<f32>() + filtered.bias;
                    assert_close(&what, sums, filtered.sum(), scale);
                    let activated = activated(filtered.sum(), filtered.activation.as_deref());
                    assert_close(&what, activated, filtered.output, scale);
                    (None, filtered.output)
                }
                Step::Weighted(weighted) => {
                    let scale: f32 = weighted.shares.iter().map(|share| share.value().abs()).sum();
                    let activated = activated(weighted.sum(), weighted.activation.as_deref());
                    assert_close(&what, activated, weighted.output, scale);
                    (None, weighted.output)
                }
                Step::Highest { values, highest, .. } => {
                    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    assert_eq!(values[*highest as usize], most, "{what}");
                    (Some(most), most)
                }
                Step::Normalised { input, mean, deviation, scale, shift, activation, output } => {
                    let sum = (input - mean) / deviation * scale.unwrap_or(1.0) + shift;
                    assert_close(&what, activated(sum, activation.as_deref()), *output, sum.abs());
                    (Some(*input), *output)
                }
            };
            if let (Some(before), Some(input)) = (value, input) {
                assert_eq!(before, input, "{what}: each step begins with what the one before gave");
            }
            value = Some(output);
        }
        assert_eq!(value, Some(arithmetic.value), "{what}");
    }

    #[test]
    fn the_arithmetic_that_is_shown_of_any_unit_gives_its_activation() {
        for network in NetworkName::ALL {
            let classifier = shipped(network);
            let (maps, _) = pollster::block_on(layers(&classifier, &known_picture())).expect("the CPU does not fail");
            for (layer, maps) in maps.iter().enumerate() {
                let last = [maps.channels, maps.height, maps.width].map(|len| len - 1);
                for [channel, row, column] in [[0, 0, 0], last, last.map(|at| at / 2), last.map(|at| at / 3)] {
                    let unit = Unit { layer: layer as u32, channel, row, column };
                    let arithmetic = unit_of(&classifier, unit);
                    assert!(!arithmetic.steps.is_empty(), "{unit:?}");
                    check(network, &arithmetic);
                    let shown = maps.value(channel as usize, row as usize, column as usize);
                    let off = (shown - arithmetic.value).abs();
                    assert!(off <= maps.limits[channel as usize] / 253.0 + 1e-4, "{unit:?}: {shown}");
                }
            }
        }
    }

    #[test]
    fn shares_add_up_to_the_logit() {
        for network in NetworkName::ALL {
            let classifier = shipped(network);
            let logits = pollster::block_on(classifier.logits(&[known_picture()])).expect("the CPU does not fail")[0];
            let layer = classifier.network().layers().len() as u32 - 1;
            for (class, logit) in logits.iter().enumerate() {
                let unit = Unit { layer, channel: class as u32, row: 0, column: 0 };
                let steps = unit_of(&classifier, unit).steps;
                let [Step::Weighted(weighted)] = &steps[..] else { panic!("a dense layer alone: {steps:?}") };
                assert_eq!(weighted.shares.len(), 12);
                assert!(weighted.shares.is_sorted_by(|a, b| a.value().abs() >= b.value().abs()));
                assert_close("logit", weighted.sum(), *logit, 10.0);
            }
        }
    }

    #[test]
    fn a_unit_sees_the_window_that_its_layers_see_one_after_the_other() {
        let field = |network, layer, [row, column]: [u32; 2]| {
            unit_of(&shipped(network), Unit { layer, channel: 1, row, column }).field
        };
        let window = |top, left, height, width| Window { top, left, height, width };
        // A 4x4 window, one row above and two below. Then an 8x8 window of these. In the corner, only the part inside
        // the picture.
        assert_eq!(field(NetworkName::Cui2017, 0, [10, 20]), window(9, 19, 4, 4));
        assert_eq!(field(NetworkName::Cui2017, 1, [10, 20]), window(6, 16, 11, 11));
        assert_eq!(field(NetworkName::Cui2017, 1, [0, 0]), window(0, 0, 7, 7));
        assert_eq!(field(NetworkName::Cui2017, 2, [0, 0]), window(0, 0, 32, 32));
        // A 2x2 patch. Then a 3x3 convolution of these under a 2x2 pool.
        assert_eq!(field(NetworkName::Tenfold2026, 0, [10, 20]), window(10, 20, 2, 2));
        assert_eq!(field(NetworkName::Tenfold2026, 1, [5, 7]), window(9, 13, 5, 5));
    }

    #[test]
    fn there_is_nothing_to_say_of_a_unit_that_is_not_there() {
        let classifier = shipped(NetworkName::Cui2017);
        for unit in [[9, 0, 0, 0], [0, 18, 0, 0], [0, 0, 32, 0], [3, 0, 0, 1]] {
            let [layer, channel, row, column] = unit;
            let found =
                pollster::block_on(arithmetic(&classifier, &known_picture(), Unit { layer, channel, row, column }));
            assert_eq!(found.expect("the CPU does not fail"), None);
        }
    }
}
