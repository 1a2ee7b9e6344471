//! What takes its time, and needs that nothing else computes: one task at a time has the device.
//!
//! Each is a few methods of [`Session`](super::Session), which goes on answering pictures between two of a task's steps.

mod benchmark;
mod comparison;
mod files;
mod measuring;
mod pace;
mod race;
mod training;

pub(super) use benchmark::Bench;
