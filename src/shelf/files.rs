//! What the shelf needs of a file system.

use std::ops::Range;

/// Why a file could not be read or kept; each reads as a clause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The disk, or this page's share of it, is full.
    #[error("this device has no room left for it")]
    Full,
    /// Another tab has the file open.
    #[error("another tab is writing it")]
    Busy,
    /// Nothing is kept here.
    #[error("this browser keeps no files for this page ({0})")]
    Unavailable(String),
    /// What was written is not what is read.
    #[error("this device did not keep it as it was written")]
    Corrupted,
    /// There is no such file, or it is shorter.
    #[error("the file is gone or was cut")]
    Gone,
    /// Anything else, in the system's own words.
    #[error("the browser did not keep it ({0})")]
    Other(String),
}

/// A folder of files, which other tabs use too.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Files {
    /// A file that nobody else can open or remove, for as long as the value lives.
    type Open: OpenFile;
    /// A name that nobody else has, for as long as the value lives, also where its owner dies.
    type Claim;

    /// The names of all files.
    ///
    /// # Errors
    /// If they cannot be listed.
    async fn names(&self) -> Result<Vec<String>, FileError>;

    /// The size of the file `name` in bytes; none if there is none.
    ///
    /// # Errors
    /// If it cannot be known.
    async fn size(&self, name: &str) -> Result<Option<u64>, FileError>;

    /// The bytes in `range` of the file `name`.
    ///
    /// # Errors
    /// If it cannot be read, or is shorter.
    async fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, FileError>;

    /// Opens the file `name`, which is made where there is none.
    ///
    /// # Errors
    /// If it cannot be opened, as where another tab has it.
    async fn open(&self, name: &str) -> Result<Self::Open, FileError>;

    /// Removes the file `name`, if there is one.
    ///
    /// # Errors
    /// If it stays.
    async fn remove(&self, name: &str) -> Result<(), FileError>;

    /// How many more bytes may be kept, where that is known.
    async fn room(&self) -> Option<u64>;

    /// Takes `name`; none if another has it.
    ///
    /// # Errors
    /// If names cannot be taken here.
    async fn claim(&self, name: &str) -> Result<Option<Self::Claim>, FileError>;

    /// Whether somebody has `name`, this tab included.
    async fn is_claimed(&self, name: &str) -> bool;
}

/// An open file.
pub trait OpenFile {
    /// Cuts the file, or lengthens it with zeros.
    ///
    /// # Errors
    /// If it stays as it was.
    fn resize(&mut self, len: u64) -> Result<(), FileError>;

    /// Writes all `bytes` from byte `at` on.
    ///
    /// # Errors
    /// If not all were written.
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), FileError>;

    /// Fills `bytes` with what is there from byte `at` on.
    ///
    /// # Errors
    /// If the file is shorter or cannot be read.
    fn read(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), FileError>;

    /// Returns once all that was written will be there after a crash.
    ///
    /// # Errors
    /// If that is not known.
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
