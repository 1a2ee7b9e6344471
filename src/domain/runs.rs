//! The runs that are kept on this device.

use super::RunFacts;
use serde::{Deserialize, Serialize};

/// Identifies a run for as long as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// A run that can be taken up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRun {
    /// Which.
    pub id: RunId,
    /// What the visitor calls it.
    pub name: Option<String>,
    /// What it is, and how far it has come.
    pub facts: RunFacts,
    /// Share of right answers on its validation images, when it was last measured.
    pub accuracy: Option<f32>,
    /// Its network's share of right answers on all test images, and after how many steps that was.
    pub tested: Option<(u64, f32)>,
    /// How long its steps took, in seconds; 0 where nobody noted it.
    pub trained_secs: f64,
    /// When it was kept, in milliseconds since 1970.
    pub kept_at_ms: u64,
    /// What it takes on this device.
    pub size_bytes: u64,
    /// Who writes it.
    pub usage: RunUse,
    /// Why a copy of it cannot be read that may have been newer, as a clause about that copy.
    pub passed_over: Option<String>,
    /// Why it is in memory only, as a clause; none where it is kept on this device.
    pub not_kept: Option<String>,
}

/// Who writes a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunUse {
    /// Nobody: it can be taken up, or deleted.
    Free,
    /// This tab, where it goes on or waits.
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

/// A file of a run that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableFile {
    /// Its name on this device.
    pub file: String,
    /// Why, as a clause about it.
    pub reason: String,
    /// What it takes on this device.
    pub size_bytes: u64,
}
