//! The parameters of a layer: what each is, how it begins, and how training changes it.

use serde::{Deserialize, Serialize};

/// What a parameter is in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What inputs are multiplied by.
    Weight,
    /// What is added to sums.
    Bias,
    /// What is added to normalised values.
    Shift,
    /// Means and variances of channels.
    Statistics,
}

impl Role {
    /// The name of a parameter of this role, in a network and in SafeTensors files, where its layer belongs to `block`.
    pub fn name(self, block: &str) -> String {
        let role = match self {
            Self::Weight => "weight",
            Self::Bias => "bias",
            Self::Shift => "shift",
            Self::Statistics => "statistics",
        };
        format!("{block}.{role}")
    }
}

/// How training changes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learning {
    /// By its gradient, at the learning rate of a group.
    Trained(RateGroup),
    /// Not at all.
    Frozen,
    /// By what the batches' statistics are.
    Statistics,
}

/// Parameters that learn at one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateGroup {
    /// Those of convolutions.
    Convolution,
    /// Those of dense layers.
    Dense,
    /// What is added to normalised values.
    Shift,
}

/// What a parameter's values are before any training.
#[derive(Clone, Copy, Debug)]
pub enum Initial {
    /// 0.
    Zeros,
    /// Uniform between the negative of this and this.
    Uniform(f32),
    /// `[k, k, inputs, outputs]`: the first filters hand their inputs on, the others are as [`Uniform`](Self::Uniform).
    Identity(f32),
    /// Means 0 and variances 1.
    Statistics,
    /// What this gives.
    Fixed(fn() -> Vec<f32>),
}

/// How a layer's weights begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialWeights {
    /// Uniform after Glorot and Bengio (2010), as the article's.
    #[default]
    Glorot,
    /// Uniform after He et al. (2015), for ReLU.
    He,
    /// Filters that hand their inputs on first, then uniform within `1 / sqrt(fan in)`, as airbench94's.
    Identity,
    /// Uniform within a ninth of `1 / sqrt(fan in)`, so that logits begin small.
    Small,
}

impl InitialWeights {
    /// The values for units with so many inputs (fan in), whose inputs go to so many units (fan out).
    pub fn of(self, fan_in: usize, fan_out: usize) -> Initial {
        match self {
            Self::Glorot => Initial::Uniform((6.0 / (fan_in + fan_out) as f32).sqrt()),
            Self::He => Initial::Uniform((6.0 / fan_in as f32).sqrt()),
            Self::Identity => Initial::Identity(1.0 / (fan_in as f32).sqrt()),
            Self::Small => Initial::Uniform(1.0 / (fan_in as f32).sqrt() / 9.0),
        }
    }
}

/// A parameter of a layer before it has values.
#[derive(Clone, Debug)]
pub struct ParameterSpec {
    /// What it is in its layer.
    pub role: Role,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// What its values are before any training.
    pub initial: Initial,
    /// How training changes it.
    pub learning: Learning,
}

impl ParameterSpec {
    /// Number of its values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether training changes it by its gradient.
    pub fn is_trained(&self) -> bool {
        matches!(self.learning, Learning::Trained(_))
    }
}
