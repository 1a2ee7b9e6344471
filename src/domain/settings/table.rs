//! The table of settings: one row for every setting of a run except its network. The form, the address, the options of
//! `pretrain` and the table in docs/scripting.md follow from it.

use super::Settings;
use crate::domain::{OptimiserChoice, decimal};
use std::fmt;

/// The name of the optimiser's row. Choosing an optimiser also sets the learning rates.
pub const OPTIMISER: &str = "optimiser";

/// A setting of a run.
pub struct Setting {
    /// Its name in the address, in the form and as an option.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What it does, as a sentence.
    pub help: &'static str,
    /// Its possible values.
    pub values: Values,
    /// A value that the form offers beside the field, and the button's label.
    pub suggestion: Option<(&'static str, &'static str)>,
    /// Whether it has an effect on the network in these settings.
    pub is_of: fn(&Settings) -> bool,
    /// Whether it can change during a run. Then it changes no shape, no state of the optimiser, no order of the images
    /// and no length.
    pub may_change: bool,
}

/// A setting's possible values, and how to read and change it in [`Settings`].
pub enum Values {
    /// Numbers in a range.
    Numbers {
        /// Which numbers.
        range: Range,
        /// The value.
        get: fn(&Settings) -> f64,
        /// The value as text, with no more digits than it needs.
        text: fn(&Settings) -> String,
        /// Sets a value, which is in the range.
        set: fn(&mut Settings, f64),
    },
    /// A few names, each with its label.
    Names {
        /// Each name and its label.
        names: &'static [(&'static str, &'static str)],
        /// The index of the value's name.
        get: fn(&Settings) -> usize,
        /// Sets the value by the index of its name.
        set: fn(&mut Settings, usize),
    },
}

/// Numbers from `least` to `most`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lowest number; if `is_above`, the bound that all numbers exceed.
    pub least: f64,
    /// The highest number.
    pub most: f64,
    /// Whether `least` itself is excluded.
    pub is_above: bool,
    /// Whether only whole numbers are possible.
    pub is_whole: bool,
}

impl Range {
    /// Whole numbers from `least` to `most`.
    const fn whole(least: u32, most: u64) -> Self {
        Self { least: least as f64, most: most as f64, is_above: false, is_whole: true }
    }

    /// All numbers from 0 to `most`.
    const fn real(most: f64) -> Self {
        Self { least: 0.0, most, is_above: false, is_whole: false }
    }

    /// All numbers above 0, to `most`.
    const fn positive(most: f64) -> Self {
        Self { is_above: true, ..Self::real(most) }
    }

    /// Whether `number` is in the range.
    pub fn contains(self, number: f64) -> bool {
        let is_high_enough = if self.is_above { number > self.least } else { number >= self.least };
        is_high_enough && number <= self.most && (!self.is_whole || number.fract() == 0.0)
    }

    /// The number of the range that is nearest to `number`, if there is a nearest one.
    fn nearest(self, number: f64) -> Option<f64> {
        let nearest = if self.is_whole { number.round() } else { number }.clamp(self.least, self.most);
        self.contains(nearest).then_some(nearest)
    }
}

/// The range as a clause: "0 to 0.95", "a whole number from 1 to 1,024".
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

/// A number as text; whole numbers from 1,000 on have commas between thousands.
fn written(number: f64) -> String {
    let text = number.to_string();
    if number.fract() != 0.0 || number < 1000.0 {
        return text;
    }
    let groups: Vec<_> = text.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Why a text is not a value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{label} must be {range}.{}", nearest.as_ref().map_or_else(String::new, |value| format!(" The nearest is {value}.")))]
pub struct Refused {
    /// The setting's label.
    pub label: &'static str,
    /// The valid range, as a clause.
    pub range: String,
    /// The nearest valid value, if there is one.
    pub nearest: Option<String>,
}

impl Setting {
    /// The setting called `name`.
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// The valid range, as a clause.
    pub fn range(&self) -> String {
        match &self.values {
            Values::Numbers { range, .. } => range.to_string(),
            Values::Names { names, .. } => names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" or "),
        }
    }

    /// The names to choose from, each with its label; empty for a number.
    pub fn choices(&self) -> &'static [(&'static str, &'static str)] {
        match self.values {
            Values::Numbers { .. } => &[],
            Values::Names { names, .. } => names,
        }
    }

    /// Its value in `settings`, as text.
    pub fn text(&self, settings: &Settings) -> String {
        match self.values {
            Values::Numbers { text, .. } => text(settings),
            Values::Names { names, get, .. } => names[get(settings)].0.into(),
        }
    }

    /// Sets it in `settings` to the value that `text` names.
    ///
    /// # Errors
    /// If `text` is not a valid value; then `settings` are unchanged.
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

    /// Whether its value in `settings` is valid.
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

/// The values of a number that [`Settings`] has as a `$kind` in the field `$field`.
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

/// The defaults of a row.
const ROW: Setting = Setting {
    name: "",
    label: "",
    help: "",
    values: Values::Names { names: &[], get: |_| 0, set: |_, _| {} },
    suggestion: None,
    is_of: |_| true,
    may_change: false,
};

/// All settings. A row follows those that it depends on: the optimiser sets the learning rates, which come after it.
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
        may_change: true,
        ..ROW
    },
    Setting {
        name: "dense-rate",
        label: "Learning rate, dense layers",
        help: "Highest learning rate of the dense layers.",
        values: numbers!(learning_rates.dense as f64, Range::positive(1.0)),
        may_change: true,
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
        may_change: true,
        ..ROW
    },
    Setting {
        name: "label-smoothing",
        label: "Label smoothing",
        help: "Share of each label that is spread over all ten classes.",
        values: numbers!(label_smoothing as f32, Range::real(0.5)),
        may_change: true,
        ..ROW
    },
    Setting {
        name: "dropout",
        label: "Dropout",
        help: "Share of activations set to 0 at random in each step.",
        values: numbers!(dropout_rate as f32, Range::real(0.95)),
        suggestion: Some(("0.7", "0.7, as in the article")),
        is_of: Settings::has_dropout,
        may_change: true,
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
        may_change: true,
        ..ROW
    },
    Setting {
        name: "shift",
        label: "Shift, pixels",
        help: "Images are moved by up to this many pixels along each axis.",
        values: numbers!(shift_pixels as u8, Range::whole(0, 8)),
        may_change: true,
        ..ROW
    },
    Setting {
        name: "cutout",
        label: "Cutout, pixels",
        help: "Side of a square that is hidden in each image.",
        values: numbers!(cutout_pixels as u8, Range::whole(0, 16)),
        may_change: true,
        ..ROW
    },
    Setting {
        name: "cutmix",
        label: "CutMix",
        help: "Share of images of which a part shows another image.",
        values: numbers!(cutmix_share as f32, Range::real(1.0)),
        may_change: true,
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
            let in_a_run = if setting.may_change { "yes" } else { "no" };
            let row = format!("| `{}` | {} | {range} | {in_a_run} |", setting.name, setting.help);
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
