//! Reads CIFAR-10 from the files that it is published as, piece by piece while they arrive.
//!
//! The content decides the format, never the name. Nothing that a file claims is believed before it is checked,
//! and what is kept in memory is bounded by what CIFAR-10 takes, whatever the file says.

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

use crate::content::{Content, HEAD_LEN, ImagesFormat};
use contents::Counts;
use digest::Fingerprint;
use gzip::GzipReader;
use plain::PlainReader;

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The images.
    pub contents: Contents,
    /// Whether they are exactly the published ones.
    pub origin: Origin,
}

/// Reads one file, fed in pieces of any size.
///
/// Takes cifar-10-binary.tar.gz and cifar-10-python.tar.gz, one binary batch, one Python batch, and the parquet files of the
/// Hugging Face hub; each of them compressed by gzip or not.
#[derive(Debug)]
pub struct ArchiveReader {
    file: String,
    counts: Counts,
    fingerprint: Fingerprint,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Not enough has arrived to tell the format.
    Head(Vec<u8>),
    Gzip(Box<GzipReader>),
    Plain(Box<PlainReader>),
    /// An error was returned already.
    Refused,
}

impl ArchiveReader {
    /// A reader of the file that errors call `file`.
    pub fn new(file: impl Into<String>) -> Self {
        Self::with_counts(file.into(), Counts::PUBLISHED)
    }

    /// A reader of such a file with four images a batch, as the fixtures have.
    #[cfg(test)]
    pub(crate) fn of_four_a_batch(file: &str) -> Self {
        Self::with_counts(file.into(), Counts { per_batch: 4 })
    }

    fn with_counts(file: String, counts: Counts) -> Self {
        Self { file, counts, fingerprint: Fingerprint::default(), stage: Stage::Head(Vec::new()) }
    }

    /// Takes the next bytes of the file, as many as have arrived.
    ///
    /// # Errors
    /// As soon as the file turns out not to be CIFAR-10; the rest of it need not be fetched.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        self.fingerprint.feed(piece);
        let fed = self.pass_on(piece);
        if fed.is_err() {
            // Frees what was read.
            self.stage = Stage::Refused;
        }
        fed
    }

    /// What was in the file, now that all of it was fed.
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

    /// Chooses the reader by the first bytes, and gives them to it.
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
