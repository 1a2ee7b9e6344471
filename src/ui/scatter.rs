//! Kept runs and shipped networks as points: the accuracy against the number of parameters or the training time.

use super::state::RunsState;
use super::words;
use crate::domain::{NetworkName, RunId, Settings};
use crate::spec::Cost;

/// The model cards. Only the test accuracy is read from them, at compile time.
const CARDS: [(NetworkName, f32); 2] = [
    (NetworkName::Cui2017, test_accuracy(include_bytes!("../../assets/weights/cui2017/card.json"))),
    (NetworkName::Tenfold2026, test_accuracy(include_bytes!("../../assets/weights/tenfold2026/card.json"))),
];

/// The test accuracy in a model card, in percent.
const fn test_accuracy(card: &[u8]) -> f32 {
    const NAME: &[u8] = b"\"test_accuracy\": ";
    let mut at = 0;
    loop {
        let mut len = 0;
        while len < NAME.len() && card[at + len] == NAME[len] {
            len += 1;
        }
        if len == NAME.len() {
            break;
        }
        at += 1;
    }
    at += NAME.len();
    let (mut digits, mut scale, mut is_behind) = (0.0, 1.0, false);
    while card[at] == b'.' || card[at].is_ascii_digit() {
        if card[at] == b'.' {
            is_behind = true;
        } else {
            digits = digits * 10.0 + (card[at] - b'0') as f32;
            scale *= if is_behind { 10.0 } else { 1.0 };
        }
        at += 1;
    }
    digits / scale
}

/// The quantity of the horizontal axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Against {
    /// The number of trainable parameters.
    #[default]
    Parameters,
    /// The training time in seconds, steps only.
    Time,
}

/// One point of the plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The run; none for a shipped network.
    pub run: Option<RunId>,
    /// The name that is shown.
    pub title: String,
    /// The number of parameters, or the seconds.
    pub across: f64,
    /// The accuracy, in `0.0..=1.0`.
    pub accuracy: f64,
    /// Whether the accuracy was measured on the test images. It was measured on the validation images otherwise.
    pub is_tested: bool,
}

/// All points. The training time of the shipped networks is not known.
pub fn marks(runs: &RunsState, against: Against) -> Vec<Mark> {
    let shipped = CARDS.iter().filter(|_| against == Against::Parameters).map(|&(network, percent)| Mark {
        run: None,
        title: format!("{}, shipped", network.title()),
        across: parameters(&network.settings()),
        accuracy: f64::from(percent) / 100.0,
        is_tested: true,
    });
    let runs = runs.runs.iter().filter_map(|run| {
        let tested = run.tested.filter(|(step, _)| *step == run.facts.step).map(|(_, share)| share);
        let across = match against {
            Against::Parameters => parameters(&run.facts.settings),
            Against::Time => Some(run.trained_secs).filter(|secs| *secs > 0.0)?,
        };
        let title = run.name.clone().unwrap_or_else(|| words::network(&run.facts.settings));
        Some(Mark {
            run: Some(run.id),
            title,
            across,
            accuracy: tested.or(run.accuracy)?.into(),
            is_tested: tested.is_some(),
        })
    });
    shipped.chain(runs).collect()
}

fn parameters(settings: &Settings) -> f64 {
    settings.spec().places().map_or(0.0, |places| Cost::of(&places).parameters as f64)
}

/// The powers of ten below and above all points.
pub fn powers(marks: &[Mark]) -> (i32, i32) {
    let logs = || marks.iter().map(|mark| mark.across.max(1e-3).log10());
    let (low, high) = (logs().fold(f64::MAX, f64::min), logs().fold(f64::MIN, f64::max));
    if marks.is_empty() { (0, 1) } else { (low.floor() as i32, (high.ceil() as i32).max(low.floor() as i32 + 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_networks_are_as_their_cards_say() {
        assert_eq!(CARDS.map(|(_, percent)| percent), [72.13, 93.01]);
        let marks = marks(&RunsState::default(), Against::Parameters);
        assert_eq!(marks[0].across, 7_083_004.0);
        assert_eq!(powers(&marks), (6, 7));
        assert!(super::marks(&RunsState::default(), Against::Time).is_empty());
        assert_eq!(powers(&[]), (0, 1));
    }
}
