//! The parameters of a layer: their role, their initial values, and how training changes them.

use serde::{Deserialize, Serialize};

/// The role of a parameter in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The factor of the inputs.
    Weight,
    /// Added to the sums.
    Bias,
    /// Added to normalised values.
    Shift,
    /// Factors of normalised values.
    Scale,
    /// Running means and variances of the channels.
    Statistics,
}

impl Role {
    /// The name of a parameter with this role in `block`, in a network and in SafeTensors files.
    pub fn name(self, block: &str) -> String {
        let role = match self {
            Self::Weight => "weight",
            Self::Bias => "bias",
            Self::Shift => "shift",
            Self::Scale => "scale",
            Self::Statistics => "statistics",
        };
        format!("{block}.{role}")
    }
}

/// How training changes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learning {
    /// By its gradient, with the learning rate of a group.
    Trained(RateGroup),
    /// Not at all.
    Frozen,
    /// By the statistics of each batch.
    Statistics,
}

/// A group of parameters with a common learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateGroup {
    /// Parameters of convolutions, and the scales of normalisations.
    Convolution,
    /// Parameters of dense layers.
    Dense,
    /// Shifts of normalised values.
    Shift,
}

/// The initial values of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Initial {
    /// All 0.
    Zeros,
    /// 1.
    Ones,
    /// Uniform in `-x..x`.
    Uniform(f32),
    /// `[k, k, inputs, outputs]`: the first filters copy their inputs, the others are as [`Uniform`](Self::Uniform).
    Identity(f32),
    /// Means 0 and variances 1.
    Statistics,
    /// The values that this function returns.
    Fixed(fn() -> Vec<f32>),
}

/// How the initial weights of a layer are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialWeights {
    /// Uniform, after Glorot and Bengio (2010), as in the article.
    #[default]
    Glorot,
    /// Uniform, after He et al. (2015), for ReLU.
    He,
    /// First filters that copy their inputs, then uniform within `1 / sqrt(fan in)`, as in airbench94.
    Identity,
    /// Uniform within a ninth of `1 / sqrt(fan in)`, so that logits are small at first.
    Small,
}

impl InitialWeights {
    /// The initial values for `fan_in` inputs to each unit, and `fan_out` units for each input.
    pub fn of(self, fan_in: usize, fan_out: usize) -> Initial {
        match self {
            Self::Glorot => Initial::Uniform((6.0 / (fan_in + fan_out) as f32).sqrt()),
            Self::He => Initial::Uniform((6.0 / fan_in as f32).sqrt()),
            Self::Identity => Initial::Identity(1.0 / (fan_in as f32).sqrt()),
            Self::Small => Initial::Uniform(1.0 / (fan_in as f32).sqrt() / 9.0),
        }
    }
}

/// A parameter without values.
#[derive(Clone, Debug)]
pub struct ParameterSpec {
    /// Its role in its layer.
    pub role: Role,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its initial values.
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
