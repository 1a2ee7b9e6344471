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
mod png;
mod records;
mod tarball;
#[cfg(test)]
mod tests;

pub use contents::{Contents, Slot};
pub use digest::Origin;
pub use error::ArchiveError;

use contents::Counts;
use digest::Fingerprint;
use gzip::GzipReader;
use records::BatchReader;
use tarball::TarReader;

/// The most bytes that a parquet file may have: a half more than the published training images.
const MAX_PARQUET_BYTES: usize = 180_000_000;

/// How much room is made at a time for a file that is read as a whole.
const ROOM_BYTES: usize = 16 << 20;

/// As many first bytes as it takes to tell the formats apart: those up to a tar header's mark.
const HEAD_LEN: usize = TAR_MARK_AT + TAR_MARK.len();

/// What a tar header says it is.
const TAR_MARK: &[u8] = b"ustar";

/// Where it says so.
const TAR_MARK_AT: usize = 257;

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
/// Takes cifar-10-binary.tar.gz and cifar-10-python.tar.gz (also when the browser has unpacked the gzip layer
/// already), one binary batch, one Python batch, and the parquet files of the Hugging Face hub.
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
    Tar(Box<TarReader>),
    Batch(BatchReader),
    Parquet(Vec<u8>),
    Pickle(Vec<u8>),
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
        let Self { file, counts, fingerprint, stage } = self;
        let contents = match stage {
            Stage::Head(_) => return Err(ArchiveError::Empty { file }),
            Stage::Refused => return Err(ArchiveError::RefusedBefore { file }),
            Stage::Gzip(reader) => Contents::Whole(reader.finish()?),
            Stage::Tar(reader) => Contents::Whole(reader.finish()?),
            Stage::Batch(reader) => Contents::Batch { slot: None, images: reader.finish()? },
            Stage::Pickle(bytes) => pickle::read_batch(&file, &bytes, counts)?,
            Stage::Parquet(bytes) => parquet::read(&file, &bytes, counts)?,
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
            Stage::Tar(reader) => reader.feed(piece),
            Stage::Batch(reader) => reader.feed(piece),
            Stage::Parquet(bytes) => keep(&self.file, bytes, piece, MAX_PARQUET_BYTES),
            Stage::Pickle(bytes) => keep(&self.file, bytes, piece, self.counts.max_entry_bytes()),
            Stage::Refused => Err(ArchiveError::RefusedBefore { file: self.file.clone() }),
        }
    }

    /// Chooses the reader by the first bytes, and gives them to it.
    fn begin(&mut self, head: &[u8]) -> Result<(), ArchiveError> {
        let file = || self.file.clone();
        self.stage = match head {
            [] => return Err(ArchiveError::Empty { file: file() }),
            [0x1f, 0x8b, ..] => Stage::Gzip(Box::new(GzipReader::new(file(), self.counts))),
            [b'P', b'A', b'R', b'1', ..] => Stage::Parquet(Vec::new()),
            [0x80, 2, ..] => Stage::Pickle(Vec::new()),
            // The label of the first record.
            [0..=9, ..] => Stage::Batch(BatchReader::new(file(), self.counts)),
            _ if head.get(TAR_MARK_AT..) == Some(TAR_MARK) => Stage::Tar(Box::new(TarReader::new(file(), self.counts))),
            _ if head.trim_ascii_start().starts_with(b"<") => return Err(ArchiveError::WebPage { file: file() }),
            _ => return Err(ArchiveError::NotCifar { file: file() }),
        };
        self.pass_on(head)
    }
}

/// Puts `piece` behind `bytes`, which may have `limit_bytes`.
fn keep(file: &str, bytes: &mut Vec<u8>, piece: &[u8], limit_bytes: usize) -> Result<(), ArchiveError> {
    let len = bytes.len() + piece.len();
    if len > limit_bytes {
        return Err(ArchiveError::TooLong { file: file.to_owned(), limit_bytes: limit_bytes as u64 });
    }
    if len > bytes.capacity() {
        // Not twice as much, as a vector would by itself.
        bytes.reserve_exact(piece.len().max(ROOM_BYTES.min(limit_bytes - bytes.len())));
    }
    bytes.extend_from_slice(piece);
    Ok(())
}
