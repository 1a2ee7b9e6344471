//! A network as data: its layers one after the other, and what follows from them before anything is computed.
//!
//! Shapes, parameters, costs and words come from the layers themselves ([`Layer`](super::layers::layer::Layer)); here they
//! are put together.

use super::{layers::Kind, parameter::ParameterSpec, shape::Shape};
use crate::protocol::{CLASS_COUNT, LayerFacts, NetworkName};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A network: which one it is, and its layers in the order in which an image passes through them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Which network it is.
    pub network: NetworkName,
    /// Its layers; the first takes normalised images, `[n, 3, 32, 32]`, the last gives logits, `[n, 10]`.
    pub layers: Vec<LayerSpec>,
}

/// One layer of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSpec {
    /// The name of the block that it belongs to; its parameters are called `block.role`, such as `conv1.weight`.
    ///
    /// Layers of one block follow each other, and a block has one parameter of each role.
    pub block: String,
    /// What it does, with its sizes.
    pub kind: Kind,
}

impl LayerSpec {
    /// The layer of this kind, in `block`.
    pub fn new(block: &str, kind: impl Into<Kind>) -> Self {
        Self { block: block.to_owned(), kind: kind.into() }
    }
}

/// Why a network cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A layer cannot take what the one before it gives.
    #[error("layer {} ({block}) cannot be: {reason}", at + 1)]
    Layer {
        /// Its place, from 0.
        at: usize,
        /// The block that it belongs to.
        block: String,
        /// What does not fit, in words.
        reason: String,
    },
    /// Two parameters have the same name.
    #[error("two parameters are called {name}; give one of their layers another name")]
    Name {
        /// The name.
        name: String,
    },
    /// The last layer does not give a value for each class.
    #[error("the last layer gives {found} values, and should give {CLASS_COUNT}, one for each class")]
    Output {
        /// What it gives.
        found: usize,
    },
}

/// A layer of a network that can be: what it takes and gives.
#[derive(Clone, Debug)]
pub struct Place {
    /// The layer.
    pub layer: LayerSpec,
    /// What it takes.
    pub input: Shape,
    /// What it gives.
    pub output: Shape,
}

impl Place {
    /// Its parameters, in a fixed order.
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        self.layer.kind.layer().parameters(self.input)
    }
}

impl Spec {
    /// The layers with what each takes and gives.
    ///
    /// # Errors
    /// If the network cannot be, in a sentence for its builder.
    pub fn places(&self) -> Result<Vec<Place>, SpecError> {
        let mut places = Vec::with_capacity(self.layers.len());
        let (mut input, mut names) = (Shape::IMAGE, Vec::new());
        for (at, layer) in self.layers.iter().enumerate() {
            let output = layer.kind.layer().output(input);
            let output = output.map_err(|reason| SpecError::Layer { at, block: layer.block.clone(), reason })?;
            let place = Place { layer: layer.clone(), input, output };
            names.extend(place.parameters().iter().map(|parameter| parameter.role.name(&layer.block)));
            places.push(place);
            input = output;
        }
        names.sort_unstable();
        if let Some([name, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(SpecError::Name { name: name.clone() });
        }
        match input {
            Shape::Values { count: CLASS_COUNT, .. } => Ok(places),
            other => Err(SpecError::Output { found: other.count() }),
        }
    }
}

/// A block that has words: which layers it is of, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its layers.
    pub layers: Range<usize>,
    /// What it does, in words: "Convolution 4×4, ReLU".
    pub name: String,
}

/// The blocks of `places`, in their order; one whose layers have no words is left out.
pub fn blocks(places: &[Place]) -> Vec<Block> {
    let mut start = 0;
    let blocks = places.chunk_by(|a, b| a.layer.block == b.layer.block).filter_map(|block| {
        let layers = start..start + block.len();
        start = layers.end;
        let words: Vec<String> = block.iter().filter_map(|place| place.layer.kind.layer().words()).collect();
        let words = words.join(", ");
        let mut letters = words.chars();
        Some(Block { layers, name: letters.next()?.to_uppercase().chain(letters).collect() })
    });
    blocks.collect()
}

/// What each block of `places` gives, holds and costs; a block whose layers have no words is left out.
pub fn facts(places: &[Place]) -> Vec<LayerFacts> {
    let facts = blocks(places).into_iter().map(|Block { layers, name }| {
        let output = places[layers.end - 1].output.sizes().into_iter().map(|len| len as u32).collect();
        let places = &places[layers];
        let parameters = places.iter().flat_map(Place::parameters).filter(ParameterSpec::is_trained);
        let multiply_adds =
            places.iter().map(|place| place.layer.kind.layer().multiply_adds(place.input, place.output));
        LayerFacts {
            name,
            output,
            parameters: parameters.map(|parameter| parameter.count() as u64).sum(),
            multiply_adds: multiply_adds.sum::<usize>() as u64,
        }
    });
    facts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Device, Network, cui2017,
        shape::{At, Order, Padding},
        tenfold2026,
    };

    fn shipped(network: NetworkName) -> Vec<LayerFacts> {
        facts(&Spec::shipped(network).places().expect("a shipped network"))
    }

    #[test]
    fn the_layers_parameters_add_up_to_the_networks() {
        for name in NetworkName::ALL {
            let network = Network::init(name, 1, &Device::flex().autodiff());
            let sum: u64 = shipped(name).iter().map(|layer| layer.parameters).sum();
            assert_eq!(sum, network.parameter_count() as u64, "{}", name.id());
            assert_eq!(network.layers(), shipped(name));
        }
    }

    #[test]
    fn the_articles_layers_are_as_the_article_counts_them() {
        let layers = shipped(NetworkName::Cui2017);
        let facts: Vec<_> = layers.iter().map(|l| (&l.output[..], l.parameters, l.multiply_adds)).collect();
        let expected: [(&[u32], u64, u64); 4] = [
            (&[18, 32, 32], 882, 884_736),
            (&[18, 32, 32], 0, 0),
            (&[384], 7_078_272, 7_077_888),
            (&[10], 3_850, 3_840),
        ];
        assert_eq!(facts, expected);
    }

    #[test]
    fn the_other_networks_maps_shrink_to_three_pixels_a_side() {
        let layers = shipped(NetworkName::Tenfold2026);
        let outputs: Vec<_> = layers.iter().map(|layer| &layer.output[..]).collect();
        let expected: [&[u32]; 9] = [
            &[24, 31, 31],
            &[128, 15, 15],
            &[128, 15, 15],
            &[256, 7, 7],
            &[256, 7, 7],
            &[288, 3, 3],
            &[288, 3, 3],
            &[288],
            &[10],
        ];
        assert_eq!(outputs, expected);
        // The third convolution, by hand: 15 x 15 places, 9 weights each from 128 channels to 256.
        assert_eq!(layers[3].multiply_adds, 15 * 15 * 9 * 128 * 256);
    }

    #[test]
    fn a_network_is_the_same_after_it_was_written_as_json_or_as_a_message() {
        for network in NetworkName::ALL {
            let spec = Spec::shipped(network);
            let json = serde_json::to_string(&spec).expect("plain data");
            assert_eq!(serde_json::from_str::<Spec>(&json).expect("just written"), spec, "{json}");
            let bytes = postcard::to_stdvec(&spec).expect("plain data");
            assert_eq!(postcard::from_bytes::<Spec>(&bytes).expect("just written"), spec);
        }
    }

    #[test]
    fn what_cannot_be_is_said_at_its_layer() {
        let article = cui2017::spec(cui2017::Widths::default());
        let without = |block: &str| {
            let layers = article.layers.iter().filter(|layer| layer.block != block).cloned().collect();
            Spec { layers, ..article.clone() }.places().expect_err("no network").to_string()
        };
        assert_eq!(
            without("flatten"),
            "layer 4 (hidden) cannot be: a dense layer takes values in a row, so that maps are flattened first"
        );
        assert_eq!(without("output"), "the last layer gives 384 values, and should give 10, one for each class");

        let mut twice = article.clone();
        twice.layers[4].block = "output".into();
        let error = twice.places().expect_err("no network").to_string();
        assert_eq!(error, "two parameters are called output.bias; give one of their layers another name");

        let error = tenfold2026::spec([16, 20, 32]).places().expect_err("no network").to_string();
        assert_eq!(error, "layer 7 (conv3) cannot be: there are no kernels yet for a convolution of this shape");
    }

    #[test]
    fn a_value_is_found_again_where_its_place_says_whatever_the_order() {
        for order in [Order::Planes, Order::Pixels] {
            let shape = Shape::Maps { channels: 3, height: 4, width: 5, order };
            assert!((0..60).all(|offset| shape.offset(shape.at(offset)) == offset), "{order:?}");
            let at = At { channel: 2, row: 1, column: 4 };
            assert_eq!(shape.at(shape.offset(at)), at);
        }
        let pixels = Shape::Maps { channels: 3, height: 4, width: 5, order: Order::Pixels };
        assert_eq!(pixels.offset(At { channel: 2, row: 1, column: 4 }), 29);
    }

    #[test]
    fn windows_begin_as_far_before_the_border_as_tensorflows_do() {
        assert_eq!([4, 8, 3].map(|window| Padding::Same.before(32, window, 1)), [1, 3, 1]);
        assert_eq!(Padding::Same.before(32, 3, 2), 0);
        assert_eq!(Padding::None.before(32, 3, 2), 0);
    }

    #[test]
    fn windows_within_the_border_leave_what_does_not_fill_one() {
        assert_eq!(Padding::Same.output_len(32, 4, 1), Ok(32));
        assert_eq!(Padding::Same.output_len(31, 4, 2), Ok(16));
        assert_eq!(Padding::None.output_len(31, 2, 2), Ok(15));
        assert_eq!(Padding::None.output_len(4, 4, 3), Ok(1));
        assert!(Padding::None.output_len(3, 4, 1).is_err());
    }
}
