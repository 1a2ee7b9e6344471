//! The network of Xu Cui's 2017 article: one convolution, one wide max pool, two dense layers.

use super::{
    CLASS_COUNT, LayerSpec, NetworkName, Spec,
    parameter::InitialWeights,
    shape::{Activation, Padding},
};
use crate::layers::{Convolution, Dense, Dropout, Flatten, MaxPool, max_pool::WIDE_WINDOW};

/// Side of the convolution's filters, in pixels.
pub const KERNEL: usize = 4;

/// Widths of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Number of the convolution's filters.
    pub filters: usize,
    /// Number of units of the hidden dense layer.
    pub hidden: usize,
}

impl Default for Widths {
    /// The article's widths.
    fn default() -> Self {
        Self { filters: 18, hidden: 384 }
    }
}

/// The network with these widths.
///
/// The hidden layer's inputs run over `[filter, row, column]`.
pub fn spec(widths: Widths) -> Spec {
    let Widths { filters, hidden } = widths;
    let initial = InitialWeights::Glorot;
    let convolution = Convolution {
        outputs: filters,
        kernel: KERNEL,
        stride: 1,
        padding: Padding::Same,
        bias: true,
        activation: Activation::Relu,
        initial,
    };
    let layers = vec![
        // -> [filters, 32, 32]
        LayerSpec::new("conv", convolution),
        LayerSpec::new("pool", MaxPool { side: WIDE_WINDOW, stride: 1, padding: Padding::Same }),
        // -> [filters * 32 * 32]
        LayerSpec::new("flatten", Flatten),
        LayerSpec::new("dropout", Dropout::default()),
        // -> [hidden] -> [10]
        LayerSpec::new("hidden", Dense { outputs: hidden, activation: Activation::Relu, initial }),
        LayerSpec::new("hidden_dropout", Dropout::default()),
        LayerSpec::new("output", Dense { outputs: CLASS_COUNT, activation: Activation::None, initial }),
    ];
    Spec { network: NetworkName::Cui2017, layers }
}
