//! The kinds of layers, a folder each. All that is known about one kind is in its folder.
//!
//! Other rooms ask a kind through their traits, so they need no list of their own. A new kind of layer is a folder here,
//! with its `mod` line, and a line in [`kinds`]. Its folder has:
//!
//! - `mod.rs`: its sizes, and the trait [`Layer`]: output, parameters, cost, words
//! - `compute`: how it computes and explains its values, with kernels for each backend; the page does not contain it

pub mod activate;
pub mod add;
pub mod average_pool;
pub mod batch_norm;
pub mod convolution;
pub mod dense;
pub mod dropout;
pub mod flatten;
pub mod global_average_pool;
pub mod global_max_pool;
pub mod max_pool;
mod pools;
pub mod whitening;

use crate::spec::{Place, parameter::ParameterSpec, shape::Shape};
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

/// Makes the enum of all kinds from their list, and the macro [`with_layer`].
macro_rules! kinds {
    ($d:tt $($(#[$doc:meta])* $module:ident::$kind:ident,)*) => {
        $(pub use $module::$kind;)*

        /// A layer with its sizes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $kind($kind),)*
        }

        $(impl From<$kind> for Kind {
            fn from(layer: $kind) -> Self {
                Self::$kind(layer)
            }
        })*

        /// Evaluates `$body` with the layer of `$kind`.
        macro_rules! with_layer {
            ($d kind:expr, $d layer:ident => $d body:expr) => {
                match $d kind {
                    $($crate::layers::Kind::$kind($d layer) => $d body,)*
                }
            };
        }
        pub(crate) use with_layer;
    };
}

kinds! { $
    /// A convolution.
    convolution::Convolution,
    /// The maximum of each window.
    max_pool::MaxPool,
    /// The mean of each window.
    average_pool::AveragePool,
    /// The maximum of each map.
    global_max_pool::GlobalMaxPool,
    /// The mean of each map.
    global_average_pool::GlobalAveragePool,
    /// Batch normalisation.
    batch_norm::BatchNorm,
    /// An activation as a layer of its own.
    activate::Activate,
    /// The end of a group with a residual connection around it.
    add::Add,
    /// Dropout.
    dropout::Dropout,
    /// Flattens maps to a row of values.
    flatten::Flatten,
    /// A dense layer.
    dense::Dense,
    /// The fixed whitening of small patches.
    whitening::Whitening,
}

impl Kind {
    /// The layer as a trait object.
    pub fn layer(&self) -> &dyn Layer {
        with_layer!(self, layer => layer)
    }
}
