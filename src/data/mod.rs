//! Images: CIFAR-10's records, visitors' pictures, and the normalised inputs of networks.
//!
//! [`batch`] reads the published binary batches, and [`folder`] a folder of them. [`archive`] reads every published
//! form of CIFAR-10 while it arrives, and [`collection`] joins several files. [`stored`] is the format on this device.
//! [`deal`](mod@deal) draws random images to show. [`picture`] turns any encoded picture into the 32x32 pixels that the
//! network sees. [`normalise`] normalises both kinds of images. Nothing here knows Burn, the page or the worker.

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

/// Pixels in a channel of an image: 32 x 32.
pub const CHANNEL_LEN: usize = IMAGE_SIDE * IMAGE_SIDE;

/// Length of an image in bytes: three channels.
pub const IMAGE_LEN: usize = 3 * CHANNEL_LEN;
