//! The checkpoint file of a native run, and how long the run has taken so far.

use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tenfold::{
    checkpoint::{Logbook, read_snapshot, write_snapshot},
    model::Device,
    protocol::Settings,
    train::Run,
};

/// A run's checkpoint: a snapshot, and beside it its duration in seconds as text.
pub struct Checkpoint {
    snapshot: PathBuf,
    seconds: PathBuf,
    logbook: Logbook,
}

/// A checkpoint that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The file is not a checkpoint.
    #[error("{0}: {1}; delete it to start from scratch")]
    Snapshot(PathBuf, tenfold::checkpoint::snapshot::SnapshotError),
    /// The checkpoint is of a run with other settings.
    #[error("{0} is of a run with other settings; delete it to start from scratch, or name another --checkpoint")]
    OtherRun(PathBuf),
    /// The device failed while the run was read.
    #[error("the device failed: {0}")]
    Device(#[from] tenfold::infer::ExecutionError),
}

impl Checkpoint {
    /// The checkpoint kept at `path`, of a run with `logbook`.
    pub fn at(path: &Path, logbook: Logbook) -> Self {
        Self { snapshot: path.to_owned(), seconds: path.with_extension("seconds"), logbook }
    }

    /// The run to resume and the seconds that it took so far, if there is one.
    ///
    /// # Errors
    /// If there is one that cannot be read, or one with other settings than `settings`.
    pub fn load(&self, settings: &Settings, device: &Device) -> Result<Option<(Run, u64)>, StorageError> {
        let bytes = match fs::read(&self.snapshot) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|e| StorageError::File(self.snapshot.clone(), e))?,
        };
        let (run, _) = read_snapshot(&bytes, device).map_err(|e| StorageError::Snapshot(self.snapshot.clone(), e))?;
        if run.settings != *settings {
            return Err(StorageError::OtherRun(self.snapshot.clone()));
        }
        let seconds = fs::read_to_string(&self.seconds).ok().and_then(|s| s.parse().ok()).unwrap_or(0);
        Ok(Some((run, seconds)))
    }

    /// Keeps `run`, which took `seconds` so far; an interrupted save leaves the last checkpoint whole.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn save(&self, run: &Run, seconds: u64) -> Result<(), StorageError> {
        let bytes = write_snapshot(run, &self.logbook).await?;
        let aside = self.snapshot.with_extension("part");
        let write = || {
            if let Some(folder) = self.snapshot.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&aside, &bytes)?;
            fs::rename(&aside, &self.snapshot)?;
            fs::write(&self.seconds, seconds.to_string())
        };
        write().map_err(|e| StorageError::File(self.snapshot.clone(), e))
    }

    /// Forgets the run, because it is over.
    ///
    /// # Errors
    /// If the files cannot be removed.
    pub fn remove(&self) -> Result<(), StorageError> {
        for path in [&self.snapshot, &self.seconds] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(StorageError::File(path.clone(), e)),
                _ => (),
            }
        }
        Ok(())
    }
}
