//! A small modern network after airbench94 (Keller Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024).
//!
//! A frozen whitening of 2x2 patches, then three groups of two 3x3 convolutions, each with batch normalisation and GELU,
//! then the maximum over all pixels and a dense layer.

use super::{
    CLASS_COUNT, Kind, LayerSpec, NetworkName, Spec,
    parameter::{InitialWeights, Role},
    shape::{Activation, Padding},
};
use crate::layers::{BatchNorm, Convolution, Dense, GlobalMaxPool, MaxPool, Whitening};

/// Channels of each group. The first group is twice as wide as in airbench94, the last one wider by an eighth.
pub const WIDTHS: [usize; 3] = [128, 256, 288];

/// Possible channels of a group in a file, in multiples of 8.
const POSSIBLE_WIDTHS: std::ops::RangeInclusive<usize> = 8..=1024;

/// The network with these numbers of channels in its groups.
pub fn spec(widths: [usize; 3]) -> Spec {
    let convolution = |outputs| Convolution {
        outputs,
        kernel: 3,
        stride: 1,
        padding: Padding::Same,
        bias: false,
        activation: Activation::None,
        initial: InitialWeights::Identity,
    };
    let norm = BatchNorm { activation: Activation::Gelu, scale: false };
    let output = Dense { outputs: CLASS_COUNT, activation: Activation::None, initial: InitialWeights::Small };
    // -> [24, 31, 31]
    let mut layers = vec![LayerSpec::new("whiten", Whitening)];
    // -> [128, 15, 15] -> [256, 7, 7] -> [288, 3, 3]
    for (group, outputs) in widths.into_iter().enumerate() {
        let [first, second] = [2 * group + 1, 2 * group + 2].map(|number| format!("conv{number}"));
        layers.extend([
            LayerSpec::new(&first, convolution(outputs)),
            LayerSpec::new(&first, MaxPool::tiles(2)),
            LayerSpec::new(&first, norm),
            LayerSpec::new(&second, convolution(outputs)),
            LayerSpec::new(&second, norm),
        ]);
    }
    // -> [288] -> [10]
    layers.extend([LayerSpec::new("pool", GlobalMaxPool), LayerSpec::new("output", output)]);
    Spec { network: NetworkName::Tenfold2026, layers }
}

/// The network with the widths in a file. `shape_of` gives the shape of each weight by name. The widths are [`WIDTHS`]
/// if the file is not of such a network.
pub fn spec_of(shape_of: impl Fn(&str) -> Option<Vec<usize>>) -> Spec {
    let shipped = spec(WIDTHS);
    let width = |layer: &LayerSpec| {
        let width = *shape_of(&Role::Weight.name(&layer.block))?.last()?;
        (POSSIBLE_WIDTHS.contains(&width) && width.is_multiple_of(8)).then_some(width)
    };
    let convolutions = shipped.layers.iter().filter(|layer| matches!(layer.kind, Kind::Convolution(_)));
    // The second convolution of each group tells its width.
    let widths: Vec<_> = convolutions.map(width).skip(1).step_by(2).collect();
    match widths[..] {
        [Some(first), Some(second), Some(third)] => spec([first, second, third]),
        _ => shipped,
    }
}
