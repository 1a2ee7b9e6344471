//! A network as cards: what the builder shows of each layer, and what it can change.
//!
//! A card shows one layer. Only a convolution and the max pool after it share a card, which the article calls
//! `conv2d_maxpool`.

use std::ops::Range;

use crate::domain::order::sorted;
use crate::layers::{each_kind, with_layer};
use crate::spec::{
    Kind, Shape,
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
    fn of<K: OnCard>(_: &K) -> &'static str {
        K::TITLE
    }
    with_layer!(kind, layer => of(layer))
}

/// The name of a layer in a drawing; none if it is not drawn.
pub fn drawn(kind: &Kind) -> Option<String> {
    with_layer!(kind, layer => layer.drawn())
}

/// A kind of layer on cards.
pub trait OnCard {
    /// Its title, in the article's words if it has them.
    const TITLE: &'static str;

    /// The cards that can be added and whose first layer is of this kind.
    const ADDABLE: &'static [Addable];

    /// Its name in a drawing; none if it is not drawn.
    fn drawn(&self) -> Option<String> {
        None
    }

    /// Its properties that can be changed.
    fn properties(&mut self) -> Vec<Editable<'_>> {
        Vec::new()
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

/// All cards that can be added.
pub fn addable() -> impl Iterator<Item = &'static Addable> {
    const ALL: &[&[Addable]] = &each_kind!(Layer => Layer::ADDABLE);
    ALL.iter().copied().flatten()
}

impl Addable {
    /// Whether the card can take `input`. If the input is unknown, it can.
    pub fn fits(&self, input: Option<Shape>) -> bool {
        input.is_none_or(|input| (self.kinds)().first().is_some_and(|kind| kind.layer().output(input).is_ok()))
    }
}

/// A property of a layer as its card shows it.
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

/// The possible values of a property.
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
pub type Names = &'static [(&'static str, &'static str)];

const ACTIVATIONS: Names =
    &[("none", "None"), ("relu", "ReLU"), ("leaky", "Leaky ReLU"), ("tanh", "Tanh"), ("gelu", "GELU")];
const PADDINGS: Names = &[("same", "Zeros"), ("none", "None")];
const SWITCH: Names = &[("on", "With"), ("off", "Without")];
/// The options of initial weights; the last one is for filters only.
pub const INITIALS: Names =
    &[("glorot", "The article's"), ("he", "He's"), ("small", "Small"), ("identity", "Identity")];

/// The properties of a card's layers that can be changed, numbers first.
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

/// The name of the property that adds or removes the max pool after a convolution. The pool is a layer of its own.
pub const POOL: &str = "pool";

/// A property of a layer, borrowed from the layer to be read or changed.
pub struct Editable<'a> {
    name: &'static str,
    label: &'static str,
    value: Value<'a>,
}

/// The value of a property.
enum Value<'a> {
    /// A number, and the largest possible one.
    Number(&'a mut usize, usize),
    /// A dropout rate in percent. Visitors see the share that is kept.
    Dropped(&'a mut Option<u8>),
    Activation(&'a mut Activation, Names),
    Padding(&'a mut Padding),
    Switch(&'a mut bool),
    Initial(&'a mut InitialWeights, Names),
}

/// The values of the options [`PADDINGS`], in their order.
const ALL_PADDINGS: [Padding; 2] = [Padding::Same, Padding::None];

/// The values of the options [`SWITCH`], in their order.
const ALL_SWITCHES: [bool; 2] = [true, false];

/// The values of the options [`INITIALS`], in their order.
const ALL_INITIALS: [InitialWeights; 4] =
    [InitialWeights::Glorot, InitialWeights::He, InitialWeights::Small, InitialWeights::Identity];

impl<'a> Editable<'a> {
    /// A number from 1 to `most`.
    pub fn number(name: &'static str, label: &'static str, value: &'a mut usize, most: usize) -> Self {
        Self { name, label, value: Value::Number(value, most) }
    }

    /// A dropout rate in percent, which the card shows as the share that is kept.
    pub fn kept(percent: &'a mut Option<u8>) -> Self {
        Self { name: "kept", label: "kept, %", value: Value::Dropped(percent) }
    }

    /// An activation, or none.
    pub fn activation(value: &'a mut Activation) -> Self {
        Self { name: "activation", label: "Activation", value: Value::Activation(value, ACTIVATIONS) }
    }

    /// An activation; none is not an option.
    pub fn some_activation(value: &'a mut Activation) -> Self {
        Self { name: "activation", label: "Activation", value: Value::Activation(value, &ACTIVATIONS[1..]) }
    }

    /// The padding of windows.
    pub fn padding(value: &'a mut Padding) -> Self {
        Self { name: "padding", label: "Padding", value: Value::Padding(value) }
    }

    /// Something that the layer has or has not.
    pub fn switch(name: &'static str, label: &'static str, value: &'a mut bool) -> Self {
        Self { name, label, value: Value::Switch(value) }
    }

    /// Initial weights; `names` are the options among [`INITIALS`].
    pub fn initial(value: &'a mut InitialWeights, names: Names) -> Self {
        Self { name: "initial", label: "Initial weights", value: Value::Initial(value, names) }
    }

    fn text(&self) -> String {
        match &self.value {
            Value::Number(value, _) => value.to_string(),
            Value::Dropped(None) => String::new(),
            Value::Dropped(Some(percent)) => (100_i32 - i32::from(*percent)).to_string(),
            Value::Activation(value, _) => name_of(**value, &Activation::ALL, ACTIVATIONS),
            Value::Padding(value) => name_of(**value, &ALL_PADDINGS, PADDINGS),
            Value::Switch(value) => name_of(**value, &ALL_SWITCHES, SWITCH),
            Value::Initial(value, _) => name_of(**value, &ALL_INITIALS, INITIALS),
        }
    }

    fn values(&self) -> Values {
        match self.value {
            Value::Number(_, most) => Values::Number(most),
            Value::Dropped(_) => Values::Percent,
            Value::Activation(_, names) | Value::Initial(_, names) => Values::Choice(names),
            Value::Padding(_) => Values::Choice(PADDINGS),
            Value::Switch(_) => Values::Choice(SWITCH),
        }
    }

    fn set(self, text: &str) {
        match self.value {
            Value::Number(value, _) => *value = text.parse().map_or(*value, |value: usize| value.min(LARGEST)),
            Value::Dropped(percent) if text.is_empty() => *percent = None,
            Value::Dropped(percent) => {
                let kept: Option<u8> = text.parse().ok().filter(|kept| *kept <= 100);
                *percent = kept.map_or(*percent, |kept| Some(100 - kept));
            }
            Value::Activation(value, _) => choose(value, &Activation::ALL, ACTIVATIONS, text),
            Value::Padding(value) => choose(value, &ALL_PADDINGS, PADDINGS, text),
            Value::Switch(value) => choose(value, &ALL_SWITCHES, SWITCH, text),
            Value::Initial(value, _) => choose(value, &ALL_INITIALS, INITIALS, text),
        }
    }
}

/// The name of `value`, one of `all`.
fn name_of<T: PartialEq>(value: T, all: &[T], names: Names) -> String {
    let at = all.iter().position(|other| *other == value).unwrap_or(0);
    names[at].0.to_owned()
}

/// Sets `value` to the one of `all` with this name, if there is one.
fn choose<T: Copy>(value: &mut T, all: &[T], names: Names, name: &str) {
    let at = names.iter().position(|(other, _)| *other == name);
    *value = at.map_or(*value, |at| all[at]);
}

fn properties(kind: &mut Kind) -> Vec<Editable<'_>> {
    with_layer!(kind, layer => layer.properties())
}

fn layer_knobs(kind: &Kind, layer: usize) -> Vec<Knob> {
    // Properties are borrowed to be changed. To read them, a copy will do.
    let mut kind = kind.clone();
    let knob = |property: &Editable| {
        let (text, values) = (property.text(), property.values());
        Knob { layer, name: property.name, label: property.label, text, values }
    };
    properties(&mut kind).iter().map(knob).collect()
}

/// Sets the property `name` of a layer to the value in `text`. A text without a valid value changes nothing.
pub fn turn(kind: &mut Kind, name: &str, text: &str) {
    if let Some(property) = properties(kind).into_iter().find(|property| property.name == name) {
        property.set(text.trim());
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
        let names = |input| -> Vec<_> { addable().filter(|card| card.fits(input)).map(|card| card.name).collect() };
        assert_eq!(names(values), ["norm", "activation", "residual", "dropout", "fully-conn", "output"]);
        assert!(names(maps).contains(&"conv2d-maxpool") && !names(maps).contains(&"fully-conn"));
        assert_eq!(names(None).len(), addable().count(), "nobody knows what would fit there");
    }
}
