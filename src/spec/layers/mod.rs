//! The kinds of layers, one file each: sizes, output, parameters and cost.
//!
//! A new kind of layer is a file here, a line in [`kinds`], and a folder with the operation that computes it in
//! `model::layers`. The compiler then names what visitors still need: its card in the builder, its part of the short line,
//! and its code for Keras, PyTorch and ONNX.

mod activate;
pub(super) mod add;
mod batch_norm;
mod convolution;
mod dense;
pub mod directions;
mod dropout;
mod flatten;
mod global_pool;
mod pool;
mod whitening;

pub use activate::Activate;
pub use add::Add;
pub use batch_norm::{BatchNorm, NORM_EPSILON, NORM_MOMENTUM};
pub use convolution::{Convolution, ConvolutionKernels};
pub use dense::Dense;
pub use dropout::{Dropout, MOST_PERCENT};
pub use flatten::Flatten;
pub use global_pool::{GlobalAveragePool, GlobalMaxPool};
pub use pool::{AveragePool, MaxPool, MaxPoolKernels, WIDE_WINDOW};
pub use whitening::{FILTERS, PATCH, Whitening};

use super::{Place, parameter::ParameterSpec, shape::Shape};
use serde::{Deserialize, Serialize};

/// A kind of layer with its sizes, without values.
pub trait Layer {
    /// The layer in words for the middle of a sentence, such as `max pool 8×8`; none if it is not mentioned.
    fn words(&self) -> Option<String> {
        None
    }

    /// The shape of the output for `input`.
    ///
    /// # Errors
    /// If the layer cannot take `input`, or its sizes are impossible; in words that say what would work.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    /// Whether it can stand behind the layers `before`, whatever their sizes.
    ///
    /// # Errors
    /// If not, in words that say what would work.
    fn can_follow(&self, _before: &[Place]) -> Result<(), String> {
        Ok(())
    }

    /// For a residual connection, how many layers before this one its group begins. The input of that layer is added to
    /// the output of the layer before this one.
    fn reaches_back(&self) -> Option<usize> {
        None
    }

    /// Its parameters for `input`, in a fixed order, each with a different role.
    fn parameters(&self, _input: Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// Multiply-adds for one image.
    fn multiply_adds(&self, _input: Shape, _output: Shape) -> u64 {
        0
    }

    /// How many copies of its output are kept until its gradient is known.
    fn passes(&self) -> u64 {
        1
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// A layer with its sizes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $kind($kind),)*
        }

        impl Kind {
            /// The layer as a trait object.
            pub fn layer(&self) -> &dyn Layer {
                match self {
                    $(Self::$kind(layer) => layer,)*
                }
            }
        }

        $(impl From<$kind> for Kind {
            fn from(layer: $kind) -> Self {
                Self::$kind(layer)
            }
        })*
    };
}

kinds! {
    /// An activation as a layer of its own.
    Activate,
    /// The end of a group with a residual connection around it.
    Add,
    /// The mean of each window.
    AveragePool,
    /// Batch normalisation.
    BatchNorm,
    /// A convolution.
    Convolution,
    /// A dense layer.
    Dense,
    /// Dropout.
    Dropout,
    /// Flattens maps to a row of values.
    Flatten,
    /// The mean of each map.
    GlobalAveragePool,
    /// The maximum of each map.
    GlobalMaxPool,
    /// The maximum of each window.
    MaxPool,
    /// The fixed whitening of small patches.
    Whitening,
}
