//! The plan of the next run: its settings under the names that the form and the address use.

use crate::domain::settings::table::{OPTIMISER, Refused};
use crate::domain::{
    DeviceChoice, LearningRates, NetworkName, OptimiserChoice, Settings, SettingsError, Spec, StartingWeights,
};

pub use super::field::Field;
use super::words;

/// The address's parameter for the layers of a visitor's own network, as one short line.
pub const LAYERS: &str = "layers";

/// The address's parameter for what changes during the run.
pub const CHANGES: &str = "changes";

/// The plan of the next run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The settings that determine the run.
    pub settings: Settings,
    /// The weights that it starts from.
    pub start: StartingWeights,
    /// The device that computes it and everything else.
    pub device: DeviceChoice,
}

impl Default for Plan {
    /// The default plan, for the network that the page shows first.
    fn default() -> Self {
        Self {
            settings: NetworkName::FIRST_SHOWN.page_settings(),
            start: StartingWeights::Scratch,
            device: DeviceChoice::Auto,
        }
    }
}

/// The page's default learning rates for `network` with `optimiser`.
fn own_rates(network: NetworkName, optimiser: OptimiserChoice) -> LearningRates {
    let own = network.page_settings();
    if own.optimiser == optimiser { own.learning_rates } else { network.learning_rates(optimiser) }
}

impl Plan {
    /// Switches to `network` with the page's default settings for it. A plan for that network is left as it is.
    pub fn turn_to(&mut self, network: NetworkName) {
        if self.settings.network != network {
            self.settings = network.page_settings();
        }
    }

    /// Switches to the network `spec` and keeps the other settings.
    pub fn take(&mut self, spec: Spec) {
        if spec != self.settings.spec() {
            self.settings = self.settings.clone().with_network(spec);
            // The weights at hand belong to another network.
            self.start = StartingWeights::Scratch;
        }
    }

    /// Switches to the network `spec` with the page's default settings for a network of that name. If the plan has that
    /// name already, it keeps its settings.
    pub fn begin_with(&mut self, spec: Spec) {
        self.turn_to(spec.network);
        self.take(spec);
    }

    /// The page's default plan for the same network on the same device.
    #[must_use]
    pub fn defaults(&self) -> Self {
        let settings = self.settings.network.page_settings().with_network(self.settings.spec());
        Self { settings, device: self.device, ..Self::default() }
    }

    /// The value of `field`, as the form and the address write it.
    pub fn text(&self, field: Field) -> String {
        match field {
            Field::Network => self.settings.network.id().into(),
            Field::Setting(setting) => setting.text(&self.settings),
            Field::Start => match self.start {
                StartingWeights::Scratch => "scratch".into(),
                StartingWeights::Shipped => "shipped".into(),
                StartingWeights::Current => "current".into(),
            },
            Field::Device => device_name(self.device).into(),
        }
    }

    /// Sets `field` to the value that `text` names.
    ///
    /// # Errors
    /// If `text` is no value of the field. The plan then stays as it was.
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), Refused> {
        let text = text.trim();
        let refused = || {
            let names: Vec<_> = field.choices().iter().map(|&(name, _)| name).collect();
            Refused { label: field.label(), range: names.join(" or "), nearest: None }
        };
        match field {
            Field::Network => self.turn_to(NetworkName::find(text).ok_or_else(refused)?),
            Field::Setting(setting) => {
                setting.set(&mut self.settings, text)?;
                if setting.name == OPTIMISER {
                    self.settings.learning_rates = own_rates(self.settings.network, self.settings.optimiser);
                }
            }
            Field::Start => {
                self.start = match text {
                    "scratch" => StartingWeights::Scratch,
                    "shipped" if self.settings.network == NetworkName::Own => {
                        let range = "scratch or current for a network of your own".into();
                        return Err(Refused { label: field.label(), range, nearest: None });
                    }
                    "shipped" => StartingWeights::Shipped,
                    "current" => StartingWeights::Current,
                    _ => return Err(refused()),
                }
            }
            Field::Device => {
                self.device = match text {
                    "auto" => DeviceChoice::Auto,
                    "webgpu" => DeviceChoice::WebGpu,
                    "cpu" => DeviceChoice::Cpu,
                    _ => return Err(refused()),
                }
            }
        }
        Ok(())
    }

    /// The plan that an address asks for, and a sentence about each value that a plan cannot have.
    pub fn from_query(query: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut plan = Self::default();
        let mut notices = Vec::new();
        let layers = query(LAYERS).map(|line| line.parse::<Spec>());
        let has_layers = matches!(layers, Some(Ok(_)));
        match layers {
            Some(Ok(spec)) => plan.begin_with(spec),
            Some(Err(error)) => notices.push(format!("The network in this link cannot be read: {error}.")),
            None => {}
        }
        for field in Field::all().filter(|&field| field != Field::Network || !has_layers) {
            let Some(text) = query(field.name()) else { continue };
            let Err(Refused { label, range, nearest }) = plan.set(field, &text) else { continue };
            if let Some(nearest) = nearest {
                plan.set(field, &nearest).expect("the nearest value is one");
            }
            notices.push(format!(
                "This link sets {}={}. {label} must be {range}, so {} is used.",
                field.name(),
                text.chars().take(40).collect::<String>(),
                plan.text(field),
            ));
        }
        plan.settings.changes = query(CHANGES).unwrap_or_default();
        if let Err(error) = plan.settings.check_changes() {
            notices.push(format!("What this link changes during the run is left out: {error}."));
            plan.settings.changes.clear();
        }
        match plan.settings.check() {
            Ok(()) => {}
            // The visitor can change it.
            Err(SettingsError::Network(error)) => {
                notices.push(format!("The network in this link cannot be trained: {error}. Change it in \"Learn\"."));
            }
            Err(error) => {
                notices.push(format!("The settings in this link do not work: {error}. The default settings are used."));
                let spec = plan.settings.spec();
                let settings = spec.network.page_settings().with_network(spec);
                plan = Self { settings, device: plan.device, ..Self::default() };
            }
        }
        (plan, notices)
    }

    /// The parameters of an address that asks for this plan: each value that differs from the page's default.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let Settings { network, optimiser, .. } = self.settings;
        let mut own = Self { settings: network.page_settings(), ..Self::default() };
        own.settings.learning_rates = own_rates(network, optimiser);
        let is_own = |field: Field| match field {
            Field::Network => matches!(network, NetworkName::FIRST_SHOWN | NetworkName::Own),
            _ => self.text(field) == own.text(field),
        };
        let differing = Field::all().filter(|&field| !is_own(field));
        let layers = self.settings.layers.iter().map(|spec| (LAYERS, spec.to_string()));
        let changes = Some((CHANGES, self.settings.changes.clone())).filter(|(_, changes)| !changes.is_empty());
        layers.chain(differing.map(|field| (field.name(), self.text(field)))).chain(changes).collect()
    }

    /// The plan as one sentence.
    pub fn sentence(&self) -> String {
        sentence(&self.settings, self.start)
    }
}

/// All parameters of the address that plans use.
pub fn names() -> impl Iterator<Item = &'static str> {
    Field::all().map(Field::name).chain([LAYERS, CHANGES])
}

/// A run's settings and starting weights as one sentence, and a sentence on each change during the run.
pub fn sentence(settings: &Settings, start: StartingWeights) -> String {
    let start = match start {
        StartingWeights::Scratch => "from scratch",
        StartingWeights::Shipped => "from the shipped weights",
        StartingWeights::Current => "from the current weights",
    };
    format!("{}, {start}.{}", words::settings(settings), words::changed(settings))
}

/// A device's name in the address.
pub fn device_name(device: DeviceChoice) -> &'static str {
    match device {
        DeviceChoice::Auto => "auto",
        DeviceChoice::WebGpu => "webgpu",
        DeviceChoice::Cpu => "cpu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::table::Setting;

    fn plan_of(address: &[(&str, &str)]) -> (Plan, Vec<String>) {
        Plan::from_query(|name| address.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into()))
    }

    fn setting(name: &str) -> Field {
        Field::Setting(Setting::find(name).expect("a setting"))
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
        assert_eq!(texts.len(), Field::all().count());
        for (field, text) in Field::all().zip(texts) {
            plan.set(field, text).expect("a possible value");
            assert_eq!(plan.text(field), text);
        }
        let address = plan.query();
        assert_eq!(address.len(), Field::all().count());
        let pairs: Vec<_> = address.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(plan_of(&pairs), (plan, Vec::new()));
    }

    #[test]
    fn choosing_a_network_takes_up_the_pages_own_settings_for_it() {
        let mut plan = Plan { device: DeviceChoice::Cpu, ..Plan::default() };
        plan.set(setting("epochs"), "3").expect("a number");
        plan.set(Field::Network, "tenfold2026").expect("a network");
        assert_eq!(plan.settings.epochs, 3, "it is of that network already");
        plan.set(Field::Network, "cui2017").expect("a network");
        assert_eq!(plan, Plan { device: DeviceChoice::Cpu, ..article() });
        assert_eq!(plan.query(), [("network", "cui2017".into()), ("device", "cpu".into())]);
        let refused = plan.set(Field::Network, "resnet").expect_err("not a network");
        assert_eq!(refused.to_string(), "Network must be cui2017 or tenfold2026.");
    }

    #[test]
    fn choosing_an_optimiser_sets_its_learning_rates_and_an_address_need_not_repeat_them() {
        let mut plan = Plan::default();
        plan.set(setting("optimiser"), "adam").expect("a choice");
        assert_eq!(plan.settings.learning_rates, NetworkName::Tenfold2026.learning_rates(OptimiserChoice::Adam));
        assert_eq!(plan.query(), [("optimiser", "adam".into())]);
        plan.set(setting("optimiser"), "momentum").expect("a choice");
        assert_eq!(plan, Plan::default());
    }

    #[test]
    fn a_bad_value_in_the_address_is_replaced_by_the_nearest_or_the_default_with_a_sentence() {
        let (plan, notices) =
            plan_of(&[("dropout", "1.5"), ("epochs", "3"), ("flip", "maybe"), ("network", "cui2017")]);
        assert_eq!(
            plan,
            Plan { settings: Settings { epochs: 3, dropout_rate: 0.95, ..article().settings }, ..Plan::default() }
        );
        assert_eq!(
            notices,
            [
                "This link sets dropout=1.5. Dropout must be 0 to 0.95, so 0.95 is used.",
                "This link sets flip=maybe. Mirroring must be on or off, so on is used."
            ]
        );
    }

    #[test]
    fn a_batch_that_no_images_fill_gives_the_pages_own_settings() {
        let (plan, notices) = plan_of(&[("batch", "1024"), ("images", "1000"), ("device", "cpu")]);
        assert_eq!(plan, Plan { device: DeviceChoice::Cpu, ..Plan::default() });
        assert_eq!(
            notices,
            [
                "The settings in this link do not work: Training images must be at least one batch. The default settings \
                 are used."
            ]
        );
        let (plan, notices) = plan_of(&[("batch", "1000"), ("images", "1000")]);
        assert_eq!((plan.settings.batch_size, plan.settings.train_images, notices), (1_000, 1_000, Vec::new()));
    }

    #[test]
    fn a_link_brings_a_network_of_ones_own_with_its_settings() {
        let mut plan = Plan::default();
        plan.begin_with("conv18k4r-max2-conv36k4r-max2-flat-drop-dense384r-drop-dense10".parse().expect("layers"));
        assert_eq!(plan.settings.check(), Ok(()));
        plan.set(setting("epochs"), "3").expect("a number");
        let address = plan.query();
        assert_eq!(
            address,
            [
                ("layers", "conv18k4r-max2-conv36k4r-max2-flat-drop-dense384r-drop-dense10".into()),
                ("epochs", "3".into())
            ]
        );
        let pairs: Vec<_> = address.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(plan_of(&pairs), (plan, Vec::new()));
        // The line of a shipped network gives the shipped network.
        let line = Spec::shipped(NetworkName::Cui2017).to_string();
        assert_eq!(plan_of(&[("layers", &line)]), (article(), Vec::new()));
        assert_eq!(plan_of(&[("layers", &line), ("network", "tenfold2026")]).0, article());
    }

    #[test]
    fn ten_layers_take_less_than_300_characters_of_an_address() {
        let layer = "conv1024k11s4vnli";
        let mut plan = Plan::default();
        plan.begin_with([layer; 10].join("-").parse().expect("layers"));
        let address: String = plan.query().iter().map(|(name, value)| format!("{name}={value}&")).collect();
        assert!(address.len() < 300, "{address}");
        assert!(address.starts_with(&format!("layers={layer}-{layer}-")));
    }

    #[test]
    fn a_malformed_or_hostile_network_in_a_link_is_refused_in_a_sentence_and_the_page_goes_on() {
        let huge = ["act"; 500].join("-");
        for line in ["", "conv1000000000k3-flat-dense10", "convNaNk3-flat-dense10", &huge, "<script>", "dense-10"] {
            let (plan, notices) = plan_of(&[("layers", line), ("device", "cpu")]);
            assert_eq!(plan, Plan { device: DeviceChoice::Cpu, ..Plan::default() }, "{line}");
            assert_eq!(notices.len(), 1, "{line}: {notices:?}");
            assert!(notices[0].starts_with("The network in this link cannot be read: "), "{notices:?}");
            assert!(notices[0].len() < 250, "{notices:?}");
        }
        // A network that can be read but not trained is open to change.
        for (line, why) in [("conv999999k3-flat-dense10", "1 to 1024, not 999999"), ("flat-dense384", "384 values")] {
            let (plan, notices) = plan_of(&[("layers", line)]);
            assert!(plan.settings.check().is_err());
            assert_eq!(plan.settings.spec().to_string(), line);
            assert!(notices.len() == 1 && notices[0].contains(why), "{notices:?}");
        }
    }

    #[test]
    fn other_layers_start_from_scratch_and_have_no_shipped_weights() {
        let mut plan = Plan { start: StartingWeights::Shipped, ..article() };
        plan.take(Spec::shipped(NetworkName::Cui2017));
        assert_eq!(plan.start, StartingWeights::Shipped, "it is the same network");
        plan.take("flat-dense10".parse().expect("layers"));
        assert_eq!((plan.start, plan.settings.epochs), (StartingWeights::Scratch, article().settings.epochs));
        let refused = plan.set(Field::Start, "shipped").expect_err("there are none").to_string();
        assert_eq!(refused, "Start from must be scratch or current for a network of your own.");
    }

    #[test]
    fn a_link_reproduces_what_was_changed_during_a_run_and_refuses_changes_that_cannot_be() {
        let changes = "231:dropout=0.3,231:flip=off,400:conv-rate=0.001";
        let (plan, notices) = plan_of(&[("network", "cui2017"), ("changes", changes)]);
        assert_eq!((plan.settings.changes.as_str(), notices), (changes, Vec::new()));
        assert_eq!(plan.query(), [("network", "cui2017".into()), ("changes", changes.into())]);
        assert!(plan.sentence().ends_with(
            "from scratch. Changed at step 231: dropout 0.3, flip off. Changed at step 400: conv rate 0.001."
        ));
        assert_eq!(plan.defaults(), article());
        for (hostile, why) in
            [("231:batch=1", "changes are written as 231:"), ("1:dropout=9", "Dropout must be 0 to 0.95")]
        {
            let (plan, notices) = plan_of(&[("network", "cui2017"), ("changes", hostile)]);
            assert_eq!(plan, article());
            assert!(notices.len() == 1 && notices[0].contains(why), "{notices:?}");
        }
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
