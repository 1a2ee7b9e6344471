//! Images: CIFAR-10's records, a visitor's pictures, and the numbers that the network is fed with.
//!
//! [`batch`] reads the published binary batches (and [`folder`] a folder of them), [`archive`] reads every file
//! that CIFAR-10 is published as while it arrives, [`collection`] joins what came with several of them, [`stored`] is
//! how it lies on this device, [`deal`](mod@deal) draws some of it to show, [`picture`] turns any encoded picture into
//! the 32x32 pixels that the network sees, and [`normalise`] turns both kinds of bytes into the same normalised
//! numbers. Nothing here knows of Burn, of the page or of the worker.

pub mod archive;
pub mod batch;
pub mod collection;
#[cfg(all(test, not(target_family = "wasm")))]
mod damage;
pub mod deal;
#[cfg(not(target_family = "wasm"))]
pub mod folder;
pub mod normalise;
#[cfg(all(feature = "pretrain", not(target_family = "wasm")))]
pub mod others;
pub mod picture;
pub mod stored;

pub use archive::{ArchiveError, ArchiveReader};
pub use batch::{BatchError, Dataset, Images, read_batch};
pub use collection::Collection;
#[cfg(not(target_family = "wasm"))]
pub use folder::{FolderError, read_folder, read_strangers};
pub use normalise::Normalisation;
pub use picture::{Look, PictureError, Seen, look, see};

use crate::domain::IMAGE_SIDE;

/// Pixels of one channel of an image: 32 x 32.
pub const CHANNEL_LEN: usize = IMAGE_SIDE * IMAGE_SIDE;

/// Bytes of an image without its label: three channels.
pub const IMAGE_LEN: usize = 3 * CHANNEL_LEN;
