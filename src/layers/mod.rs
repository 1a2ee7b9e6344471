//! The kinds of layers, a folder each. All that a kind needs is in its folder.
//!
//! A new kind of layer is a folder here, with its `mod` line, and a line in [`kinds`]. The enum [`Kind`] and all tables
//! of kinds follow from that list. Some rooms ask something of every kind. Each defines a trait, and a file in the
//! folder implements it:
//!
//! | file | says | trait |
//! |---|---|---|
//! | `mod.rs` | sizes, output, parameters, cost, words | [`Layer`] |
//! | `line.rs` | its part of a short line, for addresses | [`Token`](crate::spec::text::Token) |
//! | `card.rs` | its card in the builder, and its name in drawings | `ui::cards::OnCard` |
//! | `code.rs` | what it is in Keras, PyTorch and ONNX | [`InKeras`](crate::takeaway::keras::InKeras), [`InPyTorch`](crate::takeaway::pytorch::InPyTorch), [`InOnnx`](crate::takeaway::onnx::InOnnx) |
//! | `compute` | how it computes and explains its values, with kernels for each backend | `model::layer::Forward`, `model::explain::Explain` |
//!
//! `pools` has what pools have in common. The worker does not contain `card.rs`, and the page does not contain
//! `compute`.

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

use crate::spec::{
    Place,
    parameter::ParameterSpec,
    shape::{Activation, Order, Shape},
};
use serde::{Deserialize, Serialize};

/// The part of a layer in a block: a convolution, its normalisation, and the layers between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockPart {
    /// It is a block of its own.
    None,
    /// It opens a block.
    Opens,
    /// It belongs to a block if it stands between the layers that open and close it.
    Between,
    /// It closes a block.
    Closes,
}

/// A kind of layer with its sizes, without values.
pub trait Layer {
    /// The name of a block that begins with this layer: `conv`.
    fn block(&self) -> &'static str;

    /// Its part in a block of several layers.
    fn block_part(&self) -> BlockPart {
        BlockPart::None
    }

    /// The activation that it applies to what it computes.
    fn activation(&self) -> Activation {
        Activation::None
    }

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

    /// For a residual connection, the number of layers in its group, which are those directly before this one. The
    /// input of the first of them is added to the output of the last.
    fn reaches_back(&self) -> Option<usize> {
        None
    }

    /// Its parameters for `input`, in a fixed order, each with a different role.
    fn parameters(&self, _input: Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// If its weights are filters, their order in memory: `[outputs, inputs, k, k]` for planes, and
    /// `[k, k, inputs, outputs]` for pixels.
    fn filter_order(&self, _input: Shape) -> Order {
        Order::Pixels
    }

    /// Multiply-adds for one image.
    fn multiply_adds(&self, _input: Shape, _output: Shape) -> u64 {
        0
    }

    /// The number of tensors of its output's size that a training step keeps until the gradient is known.
    fn passes(&self) -> u64 {
        1
    }
}

/// Makes the enum of all kinds from their list, and the macros [`with_layer`] and [`each_kind`].
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

        /// An array with the value of `$body` for each kind, whose type is called `$layer` in it.
        macro_rules! each_kind {
            ($d layer:ident => $d body:expr) => {
                [$({
                    type $d layer = $crate::layers::$kind;
                    $d body
                },)*]
            };
        }
        pub(crate) use each_kind;
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
