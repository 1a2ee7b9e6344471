//! The maps of each layer for a picture, and the filters of the first layer.

use super::{values, vectors};
use crate::spec::{
    LayerSpec, Place, blocks,
    shape::{At, Shape},
};
use crate::{
    data::Seen,
    domain::CLASS_COUNT,
    domain::arithmetic::Step,
    infer::{Classifier, ExecutionError, Judgement, judge},
    model::{activations::Activations, explain::Scene},
    protocol::inspect::{Maps, Outputs},
};

/// The maps of each block of layers for `picture`, in the order of [`Network::layers`](crate::model::Network::layers),
/// and the network's outputs.
///
/// # Errors
/// If the device fails.
pub async fn layers(classifier: &Classifier, picture: &Seen) -> Result<(Vec<Maps>, Outputs), ExecutionError> {
    let places: Vec<Place> = classifier.network().places().cloned().collect();
    let blocks = blocks(&places);
    let mut given = Vec::new();
    let mut at = 0;
    let mut listener = |_: &LayerSpec, x: &Activations| {
        at += 1;
        if blocks.iter().any(|block| block.layers.end == at) {
            given.push(x.clone());
        }
    };
    classifier.listen(classifier.images(&[*picture]), &mut listener);
    let given = values(given).await?;
    let maps = blocks.iter().zip(&given).map(|(block, x)| {
        let shape = places[block.layers.end - 1].output;
        let value = |channel, row, column| x[shape.offset(At { channel, row, column })];
        Maps::of(block.name.clone(), shape.maps(), value)
    });
    let logits = given.last().and_then(|logits| logits.first_chunk::<CLASS_COUNT>());
    let logits = logits.expect("the last layer gives a value for each class");
    Ok((maps.collect(), outputs(classifier, logits)))
}

/// The outputs of `classifier` for `logits`: probabilities, and whether the picture is doubted.
pub fn outputs(classifier: &Classifier, logits: &[f32; CLASS_COUNT]) -> Outputs {
    let calibration = classifier.calibration();
    let Judgement { probabilities, is_none } = judge(logits, calibration);
    let temperature = calibration.map_or(1.0, |calibration| calibration.temperature);
    Outputs { logits: *logits, temperature, probabilities, is_none }
}

/// The filters of the first layer, if it has any. Each is a map with its red, green and blue part below each other.
///
/// # Errors
/// If the device fails.
pub async fn filters(classifier: &Classifier) -> Result<Option<Maps>, ExecutionError> {
    let network = classifier.network();
    let place = network.places().next().expect("a network has layers").clone();
    let parameters = vectors(network.parameters_of(0).into_iter().map(|parameter| parameter.values)).await?;
    let nothing = vec![0.0; Shape::IMAGE.count()];
    let [count, ..] = place.output.maps();
    let mut filters = Vec::new();
    for channel in 0..count {
        let at = At { channel, row: 0, column: 0 };
        let scene = Scene { input: place.input, x: &nothing, parameters: &parameters, at, value: 0.0 };
        match place.layer.kind.explanation().explain(&scene).step {
            Some(Step::Filtered(filtered)) => filters.push(filtered),
            _ => return Ok(None),
        }
    }
    let Some(first) = filters.first() else { return Ok(None) };
    let [channels, height, width] = [first.channels, first.window.height, first.window.width].map(|len| len as usize);
    let value = |filter: usize, row: usize, column: usize| filters[filter].weights[row * width + column];
    Ok(Some(Maps::of(String::new(), [count, channels * height, width], value)))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        domain::NetworkName,
        inspect::test_help::{known_picture, shipped},
    };

    #[test]
    fn the_maps_are_what_each_layer_gives_and_the_answer_is_the_networks() {
        for network in NetworkName::ALL {
            let classifier = shipped(network);
            let picture = known_picture();
            let (maps, outputs) = pollster::block_on(layers(&classifier, &picture)).expect("the CPU does not fail");
            let facts = classifier.network().layers();
            assert_eq!(maps.len(), facts.len());
            for (maps, facts) in maps.iter().zip(&facts) {
                let sizes: Vec<u32> = [maps.channels, maps.height, maps.width][..facts.output.len()].to_vec();
                assert_eq!((&maps.name, &sizes), (&facts.name, &facts.output));
                assert!(maps.limit() > 0.0, "{}", maps.name);
            }
            let logits = pollster::block_on(classifier.logits(&[picture])).expect("the CPU does not fail")[0];
            for (class, logit) in logits.iter().enumerate() {
                assert!((outputs.logits[class] - logit).abs() < 1e-4);
                assert!((maps[maps.len() - 1].value(class, 0, 0) - logit).abs() < 1e-4, "values in a row are exact");
            }
            assert_eq!(outputs.probabilities, judge(&outputs.logits, classifier.calibration()).probabilities);
        }
    }

    #[test]
    fn the_first_filters_are_the_networks_own_weights() {
        for (network, [count, side]) in [(NetworkName::Cui2017, [18, 4]), (NetworkName::Tenfold2026, [24, 2])] {
            let classifier = shipped(network);
            let filters = pollster::block_on(filters(&classifier)).expect("the CPU does not fail").expect("filters");
            assert_eq!([filters.channels, filters.height, filters.width], [count, 3 * side, side]);
            let weights = classifier.network().parameters_of(0).remove(0);
            let values = pollster::block_on(vectors([weights.values])).expect("the CPU does not fail").remove(0);
            let side = side as usize;
            // The sixth filter's weight for green, in the second row and the last column.
            let (filter, channel, row, column) = (5, 1, 1, side - 1);
            let at = match network {
                NetworkName::Cui2017 => ((filter * 3 + channel) * side + row) * side + column,
                NetworkName::Tenfold2026 | NetworkName::Own => ((row * side + column) * 3 + channel) * 24 + filter,
            };
            let off = (filters.value(filter, channel * side + row, column) - values[at]).abs();
            assert!(off <= filters.limits[filter] / 253.9, "off by {off}");
        }
    }
}
