//! The shelf of runs: how what a visitor made is kept, so that whatever happens, the old or the new is there.
//!
//! Nothing is ever renamed or overwritten that is needed. Each thing has a [`Pair`] of files that are written in turn; a file
//! is a [`record`] that says itself whether it is whole, and a reader takes the newest whole one. [`runs`] names the runs
//! and lists them, [`adopt`] takes in what earlier versions kept. Files are whatever implements [`Files`]: those of a
//! browser, or of a test that lets each operation fail in turn. Nothing here knows of a browser or of Burn.

pub mod adopt;
pub mod files;
pub mod pair;
pub mod record;
pub mod runs;

pub use files::{FileError, Files, OpenFile};
pub use pair::{Keeper, Loaded, Pair};
pub use record::Unreadable;
pub use runs::{Catalogue, Label, Notes};
