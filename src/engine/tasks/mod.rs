//! Tasks that take time and need the device for themselves. One runs at a time.
//!
//! Each is a few methods of [`Session`](super::Session), which answers pictures between two of a task's steps.

mod benchmark;
mod comparison;
mod files;
mod measuring;
mod pace;
mod race;
mod training;

pub(super) use benchmark::Bench;
pub(super) use files::Foreign;
