//! A network as a short line for addresses: `conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10`.
//!
//! Layers are joined by `-`. Each is a word, a number and letters, some with numbers of their own:
//!
//! | layer | meaning |
//! |---|---|
//! | `conv18k4` | convolution of 18 outputs, kernel 4x4; `s2` stride 2, `v` no padding, `n` no bias |
//! | `max8`, `avg8` | pool of windows 8x8; `s1` stride 1, if not the window's side, `p` with padding |
//! | `gmax`, `gavg` | pool over all pixels |
//! | `norm` | batch normalisation; `s` is a learnt scale |
//! | `act` | an activation as a layer of its own |
//! | `add3` | the input of the last 3 layers is added to their output |
//! | `drop`, `drop30` | dropout at the rate of the settings, or at 30% |
//! | `flat` | flattens maps to a row of values |
//! | `dense384` | dense layer of 384 outputs |
//! | `whiten` | the fixed whitening |
//!
//! An activation is one letter after `conv`, `norm`, `act` or `dense`: `r` ReLU, `l` leaky ReLU, `t` tanh, `g` GELU.
//! One more letter after `conv` or `dense` chooses the initial weights: `h` He's, `i` the identity, `m` small. Without
//! it they are the article's.

use super::{Kind, Spec, limits, parameter::InitialWeights, shape::Activation};
use crate::layers::{each_kind, with_layer};
use std::{fmt, str::FromStr};

/// The separator of layers.
const JOINT: char = '-';

/// The most digits of a number: more than any valid number has.
const DIGITS: usize = 6;

const ACTIVATIONS: [(char, Activation); 4] =
    [('r', Activation::Relu), ('l', Activation::LeakyRelu), ('t', Activation::Tanh), ('g', Activation::Gelu)];

const INITIALS: [(char, InitialWeights); 3] =
    [('h', InitialWeights::He), ('i', InitialWeights::Identity), ('m', InitialWeights::Small)];

/// Why a line cannot be parsed as a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The line is empty.
    #[error("the line names no layers; a dense layer alone is flat-dense10")]
    Empty,
    /// There are too many layers.
    #[error("the line names more than {} layers", limits::LAYERS)]
    TooLong,
    /// A layer cannot be parsed.
    #[error("layer {} ({token}) is not understood: {reason}", at + 1)]
    Layer {
        /// The layer's index, from 0.
        at: usize,
        /// The layer's text, truncated.
        token: String,
        /// What is wrong, and what would be correct.
        reason: String,
    },
}

impl FromStr for Spec {
    type Err = TextError;

    fn from_str(line: &str) -> Result<Self, TextError> {
        let line = line.trim();
        if line.is_empty() {
            return Err(TextError::Empty);
        }
        if line.split(JOINT).nth(limits::LAYERS).is_some() {
            return Err(TextError::TooLong);
        }
        let kinds = line.split(JOINT).enumerate().map(|(at, token)| {
            let error = |reason| TextError::Layer { at, token: token.chars().take(20).collect(), reason };
            kind(token).map_err(error)
        });
        Ok(kinds.collect::<Result<Vec<_>, _>>()?.into())
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (at, layer) in self.layers.iter().enumerate() {
            if at > 0 {
                write!(f, "{JOINT}")?;
            }
            with_layer!(&layer.kind, layer => write_token(layer, f))?;
        }
        Ok(())
    }
}

/// A kind of layer in a short line: a word, then numbers and letters.
pub trait Token: Sized {
    /// The word.
    const WORD: &'static str;

    /// Writes the numbers and letters.
    ///
    /// # Errors
    /// If `f` takes no more.
    fn write(&self, _f: &mut fmt::Formatter) -> fmt::Result {
        Ok(())
    }

    /// The layer with these numbers and letters.
    ///
    /// # Errors
    /// If one is missing or impossible; in words that say what would be correct.
    fn read(rest: &mut Rest) -> Result<Self, String>;
}

fn write_token<T: Token>(layer: &T, f: &mut fmt::Formatter) -> fmt::Result {
    f.write_str(T::WORD)?;
    layer.write(f)
}

/// Reads what follows a kind's word.
type Reader = fn(&mut Rest) -> Result<Kind, String>;

/// The word of each kind, and its reader.
const READERS: &[(&str, Reader)] = &each_kind!(Layer => (Layer::WORD, |rest| Layer::read(rest).map(Kind::from)));

/// Writes the letter of an activation, if it has one.
///
/// # Errors
/// If `f` takes no more.
pub fn write_activation(activation: Activation, f: &mut fmt::Formatter) -> fmt::Result {
    f.write_str(&letter(&ACTIVATIONS, activation))
}

/// Writes the letter of initial weights, if they have one.
///
/// # Errors
/// If `f` takes no more.
pub fn write_initial(initial: InitialWeights, f: &mut fmt::Formatter) -> fmt::Result {
    f.write_str(&letter(&INITIALS, initial))
}

/// The letter for `value`, if it has one.
fn letter<T: Copy + PartialEq>(letters: &[(char, T)], value: T) -> String {
    letters.iter().find(|(_, named)| *named == value).map(|(letter, _)| letter.to_string()).unwrap_or_default()
}

/// The layer in `token`.
fn kind(token: &str) -> Result<Kind, String> {
    let split = token.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(token.len());
    // Letters may follow the word directly: `normg`.
    let readers = READERS.iter().filter(|(word, _)| token[..split].starts_with(word));
    let Some((word, read)) = readers.max_by_key(|(word, _)| word.len()) else {
        let words: Vec<_> = READERS.iter().map(|(word, _)| *word).collect();
        return Err(format!("a layer begins with one of {}", words.join(", ")));
    };
    let mut rest = Rest { text: &token[word.len()..] };
    let kind = read(&mut rest)?;
    if rest.text.is_empty() { Ok(kind) } else { Err(format!("its end ({}) is unknown", rest.shown())) }
}

/// The part of a layer's text that is not parsed yet.
pub struct Rest<'a> {
    text: &'a str,
}

impl Rest<'_> {
    /// The number at the beginning, if there is one.
    ///
    /// # Errors
    /// If it has too many digits.
    pub fn number(&mut self) -> Result<Option<usize>, String> {
        let end = self.text.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.text.len());
        let (digits, rest) = self.text.split_at(end);
        if digits.len() > DIGITS {
            return Err("its number is larger than any layer's".into());
        }
        self.text = rest;
        Ok(digits.parse().ok())
    }

    /// The number after `letter`, if the text begins with that letter.
    ///
    /// # Errors
    /// If no number follows.
    pub fn number_after(&mut self, letter: char) -> Result<Option<usize>, String> {
        if !self.takes(letter) {
            return Ok(None);
        }
        let number = self.number()?.ok_or_else(|| format!("a number follows {letter}"))?;
        Ok(Some(number))
    }

    /// Removes `letter` from the beginning; false if the text begins with something else.
    pub fn takes(&mut self, letter: char) -> bool {
        let rest = self.text.strip_prefix(letter);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    /// The activation at the beginning, if there is one.
    pub fn activation(&mut self) -> Option<Activation> {
        self.one_of(&ACTIVATIONS)
    }

    /// The initial weights at the beginning; without a letter, the article's.
    pub fn initial(&mut self) -> InitialWeights {
        self.one_of(&INITIALS).unwrap_or_default()
    }

    /// The value of the first letter, if it is one of `letters`.
    fn one_of<T: Copy>(&mut self, letters: &[(char, T)]) -> Option<T> {
        letters.iter().find(|(letter, _)| self.takes(*letter)).map(|(_, value)| *value)
    }

    /// The text for an error sentence, truncated.
    fn shown(&self) -> String {
        self.text.chars().take(20).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{NetworkName, starts};

    fn refused(line: &str) -> String {
        line.parse::<Spec>().expect_err("no network").to_string()
    }

    #[test]
    fn the_articles_network_is_a_short_line_and_back() {
        let article = Spec::shipped(NetworkName::Cui2017);
        assert_eq!(article.to_string(), "conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10");
        assert_eq!(article.to_string().parse(), Ok(article));
        let modern = Spec::shipped(NetworkName::Tenfold2026);
        assert_eq!(modern.to_string().parse(), Ok(modern));
    }

    #[test]
    fn every_starting_point_is_the_same_after_it_was_a_line_and_needs_no_escapes_in_an_address() {
        for start in starts::all() {
            let line = start.spec.to_string();
            assert!(line.len() < 300, "{line}");
            assert!(line.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{line}");
            assert_eq!(line.parse(), Ok(start.spec));
        }
    }

    #[test]
    fn a_line_that_is_no_network_is_refused_at_its_layer() {
        assert_eq!(refused(" "), "the line names no layers; a dense layer alone is flat-dense10");
        assert_eq!(
            refused("conv18k4-pool2"),
            "layer 2 (pool2) is not understood: a layer begins with one of conv, max, avg, \
             gmax, gavg, norm, act, add, drop, flat, dense, whiten"
        );
        assert_eq!(refused("conv18"), "layer 1 (conv18) is not understood: its kernel is missing, as in conv18k4");
        assert_eq!(refused("dense10rr"), "layer 1 (dense10rr) is not understood: its end (r) is unknown");
        assert_eq!(
            refused("convNaNk3"),
            "layer 1 (convNaNk3) is not understood: its number of outputs is missing, as in \
             conv18k4"
        );
        let huge = "layer 1 (dense1000000000) is not understood: its number is larger than any layer's";
        assert_eq!(refused("dense1000000000"), huge);
        assert_eq!(refused(&["act"; 500].join("-")), "the line names more than 60 layers");
        assert_eq!(refused("drop999"), "layer 1 (drop999) is not understood: it cuts 0 to 95 of a hundred");
        assert!(refused("flat-ünïcode").starts_with("layer 2 (ünïcode)"));
    }
}
