//! What networks are made of, a file each: what a layer of the kind takes, gives, holds and costs.
//!
//! A new kind is a file here and a line in [`kinds`], and the operation that computes it in `model::layers`.

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

use super::{parameter::ParameterSpec, shape::Shape};
use serde::{Deserialize, Serialize};

/// What a layer is, before it has any values.
pub trait Layer {
    /// What it does, in words that go on a sentence, such as `max pool 8×8`; none where there is nothing to say.
    fn words(&self) -> Option<String> {
        None
    }

    /// What it makes of `input`.
    ///
    /// # Errors
    /// If it cannot take that, or cannot be at all, in words that say what would work.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    /// How many layers before it the layer stands whose input it takes too, added to what the layer before it gives.
    fn reaches_back(&self) -> Option<usize> {
        None
    }

    /// Its parameters where it takes `input`, in a fixed order, each of another role.
    fn parameters(&self, _input: Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// Multiplications, each with an addition, for one image.
    fn multiply_adds(&self, _input: Shape, _output: Shape) -> u64 {
        0
    }

    /// How often as many values as it gives are kept until its gradient is known.
    fn passes(&self) -> u64 {
        1
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// What a layer does, with its sizes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $kind($kind),)*
        }

        impl Kind {
            /// What it is.
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
    /// An activation alone.
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
    /// Maps become values in a row.
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
