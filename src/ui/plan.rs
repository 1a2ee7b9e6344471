//! The plan of the next run: its settings, as the form and the address name them.

use crate::protocol::{DeviceChoice, LearningRates, NetworkName, OptimiserChoice, Settings, Start};

pub use super::field::Field;
use super::words;

/// What the next run will be.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What decides its course.
    pub settings: Settings,
    /// Which weights it starts from.
    pub start: Start,
    /// What computes it, and everything else.
    pub device: DeviceChoice,
}

impl Default for Plan {
    /// The page's own plan of the network that it shows first.
    fn default() -> Self {
        Self { settings: NetworkName::FIRST_SHOWN.page_settings(), start: Start::Scratch, device: DeviceChoice::Auto }
    }
}

/// The page's own learning rates for `network` with `optimiser`.
fn own_rates(network: NetworkName, optimiser: OptimiserChoice) -> LearningRates {
    let own = network.page_settings();
    if own.optimiser == optimiser { own.learning_rates } else { network.learning_rates(optimiser) }
}

impl Plan {
    /// Takes up `network` with the page's own settings for it, unless the plan is of it already.
    pub fn turn_to(&mut self, network: NetworkName) {
        if self.settings.network != network {
            self.settings = network.page_settings();
        }
    }

    /// The value of `field`, as the form and the address write it.
    pub fn text(&self, field: Field) -> String {
        let settings = &self.settings;
        match field {
            Field::Network => settings.network.id().into(),
            Field::Epochs => settings.epochs.to_string(),
            Field::Batch => settings.batch_size.to_string(),
            Field::Optimiser => match settings.optimiser {
                OptimiserChoice::Adam => "adam".into(),
                OptimiserChoice::Momentum => "momentum".into(),
            },
            Field::ConvRate => settings.learning_rates.convolution.to_string(),
            Field::DenseRate => settings.learning_rates.dense.to_string(),
            Field::WarmUp => settings.warm_up_epochs.to_string(),
            Field::WeightDecay => settings.weight_decay.to_string(),
            Field::LabelSmoothing => settings.label_smoothing.to_string(),
            Field::Dropout => settings.dropout_rate.to_string(),
            Field::Flip => if settings.flip { "on" } else { "off" }.into(),
            Field::Shift => settings.shift_pixels.to_string(),
            Field::Cutout => settings.cutout_pixels.to_string(),
            Field::Cutmix => settings.cutmix_share.to_string(),
            Field::Seed => settings.seed.to_string(),
            Field::Images => settings.train_images.to_string(),
            Field::Start => match self.start {
                Start::Scratch => "scratch".into(),
                Start::Shipped => "shipped".into(),
                Start::Current => "current".into(),
            },
            Field::Device => device_name(self.device).into(),
        }
    }

    /// Gives `field` the value that `text` names; ranges are for [`Settings::check`].
    ///
    /// # Errors
    /// What the field takes, as a clause, if `text` names no value; the plan is as before.
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), String> {
        let text = text.trim();
        let settings = &mut self.settings;
        let no_choice = || {
            let names: Vec<_> = field.choices().iter().map(|&(name, _)| name).collect();
            names.join(" or ")
        };
        match field {
            Field::Network => self.turn_to(NetworkName::find(text).ok_or_else(no_choice)?),
            Field::Epochs => settings.epochs = whole(text)?,
            Field::Batch => settings.batch_size = whole(text)?,
            Field::Optimiser => {
                settings.optimiser = match text {
                    "adam" => OptimiserChoice::Adam,
                    "momentum" => OptimiserChoice::Momentum,
                    _ => return Err(no_choice()),
                };
                settings.learning_rates = own_rates(settings.network, settings.optimiser);
            }
            Field::ConvRate => settings.learning_rates.convolution = number(text)?,
            Field::DenseRate => settings.learning_rates.dense = number(text)?,
            Field::WarmUp => settings.warm_up_epochs = number(text)? as f32,
            Field::WeightDecay => settings.weight_decay = number(text)?,
            Field::LabelSmoothing => settings.label_smoothing = number(text)? as f32,
            Field::Dropout => settings.dropout_rate = number(text)? as f32,
            Field::Flip => match text {
                "on" => settings.flip = true,
                "off" => settings.flip = false,
                _ => return Err(no_choice()),
            },
            Field::Shift => settings.shift_pixels = whole(text)?,
            Field::Cutout => settings.cutout_pixels = whole(text)?,
            Field::Cutmix => settings.cutmix_share = number(text)? as f32,
            Field::Seed => settings.seed = whole(text)?,
            Field::Images => settings.train_images = whole(text)?,
            Field::Start => {
                self.start = match text {
                    "scratch" => Start::Scratch,
                    "shipped" => Start::Shipped,
                    "current" => Start::Current,
                    _ => return Err(no_choice()),
                }
            }
            Field::Device => {
                self.device = match text {
                    "auto" => DeviceChoice::Auto,
                    "webgpu" => DeviceChoice::WebGpu,
                    "cpu" => DeviceChoice::Cpu,
                    _ => return Err(no_choice()),
                }
            }
        }
        Ok(())
    }

    /// The plan that an address asks for, and a sentence about each value that no plan can have.
    pub fn from_query(query: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut plan = Self::default();
        let mut notices = Vec::new();
        for field in Field::ALL {
            let Some(text) = query(field.name()) else { continue };
            let mut next = plan.clone();
            let result = next.set(field, &text).and_then(|()| match next.settings.check() {
                Ok(()) => Ok(()),
                // Fewer images than a batch may be mended by a field that is still to come.
                Err(_) if field == Field::Batch => Ok(()),
                Err(error) => Err(error.range.into()),
            });
            match result {
                Ok(()) => plan = next,
                Err(range) => notices.push(format!(
                    "The address sets {}={}, but it must be {range}. {} is used.",
                    field.name(),
                    text.chars().take(40).collect::<String>(),
                    plan.text(field),
                )),
            }
        }
        if let Err(error) = plan.settings.check() {
            notices.push(format!("The settings in the address do not work: {error}. The default settings are used."));
            let settings = plan.settings.network.page_settings();
            plan = Self { settings, device: plan.device, ..Self::default() };
        }
        (plan, notices)
    }

    /// What an address must say to ask for this plan: whatever differs from the page's own settings.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let Settings { network, optimiser, .. } = self.settings;
        let mut own = Self { settings: network.page_settings(), ..Self::default() };
        own.settings.learning_rates = own_rates(network, optimiser);
        let is_own = |field: Field| match field {
            Field::Network => network == NetworkName::FIRST_SHOWN,
            _ => self.text(field) == own.text(field),
        };
        let differing = Field::ALL.into_iter().filter(|&field| !is_own(field));
        differing.map(|field| (field.name(), self.text(field))).collect()
    }

    /// The plan as one sentence.
    pub fn sentence(&self) -> String {
        sentence(&self.settings, self.start)
    }
}

/// What a run is, as one sentence.
pub fn sentence(settings: &Settings, start: Start) -> String {
    let start = match start {
        Start::Scratch => "from scratch",
        Start::Shipped => "from the shipped weights",
        Start::Current => "from the current weights",
    };
    format!("{}, {start}.", words::settings(settings))
}

/// A choice of device, as the address names it.
pub fn device_name(device: DeviceChoice) -> &'static str {
    match device {
        DeviceChoice::Auto => "auto",
        DeviceChoice::WebGpu => "webgpu",
        DeviceChoice::Cpu => "cpu",
    }
}

fn whole<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "a whole number".into())
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| "a number".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(address: &[(&str, &str)]) -> (Plan, Vec<String>) {
        Plan::from_query(|name| address.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into()))
    }

    fn article() -> Plan {
        Plan { settings: NetworkName::Cui2017.page_settings(), ..Plan::default() }
    }

    #[test]
    fn the_pages_own_settings_are_possible_and_leave_images_to_validate_on() {
        for network in NetworkName::ALL {
            let settings = network.page_settings();
            assert_eq!(settings.check(), Ok(()));
            assert_eq!((settings.network, settings.train_images), (network, 45_000));
        }
    }

    #[test]
    fn rates_and_decay_are_those_of_the_long_run_in_proportion_to_the_batch() {
        let (own, long) = (NetworkName::Tenfold2026.page_settings(), NetworkName::Tenfold2026.settings());
        let share = own.batch_size as f64 / long.batch_size as f64;
        assert_eq!(own.learning_rates.convolution, long.learning_rates.convolution * share);
        assert_eq!(own.learning_rates.dense, long.learning_rates.dense * share);
        assert_eq!(own.weight_decay, long.weight_decay * share);
    }

    #[test]
    fn an_address_reproduces_every_plan() {
        let mut plan = Plan::default();
        assert_eq!(plan.query(), []);
        let texts = [
            "cui2017",
            "3",
            "64",
            "momentum",
            "0.02",
            "0.001",
            "0.5",
            "0.002",
            "0.1",
            "0.7",
            "off",
            "2",
            "8",
            "0.25",
            "9007199254740991",
            "1000",
            "shipped",
            "cpu",
        ];
        assert_eq!(texts.len(), Field::ALL.len());
        for (field, text) in Field::ALL.into_iter().zip(texts) {
            plan.set(field, text).expect("a possible value");
            assert_eq!(plan.text(field), text);
        }
        let address = plan.query();
        assert_eq!(address.len(), Field::ALL.len());
        let pairs: Vec<_> = address.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(plan_of(&pairs), (plan, Vec::new()));
    }

    #[test]
    fn choosing_a_network_takes_up_the_pages_own_settings_for_it() {
        let mut plan = Plan { device: DeviceChoice::Cpu, ..Plan::default() };
        plan.set(Field::Epochs, "3").expect("a number");
        plan.set(Field::Network, "tenfold2026").expect("a network");
        assert_eq!(plan.settings.epochs, 3, "it is of that network already");
        plan.set(Field::Network, "cui2017").expect("a network");
        assert_eq!(plan, Plan { device: DeviceChoice::Cpu, ..article() });
        assert_eq!(plan.query(), [("network", "cui2017".into()), ("device", "cpu".into())]);
        assert_eq!(plan.set(Field::Network, "resnet"), Err("cui2017 or tenfold2026".into()));
    }

    #[test]
    fn choosing_an_optimiser_sets_its_learning_rates_and_an_address_need_not_repeat_them() {
        let mut plan = Plan::default();
        plan.set(Field::Optimiser, "adam").expect("a choice");
        assert_eq!(plan.settings.learning_rates, NetworkName::Tenfold2026.learning_rates(OptimiserChoice::Adam));
        assert_eq!(plan.query(), [("optimiser", "adam".into())]);
        plan.set(Field::Optimiser, "momentum").expect("a choice");
        assert_eq!(plan, Plan::default());
    }

    #[test]
    fn a_bad_value_in_the_address_falls_back_with_a_sentence() {
        let (plan, notices) =
            plan_of(&[("dropout", "1.5"), ("epochs", "3"), ("flip", "maybe"), ("network", "cui2017")]);
        assert_eq!(plan, Plan { settings: Settings { epochs: 3, ..article().settings }, ..Plan::default() });
        assert_eq!(
            notices,
            [
                "The address sets dropout=1.5, but it must be 0 to 0.95. 0.5 is used.",
                "The address sets flip=maybe, but it must be on or off. on is used."
            ]
        );
    }

    #[test]
    fn a_batch_that_no_images_fill_gives_the_pages_own_settings() {
        let (plan, notices) = plan_of(&[("batch", "1024"), ("images", "1000"), ("device", "cpu")]);
        assert_eq!(plan.settings.train_images, 45_000, "too few images are refused");
        assert_eq!(plan.settings.batch_size, 1_024);
        assert_eq!(notices.len(), 1);
        assert_eq!(plan.device, DeviceChoice::Cpu);
    }

    #[test]
    fn the_plan_reads_as_a_sentence() {
        assert_eq!(
            article().sentence(),
            "Cui 2017 by Adam, learning rates 0.005 and 0.0003, batches of 128, dropout 0.5, 20 epochs of 45,000 \
             images, from scratch."
        );
        assert_eq!(
            Plan::default().sentence(),
            "Tenfold 2026 by Nesterov momentum, learning rates 0.125 and 0.0015, batches of 125, weight decay 0.0015, \
             label smoothing 0.2, 6 epochs of 45,000 images, from scratch."
        );
    }
}
