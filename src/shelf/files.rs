//! The file system that the shelf needs.

use std::ops::Range;

/// Why a file could not be read or saved; each displays as a clause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The disk or this page's share of it is full.
    #[error("this device has no room left for it")]
    Full,
    /// Another tab has the file open.
    #[error("another tab is writing it")]
    Busy,
    /// The browser keeps no files for this page.
    #[error("this browser keeps no files for this page ({0})")]
    Unavailable(String),
    /// The file reads back differently from what was written.
    #[error("this device did not keep it as it was written")]
    Corrupted,
    /// The file does not exist, or is too short.
    #[error("the file is gone or was cut")]
    Gone,
    /// Anything else, in the system's own words.
    #[error("the browser did not keep it ({0})")]
    Other(String),
}

/// A folder of files that is shared with other tabs.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Files {
    /// An open file. While the value lives, nobody else can open or remove the file.
    type Open: OpenFile;
    /// A claimed name. While the value lives, nobody else can claim it. The claim also ends when its owner crashes.
    type Claim;

    /// The names of all files.
    ///
    /// # Errors
    /// If they cannot be listed.
    async fn names(&self) -> Result<Vec<String>, FileError>;

    /// The size of the file `name` in bytes; none if it does not exist.
    ///
    /// # Errors
    /// If the size cannot be read.
    async fn size(&self, name: &str) -> Result<Option<u64>, FileError>;

    /// The bytes in `range` of the file `name`.
    ///
    /// # Errors
    /// If it cannot be read, or is too short.
    async fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, FileError>;

    /// Opens the file `name`, and creates it if it does not exist.
    ///
    /// # Errors
    /// If it cannot be opened, for example because another tab has it open.
    async fn open(&self, name: &str) -> Result<Self::Open, FileError>;

    /// Removes the file `name`, if it exists.
    ///
    /// # Errors
    /// If the file could not be removed.
    async fn remove(&self, name: &str) -> Result<(), FileError>;

    /// How many more bytes can be stored, if known.
    async fn room(&self) -> Option<u64>;

    /// Claims `name`; none if another worker has it.
    ///
    /// # Errors
    /// If names cannot be claimed here.
    async fn claim(&self, name: &str) -> Result<Option<Self::Claim>, FileError>;

    /// Whether anybody has claimed `name`, including this tab.
    async fn is_claimed(&self, name: &str) -> bool;
}

/// An open file.
pub trait OpenFile {
    /// Truncates the file, or extends it with zeros.
    ///
    /// # Errors
    /// If the length could not be changed.
    fn resize(&mut self, len: u64) -> Result<(), FileError>;

    /// Writes all of `bytes`, starting at byte `at`.
    ///
    /// # Errors
    /// If not all bytes were written.
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), FileError>;

    /// Reads into `bytes`, starting at byte `at`.
    ///
    /// # Errors
    /// If the file is too short or cannot be read.
    fn read(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), FileError>;

    /// Returns when everything written so far would survive a crash.
    ///
    /// # Errors
    /// If that cannot be guaranteed.
    fn flush(&mut self) -> Result<(), FileError>;
}

/// A device that keeps nothing.
#[cfg(test)]
pub struct NoFiles;

#[cfg(test)]
impl NoFiles {
    fn unavailable<T>() -> Result<T, FileError> {
        Err(FileError::Unavailable("a test has none".into()))
    }
}

#[cfg(test)]
impl OpenFile for NoFiles {
    fn resize(&mut self, _: u64) -> Result<(), FileError> {
        Self::unavailable()
    }
    fn write(&mut self, _: u64, _: &[u8]) -> Result<(), FileError> {
        Self::unavailable()
    }
    fn read(&mut self, _: u64, _: &mut [u8]) -> Result<(), FileError> {
        Self::unavailable()
    }
    fn flush(&mut self) -> Result<(), FileError> {
        Self::unavailable()
    }
}

#[cfg(test)]
impl Files for NoFiles {
    type Open = Self;
    type Claim = ();

    async fn names(&self) -> Result<Vec<String>, FileError> {
        Self::unavailable()
    }
    async fn size(&self, _: &str) -> Result<Option<u64>, FileError> {
        Ok(None)
    }
    async fn read(&self, _: &str, _: Range<u64>) -> Result<Vec<u8>, FileError> {
        Self::unavailable()
    }
    async fn open(&self, _: &str) -> Result<Self, FileError> {
        Self::unavailable()
    }
    async fn remove(&self, _: &str) -> Result<(), FileError> {
        Self::unavailable()
    }
    async fn room(&self) -> Option<u64> {
        None
    }
    async fn claim(&self, _: &str) -> Result<Option<()>, FileError> {
        Self::unavailable()
    }
    async fn is_claimed(&self, _: &str) -> bool {
        false
    }
}
