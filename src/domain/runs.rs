//! The runs that are kept on this device.

use super::RunFacts;
use serde::{Deserialize, Serialize};

/// The identifier of a kept run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// A kept run that can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRun {
    /// Its identifier.
    pub id: RunId,
    /// The name that the visitor gave it.
    pub name: Option<String>,
    /// Its settings and progress.
    pub facts: RunFacts,
    /// Its last accuracy on the validation images, in `0.0..=1.0`.
    pub accuracy: Option<f32>,
    /// The step of its last test, and the accuracy on all test images, in `0.0..=1.0`.
    pub tested: Option<(u64, f32)>,
    /// Total time of its steps in seconds; 0 if it was not noted.
    pub trained_secs: f64,
    /// When it was saved, in milliseconds since 1970.
    pub kept_at_ms: u64,
    /// Its size on this device.
    pub size_bytes: u64,
    /// The tab that uses it.
    pub usage: RunUse,
    /// Why a copy of it that may be newer cannot be read, as a clause about that copy.
    pub passed_over: Option<String>,
    /// Why it is in memory only, as a clause; none if it is kept on this device.
    pub not_kept: Option<String>,
}

/// The tab that uses a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunUse {
    /// None: it can be resumed or deleted.
    Free,
    /// This tab, where it runs or is paused.
    Here,
    /// Another tab.
    Elsewhere,
}

/// Something on the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShelfItem {
    /// A run.
    Run(RunId),
    /// A file that cannot be read, by its name.
    File(String),
}

/// A run's file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableFile {
    /// Its name on this device.
    pub file: String,
    /// Why, as a clause about the file.
    pub reason: String,
    /// Its size on this device.
    pub size_bytes: u64,
}
