//! The fields of the form, which are the parameters of the address.

use crate::protocol::NetworkName;

/// A part of the plan, named as in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What is trained, and answers.
    Network,
    /// Passes over the training images.
    Epochs,
    /// Images a step.
    Batch,
    /// What turns gradients into changes.
    Optimiser,
    /// The convolution's highest learning rate.
    ConvRate,
    /// The dense layers' highest learning rate.
    DenseRate,
    /// Epochs over which the rates rise.
    WarmUp,
    /// The share that each step takes off every parameter.
    WeightDecay,
    /// The share of a target that is spread over all classes.
    LabelSmoothing,
    /// The share of connections that is cut.
    Dropout,
    /// Whether images are mirrored.
    Flip,
    /// How far images are moved.
    Shift,
    /// How large a square is hidden.
    Cutout,
    /// How many images have a part of another.
    Cutmix,
    /// What everything random follows from.
    Seed,
    /// How many training images.
    Images,
    /// From which weights.
    Start,
    /// What computes.
    Device,
}

impl Field {
    /// All fields. What a choice sets comes after it: the network sets all settings, the optimiser the learning rates.
    pub const ALL: [Self; 18] = [
        Self::Network,
        Self::Epochs,
        Self::Batch,
        Self::Optimiser,
        Self::ConvRate,
        Self::DenseRate,
        Self::WarmUp,
        Self::WeightDecay,
        Self::LabelSmoothing,
        Self::Dropout,
        Self::Flip,
        Self::Shift,
        Self::Cutout,
        Self::Cutmix,
        Self::Seed,
        Self::Images,
        Self::Start,
        Self::Device,
    ];

    /// Its name in the address and in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Epochs => "epochs",
            Self::Batch => "batch",
            Self::Optimiser => "optimiser",
            Self::ConvRate => "conv-rate",
            Self::DenseRate => "dense-rate",
            Self::WarmUp => "warm-up",
            Self::WeightDecay => "weight-decay",
            Self::LabelSmoothing => "label-smoothing",
            Self::Dropout => "dropout",
            Self::Flip => "flip",
            Self::Shift => "shift",
            Self::Cutout => "cutout",
            Self::Cutmix => "cutmix",
            Self::Seed => "seed",
            Self::Images => "images",
            Self::Start => "start",
            Self::Device => "device",
        }
    }

    /// Whether it means anything to `network`: only the article's has dropout.
    pub fn is_of(self, network: NetworkName) -> bool {
        self != Self::Dropout || network.has_dropout()
    }

    /// The values among which it is chosen, with their words; none for a number.
    pub fn choices(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Network => &[("cui2017", "Cui 2017"), ("tenfold2026", "Tenfold 2026")],
            Self::Optimiser => &[("adam", "Adam"), ("momentum", "Nesterov momentum")],
            Self::Flip => &[("on", "On"), ("off", "Off")],
            Self::Start => {
                &[("scratch", "From scratch"), ("shipped", "The shipped weights"), ("current", "The current weights")]
            }
            Self::Device => &[("auto", "Whichever works"), ("webgpu", "WebGPU"), ("cpu", "CPU")],
            _ => &[],
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
