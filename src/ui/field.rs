//! The fields of the form, which are the parameters of the address.

/// A part of the plan, named as in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
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
    /// The share of connections that is cut.
    Dropout,
    /// Whether images are mirrored.
    Flip,
    /// How far images are moved.
    Shift,
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
    /// All fields. The optimiser comes before the learning rates, which its choice sets.
    pub const ALL: [Self; 13] = [
        Self::Epochs,
        Self::Batch,
        Self::Optimiser,
        Self::ConvRate,
        Self::DenseRate,
        Self::WarmUp,
        Self::Dropout,
        Self::Flip,
        Self::Shift,
        Self::Seed,
        Self::Images,
        Self::Start,
        Self::Device,
    ];

    /// Its name in the address and in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epochs => "epochs",
            Self::Batch => "batch",
            Self::Optimiser => "optimiser",
            Self::ConvRate => "conv-rate",
            Self::DenseRate => "dense-rate",
            Self::WarmUp => "warm-up",
            Self::Dropout => "dropout",
            Self::Flip => "flip",
            Self::Shift => "shift",
            Self::Seed => "seed",
            Self::Images => "images",
            Self::Start => "start",
            Self::Device => "device",
        }
    }

    /// The values among which it is chosen, with their words; none for a number.
    pub fn choices(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Optimiser => &[("adam", "Adam"), ("momentum", "Nesterov momentum")],
            Self::Flip => &[("on", "On"), ("off", "Off")],
            Self::Start => {
                &[("scratch", "From scratch"), ("shipped", "The shipped weights"), ("current", "The present weights")]
            }
            Self::Device => &[("auto", "Whichever works"), ("webgpu", "WebGPU"), ("cpu", "CPU")],
            _ => &[],
        }
    }
}
