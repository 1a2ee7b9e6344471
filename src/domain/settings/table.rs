//! Every setting of a run but its network, a row each: what the form, the address, the options of `pretrain` and the table
//! in docs/scripting.md say of it.

use super::Settings;
use crate::domain::{OptimiserChoice, decimal};
use std::fmt;

/// The name of the row whose choice sets the learning rates.
pub const OPTIMISER: &str = "optimiser";

/// A setting of a run.
pub struct Setting {
    /// Its name in the address and in the form, and as an option.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What it does, as a sentence.
    pub help: &'static str,
    /// Its values.
    pub values: Values,
    /// A value to offer beside the field, and the words on the button.
    pub suggestion: Option<(&'static str, &'static str)>,
    /// Whether it means anything to the network of these settings.
    pub is_of: fn(&Settings) -> bool,
}

/// The values of a setting, and where a run keeps them.
pub enum Values {
    /// Numbers in a range.
    Numbers {
        /// Which ones.
        range: Range,
        /// The value.
        get: fn(&Settings) -> f64,
        /// The value as it is written, with no more digits than it needs.
        text: fn(&Settings) -> String,
        /// Takes a value of the range.
        set: fn(&mut Settings, f64),
    },
    /// A few names, each with the words for it.
    Names {
        /// Which ones.
        names: &'static [(&'static str, &'static str)],
        /// The place of the value among them.
        get: fn(&Settings) -> usize,
        /// Takes the name at a place.
        set: fn(&mut Settings, usize),
    },
}

/// Numbers from `least` to `most`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lowest, or where `is_above`, what all are above.
    pub least: f64,
    /// The highest.
    pub most: f64,
    /// Whether `least` itself is left out.
    pub is_above: bool,
    /// Whether only whole numbers are meant.
    pub is_whole: bool,
}

impl Range {
    /// Whole numbers.
    const fn whole(least: u32, most: u64) -> Self {
        Self { least: least as f64, most: most as f64, is_above: false, is_whole: true }
    }

    /// All numbers.
    const fn real(most: f64) -> Self {
        Self { least: 0.0, most, is_above: false, is_whole: false }
    }

    /// All numbers that are more than 0.
    const fn positive(most: f64) -> Self {
        Self { is_above: true, ..Self::real(most) }
    }

    /// Whether `number` is one of them.
    pub fn contains(self, number: f64) -> bool {
        let is_high_enough = if self.is_above { number > self.least } else { number >= self.least };
        is_high_enough && number <= self.most && (!self.is_whole || number.fract() == 0.0)
    }

    /// The one that is nearest to `number`, if one is.
    fn nearest(self, number: f64) -> Option<f64> {
        let nearest = if self.is_whole { number.round() } else { number }.clamp(self.least, self.most);
        self.contains(nearest).then_some(nearest)
    }
}

/// As a clause: "0 to 0.95", "a whole number from 1 to 1,024".
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, most, is_above, is_whole } = *self;
        match (is_above, is_whole) {
            (true, _) => write!(f, "above {} and at most {}", written(least), written(most)),
            (false, true) => write!(f, "a whole number from {} to {}", written(least), written(most)),
            (false, false) => write!(f, "{} to {}", written(least), written(most)),
        }
    }
}

/// A number with its thousands apart, where it is a whole one.
fn written(number: f64) -> String {
    let text = number.to_string();
    if number.fract() != 0.0 || number < 1000.0 {
        return text;
    }
    let groups: Vec<_> = text.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Why a text is no value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{label} must be {range}.{}", nearest.as_ref().map_or_else(String::new, |value| format!(" The nearest is {value}.")))]
pub struct Refused {
    /// The setting, as its label says it.
    pub label: &'static str,
    /// What it must be, as a clause.
    pub range: String,
    /// The value that is nearest to what was asked for, if one is.
    pub nearest: Option<String>,
}

impl Setting {
    /// The setting called `name`.
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// What its values are, as a clause.
    pub fn range(&self) -> String {
        match &self.values {
            Values::Numbers { range, .. } => range.to_string(),
            Values::Names { names, .. } => names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" or "),
        }
    }

    /// The names among which it is chosen, each with its words; none for a number.
    pub fn choices(&self) -> &'static [(&'static str, &'static str)] {
        match self.values {
            Values::Numbers { .. } => &[],
            Values::Names { names, .. } => names,
        }
    }

    /// Its value in `settings`, as it is written.
    pub fn text(&self, settings: &Settings) -> String {
        match self.values {
            Values::Numbers { text, .. } => text(settings),
            Values::Names { names, get, .. } => names[get(settings)].0.into(),
        }
    }

    /// Gives it the value that `text` names.
    ///
    /// # Errors
    /// If that is no value of this setting; then `settings` are as before.
    pub fn set(&self, settings: &mut Settings, text: &str) -> Result<(), Refused> {
        let text = text.trim();
        let refused = |nearest| Refused { label: self.label, range: self.range(), nearest };
        match self.values {
            Values::Numbers { range, set, .. } => {
                let number = decimal(text).ok_or_else(|| refused(None))?;
                if !range.contains(number) {
                    return Err(refused(range.nearest(number).map(|nearest| nearest.to_string())));
                }
                set(settings, number);
            }
            Values::Names { names, set, .. } => {
                let place = names.iter().position(|(name, _)| *name == text).ok_or_else(|| refused(None))?;
                set(settings, place);
            }
        }
        Ok(())
    }

    /// Whether a run can have its value in `settings`.
    pub fn is_kept_by(&self, settings: &Settings) -> bool {
        match self.values {
            Values::Numbers { range, get, .. } => range.contains(get(settings)),
            Values::Names { .. } => true,
        }
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Setting {}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Numbers that a run keeps as a `$kind` in the field `$field`.
macro_rules! numbers {
    ($($field:ident).+ as $kind:ty, $range:expr) => {
        Values::Numbers {
            range: $range,
            get: |settings| settings.$($field).+ as f64,
            text: |settings| settings.$($field).+.to_string(),
            set: |settings, number| settings.$($field).+ = number as $kind,
        }
    };
}

/// What a row says where it says nothing else.
const ROW: Setting = Setting {
    name: "",
    label: "",
    help: "",
    values: Values::Names { names: &[], get: |_| 0, set: |_, _| {} },
    suggestion: None,
    is_of: |_| true,
};

/// All of them. What a choice sets comes after it: the optimiser sets the learning rates.
pub static SETTINGS: [Setting; 15] = [
    Setting {
        name: "epochs",
        label: "Epochs",
        help: "Passes over the training images.",
        values: numbers!(epochs as u32, Range::whole(1, 1000)),
        ..ROW
    },
    Setting {
        name: "batch",
        label: "Batch size",
        help: "Images in one training step.",
        values: numbers!(batch_size as usize, Range::whole(1, 1024)),
        ..ROW
    },
    Setting {
        name: OPTIMISER,
        label: "Optimiser",
        help: "How gradients change the weights. Changing it resets the learning rates.",
        values: Values::Names {
            names: &[("adam", "Adam"), ("momentum", "Nesterov momentum")],
            get: |settings| OptimiserChoice::ALL.iter().position(|choice| *choice == settings.optimiser).unwrap_or(0),
            set: |settings, place| settings.optimiser = OptimiserChoice::ALL[place],
        },
        ..ROW
    },
    Setting {
        name: "conv-rate",
        label: "Learning rate, convolutions",
        help: "Highest learning rate of the convolutions.",
        values: numbers!(learning_rates.convolution as f64, Range::positive(1.0)),
        ..ROW
    },
    Setting {
        name: "dense-rate",
        label: "Learning rate, dense layers",
        help: "Highest learning rate of the dense layers.",
        values: numbers!(learning_rates.dense as f64, Range::positive(1.0)),
        ..ROW
    },
    Setting {
        name: "warm-up",
        label: "Warm-up, epochs",
        help: "Epochs in which the learning rates rise from 0.",
        values: numbers!(warm_up_epochs as f32, Range::real(1000.0)),
        ..ROW
    },
    Setting {
        name: "weight-decay",
        label: "Weight decay",
        help: "Share of each weight that a step removes, at the highest learning rate.",
        values: numbers!(weight_decay as f64, Range::real(0.1)),
        ..ROW
    },
    Setting {
        name: "label-smoothing",
        label: "Label smoothing",
        help: "Share of each label that is spread over all ten classes.",
        values: numbers!(label_smoothing as f32, Range::real(0.5)),
        ..ROW
    },
    Setting {
        name: "dropout",
        label: "Dropout",
        help: "Share of activations set to 0 at random in each step.",
        values: numbers!(dropout_rate as f32, Range::real(0.95)),
        suggestion: Some(("0.7", "0.7, as in the article")),
        is_of: Settings::has_dropout,
    },
    Setting {
        name: "flip",
        label: "Mirroring",
        help: "Half of the images are mirrored left to right.",
        values: Values::Names {
            names: &[("on", "On"), ("off", "Off")],
            get: |settings| usize::from(!settings.flip),
            set: |settings, place| settings.flip = place == 0,
        },
        ..ROW
    },
    Setting {
        name: "shift",
        label: "Shift, pixels",
        help: "Images are moved by up to this many pixels along each axis.",
        values: numbers!(shift_pixels as u8, Range::whole(0, 8)),
        ..ROW
    },
    Setting {
        name: "cutout",
        label: "Cutout, pixels",
        help: "Side of a square that is hidden in each image.",
        values: numbers!(cutout_pixels as u8, Range::whole(0, 16)),
        ..ROW
    },
    Setting {
        name: "cutmix",
        label: "CutMix",
        help: "Share of images of which a part shows another image.",
        values: numbers!(cutmix_share as f32, Range::real(1.0)),
        ..ROW
    },
    Setting {
        name: "seed",
        label: "Seed",
        help: "Equal seeds and settings give equal runs.",
        values: numbers!(seed as u64, Range::whole(0, (1 << 53) - 1)),
        ..ROW
    },
    Setting {
        name: "images",
        label: "Training images",
        help: "Images to learn from. The others, of 50,000, validate the run.",
        values: numbers!(train_images as usize, Range::whole(1, super::ALL_IMAGES as u64)),
        ..ROW
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_setting_gives_back_what_it_was_given() {
        let mut settings = Settings::default();
        for setting in &SETTINGS {
            let texts = match &setting.values {
                Values::Numbers { range, .. } => {
                    let middle = (range.least + range.most) / 2.0;
                    [if range.is_whole { middle.floor() } else { middle }, range.most]
                        .map(|value| value.to_string())
                        .to_vec()
                }
                Values::Names { names, .. } => names.iter().map(|(name, _)| (*name).into()).collect(),
            };
            for text in texts {
                setting.set(&mut settings, &text).unwrap_or_else(|error| panic!("{error}"));
                let written = setting.text(&settings);
                let is_same = |written: f64, given: f64| (written - given).abs() <= 1e-6 * given;
                let is_kept = match (written.parse(), text.parse()) {
                    (Ok(written), Ok(given)) => is_same(written, given),
                    _ => written == text,
                };
                assert!(is_kept, "{setting:?}: {text} became {written}");
                assert!(setting.is_kept_by(&settings));
            }
        }
        let names: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len(), "each has a name of its own");
    }

    #[test]
    fn the_documentation_lists_every_setting() {
        let documentation = include_str!("../../../docs/scripting.md");
        for setting in &SETTINGS {
            let quoted: Vec<_> = setting.choices().iter().map(|(name, _)| format!("`{name}`")).collect();
            let range = if quoted.is_empty() { setting.range() } else { quoted.join(" or ") };
            let row = format!("| `{}` | {} | {range} |", setting.name, setting.help);
            assert!(documentation.lines().any(|line| line == row), "docs/scripting.md lacks {row}");
        }
    }

    #[test]
    fn the_article_s_dropout_rate_is_offered() {
        let mut settings = Settings::default();
        let dropout = Setting::find("dropout").expect("a setting");
        let (value, words) = dropout.suggestion.expect("it is offered");
        dropout.set(&mut settings, value).expect("a value");
        assert_eq!(settings.dropout_rate, Settings::ARTICLE_DROPOUT_RATE);
        assert!(words.starts_with(value));
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_nearest_one() {
        let mut settings = Settings::default();
        let before = settings.clone();
        let mut said = |name: &str, text: &str| {
            let setting = Setting::find(name).expect("a setting");
            setting.set(&mut settings, text).expect_err("out of range").to_string()
        };
        assert_eq!(
            said("images", "60000"),
            "Training images must be a whole number from 1 to 50,000. The nearest is 50000."
        );
        assert_eq!(said("dropout", "1.5"), "Dropout must be 0 to 0.95. The nearest is 0.95.");
        assert_eq!(said("epochs", "2.6"), "Epochs must be a whole number from 1 to 1,000. The nearest is 3.");
        assert_eq!(said("conv-rate", "0"), "Learning rate, convolutions must be above 0 and at most 1.");
        assert_eq!(
            said("seed", "-1"),
            "Seed must be a whole number from 0 to 9,007,199,254,740,991. The nearest is 0."
        );
        assert_eq!(said("epochs", "NaN"), "Epochs must be a whole number from 1 to 1,000.");
        assert_eq!(said("flip", "maybe"), "Mirroring must be on or off.");
        assert_eq!(settings, before);
    }
}
