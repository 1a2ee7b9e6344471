//! The shelf of runs: keeps what a visitor made so that after any failure either the old or the new state is there.
//!
//! Nothing that is needed is ever renamed or overwritten. A [`Pair`] of files, written in turn, keeps each thing. A
//! file is a [`record`] that tells whether it is whole, and a reader takes the newest whole one. [`runs`] names and
//! lists the runs, and [`adopt`] takes in those of earlier versions. [`Files`] is the file system: the browser's, or
//! that of a test in which each operation fails in turn. Nothing here knows the browser or Burn.

pub mod adopt;
pub mod files;
pub mod pair;
pub mod record;
pub mod runs;

pub use files::{FileError, Files, OpenFile};
pub use pair::{Keeper, Loaded, Pair};
pub use record::Unreadable;
pub use runs::{Catalogue, Label, Notes};
