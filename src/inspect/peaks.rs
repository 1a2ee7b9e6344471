//! Finds the images that excite each map of a network most.

use super::{Features, unit, values};
use crate::{
    data::Seen,
    domain::arithmetic::Window,
    infer::{Classifier, ExecutionError},
    model::activations::Activations,
    protocol::inspect::PATCHES,
    spec::{LayerSpec, Place, blocks, shape::At},
};

/// The place where a map is highest in an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The image's number.
    pub image: u32,
    /// The map's highest value.
    pub value: f32,
    /// The first place with that value.
    at: At,
}

/// For each map of each layer, the images that excite it most, of those that have passed through one network.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    /// By block of layers, then by map: the peaks, the highest first.
    blocks: Vec<Vec<Vec<Peak>>>,
}

impl Peaks {
    /// The images that excite this map most, each once, the most exciting first. Of equal ones the first comes first.
    pub fn of(&self, layer: usize, channel: usize) -> &[Peak] {
        self.blocks.get(layer).and_then(|maps| maps.get(channel)).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, block: usize, channel: usize, peak: Peak) {
        if self.blocks.len() <= block {
            self.blocks.resize_with(block + 1, Vec::new);
        }
        let maps = &mut self.blocks[block];
        if maps.len() <= channel {
            maps.resize_with(channel + 1, Vec::new);
        }
        let peaks = &mut maps[channel];
        let place = peaks.partition_point(|other| other.value >= peak.value);
        if place < PATCHES {
            peaks.insert(place, peak);
            peaks.truncate(PATCHES);
        }
    }
}

impl Peak {
    /// The part of the image on which this peak of a map of `layer` depends.
    pub fn window(&self, classifier: &Classifier, layer: usize) -> Window {
        let places: Vec<Place> = classifier.network().places().cloned().collect();
        let end = blocks(&places).get(layer).map_or(0, |block| block.layers.end);
        unit::field(&places[..end], self.at)
    }
}

/// The features of `pictures`. Their peaks are added to `peaks`, where the pictures are numbered from `first` on.
///
/// # Errors
/// If the device fails.
pub async fn passed(
    classifier: &Classifier,
    pictures: &[Seen],
    first: usize,
    peaks: &mut Peaks,
) -> Result<Features, ExecutionError> {
    let places: Vec<Place> = classifier.network().places().cloned().collect();
    let blocks = blocks(&places);
    let last = places.len() - 1;
    let (mut at, mut features, mut given) = (0, None, Vec::new());
    let mut listener = |_: &LayerSpec, x: &Activations| {
        at += 1;
        if at == last {
            features = Some(x.clone());
        }
        if blocks.iter().any(|block| block.layers.end == at) {
            given.push(x.clone());
        }
    };
    classifier.listen(classifier.images(pictures), &mut listener);
    given.extend(features);
    let mut given = values(given).await?;
    let features = given.pop().unwrap_or_default();
    for (at, (block, x)) in blocks.iter().zip(&given).enumerate() {
        let shape = places[block.layers.end - 1].output;
        for (index, x) in x.chunks_exact(shape.count()).enumerate() {
            let mut highest = vec![(f32::NEG_INFINITY, 0); shape.maps()[0]];
            for (offset, &value) in x.iter().enumerate() {
                let highest = &mut highest[shape.at(offset).channel];
                if value > highest.0 {
                    *highest = (value, offset);
                }
            }
            for (channel, (value, offset)) in highest.into_iter().enumerate() {
                peaks.add(at, channel, Peak { image: (first + index) as u32, value, at: shape.at(offset) });
            }
        }
    }
    Ok(Features { len: features.len() / pictures.len().max(1), values: features })
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        domain::NetworkName,
        inspect::{
            features, layers,
            test_help::{known_picture, shipped},
        },
    };

    /// Twelve pictures: the scene shifted by some bytes, so that its colours change too.
    fn pictures() -> Vec<Seen> {
        let picture = known_picture();
        (0..12).map(|at| std::array::from_fn(|byte| picture[(byte + 97 * at) % picture.len()])).collect()
    }

    #[test]
    fn the_images_that_excite_a_map_most_are_those_that_a_plain_search_finds() {
        for network in NetworkName::ALL {
            let classifier = shipped(network);
            let pictures = pictures();
            let mut peaks = Peaks::default();
            let wait = |range: std::ops::Range<usize>, peaks: &mut Peaks| {
                let first = range.start;
                pollster::block_on(passed(&classifier, &pictures[range], first, peaks)).expect("the CPU does not fail")
            };
            let mut passed = wait(0..5, &mut peaks);
            passed.append(wait(5..12, &mut peaks));
            let alone = pollster::block_on(features(&classifier, &pictures)).expect("the CPU does not fail");
            assert_eq!(passed.len, alone.len);
            assert!(passed.values.iter().zip(&alone.values).all(|(a, b)| (a - b).abs() < 1e-3));

            let shown: Vec<_> = pictures
                .iter()
                .map(|picture| pollster::block_on(layers(&classifier, picture)).expect("the CPU does not fail").0)
                .collect();
            let maps_of = |image: usize, layer: usize| &shown[image][layer];
            for layer in 0..classifier.network().layers().len() {
                for channel in [0, maps_of(0, layer).channels as usize - 1] {
                    let highest = |image: usize| {
                        let maps = maps_of(image, layer);
                        (0..maps.area())
                            .map(|at| maps.value(channel, at / maps.width as usize, at % maps.width as usize))
                            .fold(f32::NEG_INFINITY, f32::max)
                    };
                    let found = peaks.of(layer, channel);
                    assert_eq!(found.len(), PATCHES);
                    let mut want: Vec<f32> = (0..12).map(highest).collect();
                    want.sort_by(|a, b| b.total_cmp(a));
                    for (peak, want) in found.iter().zip(want) {
                        // The maps for the page have 8 bits per value.
                        let maps = maps_of(peak.image as usize, layer);
                        let step = maps.limits[channel] / 253.0 + 1e-3;
                        assert!(
                            (peak.value - highest(peak.image as usize)).abs() <= step,
                            "{network:?} {layer} {channel}"
                        );
                        assert!((peak.value - want).abs() <= 2.0 * step, "{network:?} {layer} {channel}");
                        assert!(peak.window(&classifier, layer).within([32, 32]) == peak.window(&classifier, layer));
                    }
                    assert!(found.is_sorted_by(|a, b| a.value >= b.value));
                }
            }
            assert_eq!(peaks.of(99, 0), []);
            // A unit of the first layer of the modern network sees 2x2 pixels.
            if network == NetworkName::Tenfold2026 {
                let window = peaks.of(0, 3)[0].window(&classifier, 0);
                assert_eq!((window.height, window.width), (2, 2));
            }
        }
    }
}
