//! Reads CIFAR-10 from its published files, piece by piece while they arrive.
//!
//! The content determines the format, not the name. Everything that a file claims is checked. Memory is bounded by the
//! size of CIFAR-10, whatever the file says.

mod contents;
mod digest;
mod error;
mod gzip;
mod parquet;
mod pickle;
mod plain;
mod png;
mod records;
mod tarball;
#[cfg(test)]
mod tests;

pub use contents::{Contents, Slot};
pub use digest::Origin;
pub use error::ArchiveError;

use crate::{
    content::{Content, HEAD_LEN, ImagesFormat},
    data::Images,
};
use contents::Counts;
use digest::Fingerprint;
use gzip::GzipReader;
use plain::PlainReader;

/// The result of reading a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The images.
    pub contents: Contents,
    /// Whether they are the published ones.
    pub origin: Origin,
}

/// Reads one file, which is fed in pieces of any size.
///
/// Reads cifar-10-binary.tar.gz, cifar-10-python.tar.gz, a binary batch, a Python batch, and the parquet files of the
/// Hugging Face hub. Each of them may be compressed by gzip or not.
#[derive(Debug)]
pub struct ArchiveReader {
    file: String,
    counts: Counts,
    fingerprint: Fingerprint,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Too few bytes have arrived to recognise the format.
    Head(Vec<u8>),
    Gzip(Box<GzipReader>),
    Plain(Box<PlainReader>),
    /// An error was returned.
    Refused,
}

impl ArchiveReader {
    /// A reader; `file` is the name in errors.
    pub fn new(file: impl Into<String>) -> Self {
        Self::with_counts(file.into(), Counts::PUBLISHED)
    }

    /// A reader for files with four images in a batch, as in the fixtures.
    #[cfg(test)]
    pub(crate) fn of_four_a_batch(file: &str) -> Self {
        Self::with_counts(file.into(), Counts { per_batch: 4 })
    }

    fn with_counts(file: String, counts: Counts) -> Self {
        Self { file, counts, fingerprint: Fingerprint::default(), stage: Stage::Head(Vec::new()) }
    }

    /// Reads the next bytes of the file, in a piece of any size.
    ///
    /// # Errors
    /// If the file is not CIFAR-10. This is reported as early as possible, and the rest of the file is not needed.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        self.fingerprint.feed(piece);
        let fed = self.pass_on(piece);
        if fed.is_err() {
            // Frees the memory.
            self.stage = Stage::Refused;
        }
        fed
    }

    /// A copy of the first training batch of an archive, as soon as it is complete. Its bytes are checked for their form
    /// only: the archive's checksum comes at its end.
    pub fn first_batch(&self) -> Option<Images> {
        match &self.stage {
            Stage::Gzip(reader) => reader.first_batch(),
            Stage::Plain(reader) => reader.first_batch(),
            Stage::Head(_) | Stage::Refused => None,
        }
    }

    /// The result, after all bytes have been fed.
    ///
    /// # Errors
    /// If the file is incomplete, damaged, or not CIFAR-10.
    pub fn finish(mut self) -> Result<Found, ArchiveError> {
        if let Stage::Head(head) = &mut self.stage {
            let head = std::mem::take(head);
            self.begin(&head)?;
        }
        let Self { file, fingerprint, stage, .. } = self;
        let contents = match stage {
            Stage::Head(_) => return Err(ArchiveError::Empty { file }),
            Stage::Refused => return Err(ArchiveError::RefusedBefore { file }),
            Stage::Gzip(reader) => reader.finish()?,
            Stage::Plain(reader) => reader.finish()?,
        };
        Ok(Found { contents, origin: fingerprint.origin() })
    }

    fn pass_on(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        match &mut self.stage {
            Stage::Head(head) => {
                let (first, rest) = piece.split_at(piece.len().min(HEAD_LEN - head.len()));
                head.extend_from_slice(first);
                if head.len() < HEAD_LEN {
                    return Ok(());
                }
                let head = std::mem::take(head);
                self.begin(&head)?;
                self.pass_on(rest)
            }
            Stage::Gzip(reader) => reader.feed(piece),
            Stage::Plain(reader) => reader.feed(piece),
            Stage::Refused => Err(ArchiveError::RefusedBefore { file: self.file.clone() }),
        }
    }

    /// Chooses the reader by the first bytes, and passes them to it.
    fn begin(&mut self, head: &[u8]) -> Result<(), ArchiveError> {
        self.stage = match Content::of(head) {
            Content::Images(ImagesFormat::Gzip) => {
                Stage::Gzip(Box::new(GzipReader::new(self.file.clone(), self.counts)))
            }
            content => Stage::Plain(Box::new(PlainReader::of(content, head, self.file.clone(), self.counts)?)),
        };
        self.pass_on(head)
    }
}
