//! The checkpoint file of a native run, and what a snapshot does not contain: the run's duration and its teachers.

use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tenfold::{
    checkpoint::{Logbook, card::Views, read_snapshot, write_snapshot},
    domain::Settings,
    model::Device,
    train::Run,
};

/// A run's checkpoint: a snapshot, and its [`Record`] as JSON beside it.
pub struct Checkpoint {
    snapshot: PathBuf,
    record: PathBuf,
    logbook: Logbook,
    taught_by: TaughtBy,
}

/// What a run learns from, besides the training images and their labels.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TaughtBy {
    /// The settings of each teacher's training.
    pub teachers: Vec<Settings>,
    /// The changed copies that its epochs show instead of the training images.
    pub views: Option<Views>,
}

/// The data beside a snapshot.
#[derive(Serialize, Deserialize)]
struct Record {
    /// The run's duration so far.
    seconds: u64,
    #[serde(flatten)]
    taught_by: TaughtBy,
}

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The file is not a snapshot.
    #[error("{0}: {1}; delete it to start from scratch")]
    Snapshot(PathBuf, tenfold::checkpoint::snapshot::SnapshotError),
    /// The checkpoint is of a run with other settings.
    #[error("{0} is of a run with other settings; delete it to start from scratch, or name another --checkpoint")]
    OtherRun(PathBuf),
    /// The checkpoint is of a run with other teachers or views.
    #[error(
        "{0} is of a run with other teachers or views; name the same with --teacher and --views, or another --checkpoint"
    )]
    OtherTeachers(PathBuf),
    /// The run could not be written.
    #[error("the run was not kept, because {0}")]
    Write(#[from] tenfold::checkpoint::WriteError),
    /// The device failed during a measurement.
    #[error("the device failed: {0}")]
    Device(#[from] tenfold::infer::ExecutionError),
}

impl Checkpoint {
    /// The checkpoint at `path`, for a run with `logbook` and `taught_by`.
    pub fn at(path: &Path, logbook: Logbook, taught_by: TaughtBy) -> Self {
        Self { snapshot: path.to_owned(), record: path.with_extension("json"), logbook, taught_by }
    }

    /// The run to resume and its duration in seconds so far, if there is a checkpoint.
    ///
    /// # Errors
    /// If the checkpoint cannot be read, or has other settings than `settings`, other teachers or other views.
    pub fn load(&self, settings: &Settings, device: &Device) -> Result<Option<(Run, u64)>, StorageError> {
        let bytes = match fs::read(&self.snapshot) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|e| StorageError::File(self.snapshot.clone(), e))?,
        };
        let (run, _) = read_snapshot(&bytes, device).map_err(|e| StorageError::Snapshot(self.snapshot.clone(), e))?;
        if run.settings != *settings {
            return Err(StorageError::OtherRun(self.snapshot.clone()));
        }
        let kept = fs::read(&self.record).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let Record { seconds, taught_by } = kept.unwrap_or(Record { seconds: 0, taught_by: self.taught_by.clone() });
        if taught_by != self.taught_by {
            return Err(StorageError::OtherTeachers(self.snapshot.clone()));
        }
        Ok(Some((run, seconds)))
    }

    /// Saves `run`, which has taken `seconds` so far. If saving is interrupted, the last checkpoint is still whole.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn save(&self, run: &Run, seconds: u64) -> Result<(), StorageError> {
        let bytes = write_snapshot(run, &self.logbook).await?;
        let record = Record { seconds, taught_by: self.taught_by.clone() };
        let record = serde_json::to_vec(&record).expect("settings are plain data");
        let aside = self.snapshot.with_extension("part");
        let write = || {
            if let Some(folder) = self.snapshot.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&aside, &bytes)?;
            fs::rename(&aside, &self.snapshot)?;
            fs::write(&self.record, &record)
        };
        write().map_err(|e| StorageError::File(self.snapshot.clone(), e))
    }

    /// Removes the checkpoint, after the run has ended.
    ///
    /// # Errors
    /// If the files cannot be removed.
    pub fn remove(&self) -> Result<(), StorageError> {
        for path in [&self.snapshot, &self.record] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(StorageError::File(path.clone(), e)),
                _ => (),
            }
        }
        Ok(())
    }
}
