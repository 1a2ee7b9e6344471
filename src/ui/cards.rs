//! A network as cards: what the builder shows of each layer, and what it can change.
//!
//! A card is a layer, or a convolution with the max pool after it, which the article calls `conv2d_maxpool`.

use std::ops::Range;

use crate::domain::order::sorted;
use crate::layers::{
    Activate, Add, AveragePool, BatchNorm, Convolution, Dense, Dropout, Flatten, GlobalAveragePool, GlobalMaxPool,
    MaxPool, Whitening,
};
use crate::spec::{
    Kind, Shape, limits,
    parameter::InitialWeights,
    shape::{Activation, Padding},
};

/// Larger numbers become this one. It is larger than any valid number, and can still be parsed from an address.
const LARGEST: usize = 999_999;

/// A card: its layers and its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The indices of its layers.
    pub layers: Range<usize>,
    /// Its title, in the article's words if it has them.
    pub title: &'static str,
}

/// The cards of these layers, in their order.
pub fn cards(kinds: &[Kind]) -> Vec<Card> {
    let last_dense = kinds.iter().rposition(|kind| matches!(kind, Kind::Dense(_)));
    let mut cards = Vec::new();
    let mut at = 0;
    while at < kinds.len() {
        let (len, title) = match (&kinds[at], kinds.get(at + 1)) {
            (Kind::Convolution(_), Some(Kind::MaxPool(_))) => (2, "conv2d_maxpool"),
            (Kind::Dense(_), _) if Some(at) == last_dense => (1, "output"),
            (kind, _) => (1, title(kind)),
        };
        cards.push(Card { layers: at..at + len, title });
        at += len;
    }
    cards
}

fn title(kind: &Kind) -> &'static str {
    match kind {
        Kind::Activate(_) => "Activation",
        Kind::Add(_) => "Residual connection",
        Kind::AveragePool(_) => "Average pool",
        Kind::BatchNorm(_) => "Batch normalisation",
        Kind::Convolution(_) => "Convolution",
        Kind::Dense(_) => "fully_conn",
        Kind::Dropout(_) => "dropout",
        Kind::Flatten(_) => "flatten",
        Kind::GlobalAveragePool(_) => "Global average pool",
        Kind::GlobalMaxPool(_) => "Global max pool",
        Kind::MaxPool(_) => "Max pool",
        Kind::Whitening(_) => "Fixed whitening",
    }
}

/// A card that can be added.
pub struct Addable {
    /// Its value in `data-add`.
    pub name: &'static str,
    /// The label that the visitor sees.
    pub label: &'static str,
    /// Its layers, with default sizes.
    pub kinds: fn() -> Vec<Kind>,
}

fn convolution() -> Convolution {
    Convolution {
        outputs: 36,
        kernel: 4,
        stride: 1,
        padding: Padding::Same,
        bias: true,
        activation: Activation::Relu,
        initial: InitialWeights::Glorot,
    }
}

fn dense(outputs: usize, activation: Activation) -> Vec<Kind> {
    vec![Dense { outputs, activation, initial: InitialWeights::Glorot }.into()]
}

/// All cards that can be added.
pub static ADDABLE: [Addable; 14] = [
    Addable {
        name: "conv2d-maxpool",
        label: "conv2d_maxpool",
        kinds: || vec![convolution().into(), MaxPool::tiles(2).into()],
    },
    Addable {
        name: "convolution",
        label: "Convolution",
        kinds: || vec![Convolution { outputs: 32, kernel: 3, ..convolution() }.into()],
    },
    Addable { name: "max-pool", label: "Max pool", kinds: || vec![MaxPool::tiles(2).into()] },
    Addable {
        name: "average-pool",
        label: "Average pool",
        kinds: || vec![AveragePool { side: 2, stride: 2, padding: Padding::None }.into()],
    },
    Addable { name: "global-max", label: "Global max pool", kinds: || vec![GlobalMaxPool.into()] },
    Addable { name: "global-average", label: "Global average pool", kinds: || vec![GlobalAveragePool.into()] },
    Addable {
        name: "norm",
        label: "Batch normalisation",
        kinds: || vec![BatchNorm { activation: Activation::None, scale: false }.into()],
    },
    Addable {
        name: "activation",
        label: "Activation",
        kinds: || vec![Activate { activation: Activation::Relu }.into()],
    },
    Addable { name: "residual", label: "Residual connection", kinds: || vec![Add { layers: 2 }.into()] },
    Addable { name: "dropout", label: "dropout", kinds: || vec![Dropout::default().into()] },
    Addable { name: "flatten", label: "flatten", kinds: || vec![Flatten.into()] },
    Addable { name: "fully-conn", label: "fully_conn", kinds: || dense(128, Activation::Relu) },
    Addable { name: "output", label: "output", kinds: || dense(crate::spec::CLASS_COUNT, Activation::None) },
    Addable { name: "whitening", label: "Fixed whitening", kinds: || vec![Whitening.into()] },
];

impl Addable {
    /// Whether the card can take `input`. If the input is unknown, it can.
    pub fn fits(&self, input: Option<Shape>) -> bool {
        input.is_none_or(|input| (self.kinds)().first().is_some_and(|kind| kind.layer().output(input).is_ok()))
    }
}

/// A value of a layer that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knob {
    /// The index of the layer.
    pub layer: usize,
    /// Its value in `data-knob`.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Its value as text.
    pub text: String,
    /// Its possible values.
    pub values: Values,
}

/// The possible values of a knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Whole numbers from 1 to this one.
    Number(usize),
    /// A percentage, or an empty text for the value in the run's settings.
    Percent,
    /// A few names, each with its label.
    Choice(&'static [(&'static str, &'static str)]),
}

/// The options of a choice: a name and a label for each.
type Names = &'static [(&'static str, &'static str)];

const ACTIVATIONS: Names =
    &[("none", "None"), ("relu", "ReLU"), ("leaky", "Leaky ReLU"), ("tanh", "Tanh"), ("gelu", "GELU")];
const PADDINGS: Names = &[("same", "Zeros"), ("none", "None")];
const SWITCH: Names = &[("on", "With"), ("off", "Without")];
const INITIALS: Names = &[("glorot", "The article's"), ("he", "He's"), ("small", "Small"), ("identity", "Identity")];

/// The knobs of a card, numbers first.
pub fn knobs(kinds: &[Kind], card: &Card) -> Vec<Knob> {
    let mut knobs: Vec<Knob> = card.layers.clone().flat_map(|at| layer_knobs(&kinds[at], at)).collect();
    if let Kind::Convolution(_) = kinds[card.layers.start] {
        for knob in knobs.iter_mut().filter(|knob| knob.layer > card.layers.start) {
            knob.label = match knob.name {
                "side" => "pool kernel",
                "stride" => "pool stride",
                _ => "Pool padding",
            };
        }
        let text = if card.layers.len() > 1 { "on" } else { "off" }.into();
        let layer = card.layers.start;
        knobs.push(Knob { layer, name: POOL, label: "Max pool", text, values: Values::Choice(SWITCH) });
    }
    let is_choice = |knob: &Knob| matches!(knob.values, Values::Choice(_));
    sorted(knobs, |a, b| is_choice(a).cmp(&is_choice(b)))
}

/// The knob that adds or removes the max pool after a convolution. The pool is a layer of its own.
pub const POOL: &str = "pool";

fn layer_knobs(kind: &Kind, layer: usize) -> Vec<Knob> {
    let knob = |name, label, text: &str, values| Knob { layer, name, label, text: text.to_owned(), values };
    let number = |name, label, value: usize, most| knob(name, label, &value.to_string(), Values::Number(most));
    let activation =
        |value: Activation, names| knob("activation", "Activation", activation_name(value), Values::Choice(names));
    let padding = |value: Padding| {
        let text = if value == Padding::Same { "same" } else { "none" };
        knob("padding", "Padding", text, Values::Choice(PADDINGS))
    };
    let switch = |name, label, is_on| knob(name, label, if is_on { "on" } else { "off" }, Values::Choice(SWITCH));
    let initial =
        |value: InitialWeights, names| knob("initial", "Initial weights", initial_name(value), Values::Choice(names));
    let window = |side, stride, value| {
        let numbers =
            [number("side", "window", side, limits::WINDOW), number("stride", "stride", stride, limits::POOL_STRIDE)];
        numbers.into_iter().chain([padding(value)]).collect()
    };
    match *kind {
        Kind::Convolution(Convolution {
            outputs,
            kernel,
            stride,
            padding: border,
            bias,
            activation: act,
            initial: first,
        }) => vec![
            number("outputs", "outputs", outputs, limits::FILTERS),
            number("kernel", "kernel", kernel, limits::KERNEL),
            number("stride", "stride", stride, limits::STRIDE),
            activation(act, ACTIVATIONS),
            padding(border),
            switch("bias", "Biases", bias),
            initial(first, INITIALS),
        ],
        Kind::MaxPool(MaxPool { side, stride, padding }) => window(side, stride, padding),
        Kind::AveragePool(AveragePool { side, stride, padding }) => window(side, stride, padding),
        Kind::Dense(Dense { outputs, activation: act, initial: first }) => vec![
            number("outputs", "outputs", outputs, limits::UNITS),
            activation(act, ACTIVATIONS),
            initial(first, &INITIALS[..3]),
        ],
        Kind::BatchNorm(BatchNorm { activation: act, scale }) => {
            vec![activation(act, ACTIVATIONS), switch("scale", "Scale", scale)]
        }
        Kind::Activate(Activate { activation: act }) => vec![activation(act, &ACTIVATIONS[1..])],
        Kind::Add(Add { layers }) => vec![number("layers", "layers in the group", layers, limits::LAYERS)],
        Kind::Dropout(Dropout { percent }) => {
            let kept = percent.map_or_else(String::new, |percent| (100_i32 - i32::from(percent)).to_string());
            vec![knob("kept", "kept, %", &kept, Values::Percent)]
        }
        Kind::Flatten(_) | Kind::GlobalMaxPool(_) | Kind::GlobalAveragePool(_) | Kind::Whitening(_) => Vec::new(),
    }
}

fn activation_name(value: Activation) -> &'static str {
    let place = Activation::ALL.iter().position(|activation| *activation == value).unwrap_or(0);
    ACTIVATIONS[place].0
}

fn initial_name(value: InitialWeights) -> &'static str {
    match value {
        InitialWeights::Glorot => "glorot",
        InitialWeights::He => "he",
        InitialWeights::Small => "small",
        InitialWeights::Identity => "identity",
    }
}

/// Sets the knob `name` of a layer to the value in `text`. A text without a valid value changes nothing.
pub fn turn(kind: &mut Kind, name: &str, text: &str) {
    let text = text.trim();
    if let Some(number) = number(kind, name) {
        *number = text.parse().map_or(*number, |value: usize| value.min(LARGEST));
        return;
    }
    match (kind, name) {
        (Kind::Dropout(layer), "kept") if text.is_empty() => layer.percent = None,
        (Kind::Dropout(layer), "kept") => {
            let kept: Option<u8> = text.parse().ok().filter(|kept| *kept <= 100);
            layer.percent = kept.map_or(layer.percent, |kept| Some(100 - kept));
        }
        (
            Kind::Convolution(Convolution { bias: has, .. }) | Kind::BatchNorm(BatchNorm { scale: has, .. }),
            "bias" | "scale",
        ) => {
            *has = text == "on";
        }
        (
            Kind::Convolution(Convolution { padding, .. })
            | Kind::MaxPool(MaxPool { padding, .. })
            | Kind::AveragePool(AveragePool { padding, .. }),
            "padding",
        ) => {
            *padding = if text == "same" { Padding::Same } else { Padding::None };
        }
        (
            Kind::Convolution(Convolution { activation, .. })
            | Kind::Dense(Dense { activation, .. })
            | Kind::BatchNorm(BatchNorm { activation, .. })
            | Kind::Activate(Activate { activation }),
            "activation",
        ) => {
            let place = ACTIVATIONS.iter().position(|(name, _)| *name == text);
            *activation = place.map_or(*activation, |place| Activation::ALL[place]);
        }
        (Kind::Convolution(Convolution { initial, .. }) | Kind::Dense(Dense { initial, .. }), "initial") => {
            *initial = match text {
                "he" => InitialWeights::He,
                "small" => InitialWeights::Small,
                "identity" => InitialWeights::Identity,
                _ => InitialWeights::Glorot,
            };
        }
        _ => {}
    }
}

/// The number `name` of a layer, if it has one.
fn number<'a>(kind: &'a mut Kind, name: &str) -> Option<&'a mut usize> {
    match (kind, name) {
        (Kind::Convolution(Convolution { outputs, .. }) | Kind::Dense(Dense { outputs, .. }), "outputs") => {
            Some(outputs)
        }
        (Kind::Add(layer), "layers") => Some(&mut layer.layers),
        (Kind::Convolution(layer), "kernel") => Some(&mut layer.kernel),
        (
            Kind::Convolution(Convolution { stride, .. })
            | Kind::MaxPool(MaxPool { stride, .. })
            | Kind::AveragePool(AveragePool { stride, .. }),
            "stride",
        ) => Some(stride),
        (Kind::MaxPool(MaxPool { side, .. }) | Kind::AveragePool(AveragePool { side, .. }), "side") => Some(side),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{NetworkName, Spec, starts};

    fn kinds(line: &str) -> Vec<Kind> {
        line.parse::<Spec>().expect("layers").kinds()
    }

    #[test]
    fn the_articles_network_is_told_in_the_articles_words() {
        let kinds = Spec::shipped(NetworkName::Cui2017).kinds();
        let cards = cards(&kinds);
        let titles: Vec<_> = cards.iter().map(|card| card.title).collect();
        assert_eq!(titles, ["conv2d_maxpool", "flatten", "dropout", "fully_conn", "dropout", "output"]);
        let numbers: Vec<_> = knobs(&kinds, &cards[0])
            .into_iter()
            .filter(|knob| matches!(knob.values, Values::Number(_)))
            .map(|knob| (knob.label, knob.text))
            .collect();
        let expected =
            [("outputs", "18"), ("kernel", "4"), ("stride", "1"), ("pool kernel", "8"), ("pool stride", "1")];
        assert_eq!(numbers, expected.map(|(label, text)| (label, text.to_owned())));
    }

    #[test]
    fn every_knob_of_every_layer_gives_back_what_it_was_given() {
        let mut seen = 0;
        let all = starts::all()
            .into_iter()
            .flat_map(|start| start.spec.kinds())
            .chain(kinds("avg3s2p-actt-norml-normsr-drop30"));
        for kind in all {
            for knob in layer_knobs(&kind, 0) {
                let texts: Vec<String> = match knob.values {
                    Values::Number(most) => ["1".into(), most.to_string()].into(),
                    Values::Percent => ["70".into(), String::new(), "5".into()].into(),
                    Values::Choice(names) => names.iter().map(|(name, _)| (*name).to_owned()).collect(),
                };
                for text in texts {
                    let mut turned = kind.clone();
                    turn(&mut turned, knob.name, &text);
                    let now =
                        layer_knobs(&turned, 0).into_iter().find(|now| now.name == knob.name).expect("it is there");
                    assert_eq!(now.text, text, "{kind:?}: {}", knob.name);
                    seen += 1;
                }
            }
        }
        assert!(seen > 300, "{seen}");
    }

    #[test]
    fn what_names_no_value_changes_nothing_and_no_number_is_too_long_for_an_address() {
        let before = kinds("conv18k4r-max2-drop30");
        for text in ["", "NaN", "-1", "1e9", "4.5"] {
            let mut after = before.clone();
            turn(&mut after[0], "outputs", text);
            turn(&mut after[1], "side", text);
            assert_eq!(after, before, "{text}");
        }
        let mut huge = before.clone();
        turn(&mut huge[0], "outputs", "1000000000");
        turn(&mut huge[2], "kept", "101");
        let line = Spec::from(huge).to_string();
        assert_eq!(line, "conv999999k4r-max2-drop30");
        assert!(line.parse::<Spec>().is_ok());
    }

    #[test]
    fn what_can_be_added_fits_where_it_is_offered() {
        let maps = Some(Shape::IMAGE);
        let values = Some(Shape::Values { count: 100, plane: None });
        let names =
            |input| -> Vec<_> { ADDABLE.iter().filter(|card| card.fits(input)).map(|card| card.name).collect() };
        assert_eq!(names(values), ["norm", "activation", "residual", "dropout", "fully-conn", "output"]);
        assert!(names(maps).contains(&"conv2d-maxpool") && !names(maps).contains(&"fully-conn"));
        assert_eq!(names(None).len(), ADDABLE.len(), "nobody knows what would fit there");
    }
}
