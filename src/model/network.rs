//! The networks as one type: whoever trains, measures, keeps or loads one need not know which.

use super::{
    Cui2017, Cui2017Config, Dropout, Tenfold2026, Tenfold2026Config,
    layers::{convolution::conv3x3::transformed::TransformedConv3x3, dense::summed::SummedDense},
    named_parameters,
    tenfold2026::Statistics,
};
use crate::protocol::{LayerFacts, NetworkName};
use burn::{Tensor, module::Module, tensor::Device};

/// A network of the list.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are a few networks at a time, and they are rarely moved")]
pub enum Network {
    /// That of the 2017 article.
    Cui2017(Cui2017),
    /// The small modern one.
    Tenfold2026(Tenfold2026),
}

/// What lets a network answer faster, made of its weights; clones share it.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are a few at a time, and they are rarely moved")]
pub enum Prepared {
    /// The hidden layer of [`Cui2017`].
    Cui2017(SummedDense),
    /// The convolutions of [`Tenfold2026`].
    Tenfold2026(Vec<TransformedConv3x3>),
}

impl Network {
    /// The network of this name on `device` with fresh weights; the same seed gives the same weights on every device.
    pub fn init(name: NetworkName, seed: u64, device: &Device) -> Self {
        match name {
            NetworkName::Cui2017 => Self::Cui2017(Cui2017::init(Cui2017Config::default(), seed, device)),
            NetworkName::Tenfold2026 => {
                Self::Tenfold2026(Tenfold2026::init(Tenfold2026Config::default(), seed, device))
            }
        }
    }

    /// The network of this name on `device` with the parameters that `source` gives for each name and shape, row by row; its
    /// layers are as wide as the shapes that `found` gives by name, where a network of this name can be so wide.
    ///
    /// # Errors
    /// The first error that `source` returns.
    pub fn load<E>(
        name: NetworkName,
        device: &Device,
        found: impl Fn(&str) -> Option<Vec<usize>>,
        source: impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        Ok(match name {
            NetworkName::Cui2017 => Self::Cui2017(Cui2017::load(Cui2017Config::default(), device, source)?),
            NetworkName::Tenfold2026 => {
                Self::Tenfold2026(Tenfold2026::load(Tenfold2026Config::found(found), device, source)?)
            }
        })
    }

    /// Which network it is.
    pub fn name(&self) -> NetworkName {
        match self {
            Self::Cui2017(_) => NetworkName::Cui2017,
            Self::Tenfold2026(_) => NetworkName::Tenfold2026,
        }
    }

    /// Where it computes.
    pub fn device(&self) -> Device {
        match self {
            Self::Cui2017(network) => network.device(),
            Self::Tenfold2026(network) => network.device(),
        }
    }

    /// Number of its trainable parameters.
    pub fn parameter_count(&self) -> usize {
        let trained = named_parameters(self).into_iter().filter(|parameter| parameter.is_trained);
        trained.map(|parameter| parameter.shape.iter().product::<usize>()).sum()
    }

    /// The layers, in the order in which an image passes through them.
    pub fn layers(&self) -> Vec<LayerFacts> {
        match self {
            Self::Cui2017(network) => network.layers(),
            Self::Tenfold2026(network) => network.layers(),
        }
    }

    /// `[n, 3, 32, 32]` normalised images -> `[n, 10]` logits.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Cui2017(network) => network.forward(images, None),
            Self::Tenfold2026(network) => network.forward(images, None),
        }
    }

    /// What [`answer`](Self::answer) takes, if the network has such a thing where it computes and so many `images` at a time
    /// gain by it; never in a graph.
    ///
    /// It takes memory: as much again as the article's network, four times as much as the modern one.
    pub fn prepared_for_answers(&self, images: usize) -> Option<Prepared> {
        match self {
            Self::Cui2017(network) => network.summed_hidden(images).map(Prepared::Cui2017),
            Self::Tenfold2026(network) => network.transformed_convolutions().map(Prepared::Tenfold2026),
        }
    }

    /// As [`forward`](Self::forward), but for rounding; with what was `prepared` of this very network, faster where it can be.
    pub fn answer(&self, images: Tensor<4>, prepared: Option<&Prepared>) -> Tensor<2> {
        match (self, prepared) {
            (Self::Cui2017(network), Some(Prepared::Cui2017(hidden))) => network.answer(images, hidden),
            (Self::Tenfold2026(network), Some(Prepared::Tenfold2026(convolutions))) => {
                network.answer(images, convolutions)
            }
            _ => self.forward(images),
        }
    }

    /// As [`forward`](Self::forward), as in training; and what [`with_statistics`](Self::with_statistics) takes after the
    /// step.
    pub fn forward_in_training(&self, images: Tensor<4>, dropout: &mut Dropout) -> (Tensor<2>, Statistics) {
        let mut statistics = Vec::new();
        let logits = match self {
            Self::Cui2017(network) => network.forward(images, Some(dropout)),
            Self::Tenfold2026(network) => network.forward(images, Some(&mut statistics)),
        };
        (logits, statistics)
    }

    /// The network with the statistics that it keeps for predictions moved towards a batch's, if it keeps any.
    pub fn with_statistics(self, batch: Statistics) -> Self {
        match self {
            Self::Cui2017(_) => self,
            Self::Tenfold2026(network) => Self::Tenfold2026(network.with_statistics(batch)),
        }
    }
}

impl From<Cui2017> for Network {
    fn from(network: Cui2017) -> Self {
        Self::Cui2017(network)
    }
}

impl From<Tenfold2026> for Network {
    fn from(network: Tenfold2026) -> Self {
        Self::Tenfold2026(network)
    }
}
