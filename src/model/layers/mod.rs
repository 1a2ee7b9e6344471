//! What networks are made of, a folder each: what a layer of the kind is, and the operation with its kernels for the CPU and,
//! in WGSL, for WebGPU.
//!
//! A new kind is a folder and a line in [`kinds`]. It describes itself ([`Layer`]: shapes, parameters, costs, words),
//! computes ([`Forward`]) and says where its values come from ([`Explain`]); no other place knows its sizes or its
//! parameters.

pub mod batch_norm;
pub mod convolution;
pub mod dense;
pub mod dropout;
pub mod explain;
pub mod flatten;
pub mod global_max_pool;
pub mod layer;
pub mod max_pool;
pub mod whitening;

use explain::Explain;
use layer::{Forward, Layer};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident in $room:ident),* $(,)?) => {
        /// What a layer does, with its sizes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $kind($room::$kind),)*
        }

        impl Kind {
            /// What it is.
            pub fn layer(&self) -> &dyn Layer {
                match self {
                    $(Self::$kind(layer) => layer,)*
                }
            }

            /// How it explains what it computed.
            pub fn explanation(&self) -> &dyn Explain {
                match self {
                    $(Self::$kind(layer) => layer,)*
                }
            }

            /// What it computes.
            pub fn operation(&self) -> &dyn Forward {
                match self {
                    $(Self::$kind(layer) => layer,)*
                }
            }
        }

        $(impl From<$room::$kind> for Kind {
            fn from(layer: $room::$kind) -> Self {
                Self::$kind(layer)
            }
        })*
    };
}

kinds! {
    /// Batch normalisation.
    BatchNorm in batch_norm,
    /// A convolution.
    Convolution in convolution,
    /// A dense layer.
    Dense in dense,
    /// Dropout.
    Dropout in dropout,
    /// Maps become values in a row.
    Flatten in flatten,
    /// The maximum of each map.
    GlobalMaxPool in global_max_pool,
    /// The maximum of each window.
    MaxPool in max_pool,
    /// The fixed whitening of small patches.
    Whitening in whitening,
}
