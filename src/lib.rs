//! Tenfold trains and runs CIFAR-10 networks in the browser: the network of Xu Cui's 2017 article, a modern one, and
//! networks that visitors build.
//!
//! Each module is a room. ARCHITECTURE.md says what is in each room, and which rooms it may use.

pub mod bmp;
#[cfg(feature = "engine")]
pub mod checkpoint;
pub mod content;
#[cfg(feature = "engine")]
pub mod data;
#[cfg(feature = "engine")]
pub mod device;
pub mod domain;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod infer;
#[cfg(feature = "engine")]
pub mod inspect;
pub mod layers;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(all(test, feature = "engine", not(target_family = "wasm")))]
#[path = "../tests/common/needs.rs"]
mod needs;
pub mod platform;
pub mod protocol;
pub mod shelf;
pub mod spec;
pub mod takeaway;
#[cfg(feature = "engine")]
pub mod train;
#[cfg(feature = "page")]
pub mod ui;
