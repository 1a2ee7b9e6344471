//! A network as data: a list of layers, and what can be derived from it without computing the network.
//!
//! Shapes, parameters, costs and words come from the layers themselves ([`Layer`](crate::layers::Layer)); this module combines
//! them. Nothing here needs Burn, so the page can use it.

pub mod cost;
pub mod cui2017;
pub mod limits;
pub mod name;
mod names;
pub mod parameter;
pub mod shape;
pub mod starts;
pub mod tenfold2026;
pub mod text;

pub use crate::layers::Kind;
pub use cost::{Block, Cost, LayerFacts, blocks, facts};
pub use name::NetworkName;
pub use shape::{Activation, IMAGE_SIDE, Shape};
pub use text::TextError;

use crate::layers::add;
use parameter::{ParameterSpec, Role};
use serde::{Deserialize, Serialize};

/// Number of classes of CIFAR-10, which is the number of logits.
pub const CLASS_COUNT: usize = 10;

/// A network: its name, and its layers in the order in which an image passes through them.
///
/// As JSON and in messages it is the list of its layers' [`Kind`]s. Names are derived from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Kind>", into = "Vec<Kind>")]
pub struct Spec {
    /// The network's name.
    pub network: NetworkName,
    /// Its layers. The first takes normalised images, `[n, 3, 32, 32]`; the last gives logits, `[n, 10]`.
    pub layers: Vec<LayerSpec>,
}

/// One layer of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// The block that it belongs to. Its parameters are named `block.role`, such as `conv1.weight`.
    ///
    /// The layers of a block are adjacent, and a block has at most one parameter of each role.
    pub block: String,
    /// The kind of layer, with its sizes.
    pub kind: Kind,
}

impl LayerSpec {
    /// The layer of this kind, in `block`.
    pub fn new(block: &str, kind: impl Into<Kind>) -> Self {
        Self { block: block.to_owned(), kind: kind.into() }
    }
}

/// Why a network is impossible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A layer cannot take the output of the layer before it, or its sizes are impossible.
    #[error("layer {} ({block}): {reason}", at + 1)]
    Layer {
        /// The layer's index, from 0.
        at: usize,
        /// The layer's block.
        block: String,
        /// What does not fit, and what would work.
        reason: String,
    },
    /// Two parameters have the same name.
    #[error("two parameters are called {name}; give one of their layers another name")]
    Name {
        /// The name.
        name: String,
    },
    /// The last layer does not give one value for each class.
    #[error("the last layer gives {found} values, and should give {CLASS_COUNT}, one for each class")]
    Output {
        /// Number of values that it gives.
        found: usize,
    },
    /// The last layer gives maps, not values.
    #[error("the last layer gives maps; end with a dense layer of {CLASS_COUNT} values, one for each class")]
    OutputOfMaps,
    /// There are too many layers.
    #[error("the network has {found} layers; it can have {} at most", limits::LAYERS)]
    TooManyLayers {
        /// Their number.
        found: usize,
    },
    /// There are too many parameters.
    #[error(
        "the network has {found} parameters, most of them in layer {} ({block}); it can have {} at most: give that \
         layer fewer outputs, or shrink what it takes with a pool or a stride", at + 1, limits::PARAMETERS
    )]
    TooManyParameters {
        /// Their number.
        found: u64,
        /// The index of the layer with the most parameters, from 0.
        at: usize,
        /// The layer's block.
        block: String,
    },
    /// Training takes too much memory.
    #[error(
        "training on {batch_size} images at a time takes about {megabytes} MB, and {} at most are possible: {advice}",
        limits::TRAINING_MEGABYTES
    )]
    TooMuchMemory {
        /// Images in a step.
        batch_size: usize,
        /// The memory that they take.
        megabytes: u64,
        /// What would work.
        advice: String,
    },
}

impl SpecError {
    /// The index of the layer that is at fault, from 0, if there is one.
    pub fn at(&self) -> Option<usize> {
        match self {
            Self::Layer { at, .. } | Self::TooManyParameters { at, .. } => Some(*at),
            _ => None,
        }
    }
}

/// A layer with the shapes of its input and output.
#[derive(Clone, Debug)]
pub struct Place {
    /// The layer.
    pub layer: LayerSpec,
    /// The shape of its input.
    pub input: Shape,
    /// The shape of its output.
    pub output: Shape,
}

impl Place {
    /// Its parameters, in a fixed order.
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        self.layer.kind.layer().parameters(self.input)
    }

    /// Whether it has a parameter with this role.
    pub fn has(&self, role: Role) -> bool {
        self.parameters().iter().any(|parameter| parameter.role == role)
    }

    /// Number of its trainable parameters.
    pub fn parameter_count(&self) -> u64 {
        self.parameters()
            .iter()
            .filter(|parameter| parameter.is_trained())
            .map(|parameter| parameter.count() as u64)
            .sum()
    }

    /// Multiply-adds for one image.
    pub fn multiply_adds(&self) -> u64 {
        self.layer.kind.layer().multiply_adds(self.input, self.output)
    }
}

impl From<Vec<Kind>> for Spec {
    /// The network of these layers, with names derived from them. A shipped network is recognised.
    fn from(kinds: Vec<Kind>) -> Self {
        if kinds.len() > limits::LAYERS {
            // `outline` refuses that many layers, so they need no names.
            let layers = kinds.into_iter().map(|kind| LayerSpec::new("", kind)).collect();
            return Self { network: NetworkName::Own, layers };
        }
        let layers = names::named(kinds);
        let shipped = NetworkName::ALL.into_iter().map(Self::shipped).find(|shipped| shipped.layers == layers);
        shipped.unwrap_or(Self { network: NetworkName::Own, layers })
    }
}

impl From<Spec> for Vec<Kind> {
    fn from(spec: Spec) -> Self {
        spec.kinds()
    }
}

impl Spec {
    /// The shipped network of this name. [`NetworkName::Own`] stands for a dense layer with softmax.
    pub fn shipped(network: NetworkName) -> Self {
        match network {
            NetworkName::Cui2017 => cui2017::spec(cui2017::Widths::default()),
            NetworkName::Tenfold2026 => tenfold2026::spec(tenfold2026::WIDTHS),
            NetworkName::Own => starts::softmax(),
        }
    }

    /// The network of this name with the widths in a file. `shape_of` gives the shape of each weight by name. Only
    /// `tenfold2026` can have other widths than the shipped ones.
    pub fn of_file(network: NetworkName, shape_of: impl Fn(&str) -> Option<Vec<usize>>) -> Self {
        match network {
            NetworkName::Cui2017 | NetworkName::Own => Self::shipped(network),
            NetworkName::Tenfold2026 => tenfold2026::spec_of(shape_of),
        }
    }

    /// The kinds of its layers, in their order.
    pub fn kinds(&self) -> Vec<Kind> {
        self.layers.iter().map(|layer| layer.kind.clone()).collect()
    }

    /// The layers with the shapes of their inputs and outputs.
    ///
    /// # Errors
    /// If the network is impossible, as a sentence for its builder.
    pub fn places(&self) -> Result<Vec<Place>, SpecError> {
        let (places, error) = self.outline();
        error.map_or(Ok(places), Err)
    }

    /// The layers with the shapes of their inputs and outputs, up to the first impossible one; and the error, if the
    /// network is impossible.
    pub fn outline(&self) -> (Vec<Place>, Option<SpecError>) {
        if self.layers.len() > limits::LAYERS {
            return (Vec::new(), Some(SpecError::TooManyLayers { found: self.layers.len() }));
        }
        let mut places = Vec::with_capacity(self.layers.len());
        let (mut input, mut names) = (Shape::IMAGE, Vec::new());
        for (at, layer) in self.layers.iter().enumerate() {
            let joined = match layer.kind.layer().reaches_back() {
                None => Ok(()),
                Some(back) => match at.checked_sub(back).filter(|_| back > 0) {
                    Some(first) => add::check(places.get(first).map_or(input, |place: &Place| place.input), input),
                    None if at == 0 => Err("put a residual connection behind the layers that it goes around".into()),
                    None => Err(format!("a residual connection goes around 1 to {at} layers before it, not {back}")),
                },
            };
            let can_follow = joined.and_then(|()| layer.kind.layer().can_follow(&places));
            let output = match can_follow.and_then(|()| layer.kind.layer().output(input)) {
                Ok(output) => output,
                Err(reason) => return (places, Some(SpecError::Layer { at, block: layer.block.clone(), reason })),
            };
            let place = Place { layer: layer.clone(), input, output };
            names.extend(place.parameters().iter().map(|parameter| parameter.role.name(&layer.block)));
            places.push(place);
            input = output;
        }
        let is_twice = |(at, name): &(usize, &String)| names[..*at].contains(name);
        let twice = names.iter().enumerate().filter(is_twice).map(|(_, name)| name).min();
        let twice = twice.map(|name| SpecError::Name { name: name.clone() });
        let error = twice.or_else(|| limits::too_many_parameters(&places)).or(match input {
            Shape::Values { count: CLASS_COUNT, .. } => None,
            Shape::Values { count, .. } => Some(SpecError::Output { found: count }),
            Shape::Maps { .. } => Some(SpecError::OutputOfMaps),
        });
        (places, error)
    }

    /// Checks that it can be trained with `batch_size` images in a batch.
    ///
    /// # Errors
    /// If it is impossible, or takes too much memory, as a sentence for its builder.
    pub fn check(&self, batch_size: usize) -> Result<(), SpecError> {
        limits::too_much_memory(&self.places()?, batch_size).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shape::{At, Order, Padding};

    fn shipped(network: NetworkName) -> Vec<LayerFacts> {
        facts(&Spec::shipped(network).places().expect("a shipped network"))
    }

    /// Why the network of this line cannot be trained with `batch_size` images in a batch.
    fn refused(line: &str, batch_size: usize) -> String {
        line.parse::<Spec>().expect("layers").check(batch_size).expect_err("no network").to_string()
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
        for start in starts::all() {
            let json = serde_json::to_string(&start.spec).expect("plain data");
            assert_eq!(serde_json::from_str::<Spec>(&json).expect("just written"), start.spec, "{json}");
            let bytes = postcard::to_stdvec(&start.spec).expect("plain data");
            assert_eq!(postcard::from_bytes::<Spec>(&bytes).expect("just written"), start.spec);
        }
    }

    #[test]
    fn json_may_leave_out_what_is_usual_and_a_misspelt_size_is_named() {
        let json = r#"[{"convolution": {"outputs": 8, "kernel": 3}}, {"global_average_pool": null}]"#;
        let spec: Spec = serde_json::from_str(json).expect("a list of layers");
        assert_eq!(spec.to_string(), "conv8k3-gavg");
        let error = serde_json::from_str::<Spec>(&json.replace("kernel", "kernal")).expect_err("no such size");
        assert!(error.to_string().contains("kernal"), "{error}");
    }

    #[test]
    fn what_cannot_be_is_said_at_its_layer() {
        let without_flatten = "layer 4 (hidden): a dense layer takes values in a row; flatten the maps first";
        assert_eq!(refused("conv18k4r-max8s1p-drop-dense384r-drop-dense10", 128), without_flatten);
        let no_output = "the last layer gives 384 values, and should give 10, one for each class";
        assert_eq!(refused("flat-dense384", 128), no_output);
        let maps = "the last layer gives maps; end with a dense layer of 10 values, one for each class";
        assert_eq!(refused("conv10k3", 128), maps);
        let late = "layer 2 (conv): a convolution takes maps, not values in a row; put it before they are flattened";
        assert_eq!(refused("flat-conv8k3-dense10", 128), late);
        let flat = "layer 2 (norm): a batch normalisation takes maps, or what a dense layer or a pool over all pixels \
                    gives; put it before the maps are flattened";
        assert_eq!(refused("flat-norms-dense10", 128), flat);
        assert_eq!("flat-dense8-drop-normsr-dense10".parse::<Spec>().expect("layers").check(128), Ok(()));
        let small = "layer 3 (conv2): a window of 11 pixels does not fit into 8: take a smaller one, or pad with zeros";
        assert_eq!(refused("conv8k3-max4-conv8k11v-flat-dense10", 128), small);

        let sizes = "layer 3 (add): 3×32×32 enters the group and 8×16×16 leaves it, and only equal sizes can be added: \
                     keep strides at 1 and pad with zeros in the group, and let it end with 3 outputs";
        assert_eq!(refused("conv8k3-max2-add2-flat-dense10", 128), sizes);
        let far = "layer 2 (add): a residual connection goes around 1 to 1 layers before it, not 2";
        assert_eq!(refused("conv8k3-add2-flat-dense10", 128), far);
        assert!(refused("add0-flat-dense10", 128).contains("behind the layers that it goes around"));

        let mut twice = cui2017::spec(cui2017::Widths::default());
        twice.layers[4].block = "output".into();
        let error = twice.places().expect_err("no network").to_string();
        assert_eq!(error, "two parameters are called output.bias; give one of their layers another name");
    }

    #[test]
    fn hostile_sizes_are_refused_before_anything_is_multiplied_with_them() {
        let outputs = "layer 1 (conv): the number of outputs must be 1 to 1024, not 999999";
        assert_eq!(refused("conv999999k3-flat-dense10", 128), outputs);
        assert_eq!(refused("conv8k12-flat-dense10", 128), "layer 1 (conv): the kernel's side must be 1 to 11, not 12");
        assert_eq!(refused("conv8k3s0-flat-dense10", 128), "layer 1 (conv): the stride must be 1 to 4, not 0");
        assert_eq!(refused("max0-flat-dense10", 128), "layer 1 (pool): the window's side must be 1 to 32, not 0");
        assert!(refused("flat-drop96-dense10", 128).ends_with("dropout cuts 0 to 95 of a hundred values, not 96"));
        let parameters = "the network has 134263690 parameters, most of them in layer 3 (hidden); it can have 33554432 at most: \
            give that layer fewer outputs, or shrink what it takes with a pool or a stride";
        assert_eq!(refused("conv32k3-flat-dense4096-dense10", 128), parameters);
        let memory = "training on 1024 images at a time takes about 1144 MB, and 512 at most are possible: take 457 images at a \
            time, or smaller maps";
        assert_eq!(refused("conv64k3r-max2-flat-dense10", 1024), memory);

        let json = format!("[{}]", vec![r#"{"flatten": null}"#; 500].join(","));
        let error = serde_json::from_str::<Spec>(&json).expect("a list of layers").places().expect_err("too many");
        assert_eq!(error.to_string(), "the network has 500 layers; it can have 60 at most");
        let json = r#"[{"dense": {"outputs": 18446744073709551615}}]"#;
        assert!(serde_json::from_str::<Spec>(json).expect("a list of layers").places().is_err());
    }

    #[test]
    fn windows_within_the_border_leave_what_does_not_fill_one() {
        assert_eq!(Padding::Same.output_len(32, 4, 1), Ok(32));
        assert_eq!(Padding::Same.output_len(31, 4, 2), Ok(16));
        assert_eq!(Padding::None.output_len(31, 2, 2), Ok(15));
        assert_eq!(Padding::None.output_len(4, 4, 3), Ok(1));
        assert!(Padding::None.output_len(3, 4, 1).is_err());
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
    fn padding_lies_as_much_before_as_behind_and_an_odd_pixel_behind() {
        assert_eq!(Padding::Same.before(32, 4, 1), 1);
        assert_eq!(Padding::Same.before(32, 5, 1), 2);
        assert_eq!(Padding::Same.before(32, 3, 2), 0);
        assert_eq!(Padding::Same.before(31, 3, 2), 1);
        assert_eq!(Padding::Same.before(32, 2, 4), 0);
        assert_eq!(Padding::None.before(32, 4, 1), 0);
    }
}
