//! The fields of the form, which are also the parameters of the address.

use crate::domain::settings::table::{SETTINGS, Setting};
use crate::domain::{NetworkName, Settings};

/// A part of the plan, with its name in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The network that answers and is trained.
    Network,
    /// A setting of the run.
    Setting(&'static Setting),
    /// The weights that the run starts from.
    Start,
    /// The device that computes.
    Device,
}

impl Field {
    /// All fields. A field follows those that it depends on: the network sets all settings.
    pub fn all() -> impl Iterator<Item = Self> {
        let settings = SETTINGS.iter().map(Self::Setting);
        [Self::Network].into_iter().chain(settings).chain([Self::Start, Self::Device])
    }

    /// Its name in the address and in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Setting(setting) => setting.name,
            Self::Start => "start",
            Self::Device => "device",
        }
    }

    /// Its label in the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Setting(setting) => setting.label,
            Self::Start => "Start from",
            Self::Device => "Device",
        }
    }

    /// Its explanation, in a sentence or two.
    pub fn help(self) -> &'static str {
        match self {
            Self::Network => "The network that answers and is trained. Changing it resets the settings.",
            Self::Setting(setting) => setting.help,
            Self::Start => "The weights that the run starts from.",
            Self::Device => "The device that computes. Changing it restarts the network.",
        }
    }

    /// Whether it has an effect on the network in `settings`.
    pub fn is_of(self, settings: &Settings) -> bool {
        match self {
            Self::Setting(setting) => (setting.is_of)(settings),
            // For a visitor's own network, the builder has this choice.
            Self::Network => settings.network != NetworkName::Own,
            Self::Start | Self::Device => true,
        }
    }

    /// Whether it can be changed while a run is under way. Another network or device pauses that run.
    pub fn may_change(self) -> bool {
        match self {
            Self::Setting(setting) => setting.may_change,
            Self::Network | Self::Device => true,
            Self::Start => false,
        }
    }

    /// The options of a choice: names and labels; empty for a number.
    pub fn choices(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Network => &[("cui2017", "Cui 2017"), ("tenfold2026", "Tenfold 2026")],
            Self::Setting(setting) => setting.choices(),
            Self::Start => {
                &[("scratch", "From scratch"), ("shipped", "The shipped weights"), ("current", "The current weights")]
            }
            Self::Device => &[("auto", "Whichever works"), ("webgpu", "WebGPU"), ("cpu", "CPU")],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_can_be_chosen_under_its_name() {
        let names = NetworkName::ALL.map(|network| (network.id(), network.title()));
        assert_eq!(Field::Network.choices(), names);
    }
}
