//! Reads a file that is not compressed as a whole, or that was decompressed: a tar archive, a batch, or a parquet file.

use crate::{
    content::{Content, HEAD_LEN, ImagesFormat},
    data::Images,
};

use super::{
    ArchiveError,
    contents::{Contents, Counts},
    parquet, pickle,
    records::BatchReader,
    tarball::TarReader,
};

/// The maximum size of a parquet file: one and a half times that of the published training images.
const MAX_PARQUET_BYTES: usize = 180_000_000;

/// Memory for a file that is kept whole grows in steps of this size.
const ROOM_BYTES: usize = 16 << 20;

/// Reads one file, which is fed in pieces of any size.
#[derive(Debug)]
pub(super) struct PlainReader {
    file: String,
    counts: Counts,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Too few bytes have arrived to recognise the format.
    Head(Vec<u8>),
    Tar(TarReader),
    Batch(BatchReader),
    /// Kept whole, and read at the end.
    Parquet(Vec<u8>),
    /// Kept whole, and read at the end.
    Pickle(Vec<u8>),
}

impl PlainReader {
    /// A reader; `file` is the name in errors.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        Self { file, counts, stage: Stage::Head(Vec::new()) }
    }

    /// A reader for a file that begins with `head` and is of type `content`. `head` must still be fed.
    pub(super) fn of(content: Content, head: &[u8], file: String, counts: Counts) -> Result<Self, ArchiveError> {
        let stage = match content {
            Content::Images(ImagesFormat::Tar) => Stage::Tar(TarReader::new(file.clone(), counts)),
            Content::Images(ImagesFormat::Batch) => Stage::Batch(BatchReader::new(file.clone(), counts)),
            Content::Images(ImagesFormat::Parquet) => Stage::Parquet(Vec::new()),
            Content::Images(ImagesFormat::Pickle) => Stage::Pickle(Vec::new()),
            Content::Images(ImagesFormat::Gzip) => return Err(ArchiveError::GzipInGzip { file }),
            Content::Empty => return Err(ArchiveError::Empty { file }),
            // This includes the error pages of servers.
            _ if head.trim_ascii_start().starts_with(b"<") => return Err(ArchiveError::WebPage { file }),
            Content::Other(other) => return Err(ArchiveError::Other { file, other }),
            Content::Picture(_) | Content::Tensors | Content::Unknown => return Err(ArchiveError::NotCifar { file }),
        };
        Ok(Self { file, counts, stage })
    }

    /// Reads the next bytes of the file.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        match &mut self.stage {
            Stage::Head(head) => {
                let (first, rest) = piece.split_at(piece.len().min(HEAD_LEN - head.len()));
                head.extend_from_slice(first);
                if head.len() < HEAD_LEN {
                    return Ok(());
                }
                let head = std::mem::take(head);
                self.begin(&head)?;
                self.feed(rest)
            }
            Stage::Tar(reader) => reader.feed(piece),
            Stage::Batch(reader) => reader.feed(piece),
            Stage::Parquet(bytes) => keep(&self.file, bytes, piece, MAX_PARQUET_BYTES),
            Stage::Pickle(bytes) => keep(&self.file, bytes, piece, self.counts.max_entry_bytes()),
        }
    }

    fn begin(&mut self, head: &[u8]) -> Result<(), ArchiveError> {
        *self = Self::of(Content::of(head), head, self.file.clone(), self.counts)?;
        self.feed(head)
    }

    /// Whether the file may be complete, so that an error at its end does not mean that bytes are missing.
    pub(super) fn may_be_whole(&self) -> bool {
        match &self.stage {
            Stage::Head(_) => false,
            Stage::Tar(reader) => reader.is_over(),
            Stage::Batch(reader) => reader.is_whole(),
            Stage::Parquet(bytes) => bytes.ends_with(b"PAR1"),
            Stage::Pickle(bytes) => bytes.ends_with(b"."),
        }
    }

    /// A copy of the first training batch, once it is complete; never for a file that is read at its end.
    pub(super) fn first_batch(&self) -> Option<Images> {
        if let Stage::Tar(reader) = &self.stage { reader.first_batch() } else { None }
    }

    /// The contents of the file, of which all bytes have been fed.
    pub(super) fn finish(mut self) -> Result<Contents, ArchiveError> {
        if let Stage::Head(head) = &mut self.stage {
            let head = std::mem::take(head);
            self.begin(&head)?;
        }
        let Self { file, counts, stage } = self;
        match stage {
            Stage::Head(_) => Err(ArchiveError::Empty { file }),
            Stage::Tar(reader) => Ok(Contents::Whole(reader.finish()?)),
            Stage::Batch(reader) => Ok(Contents::Batch { slot: None, images: reader.finish()? }),
            Stage::Pickle(bytes) => pickle::read_batch(&file, &bytes, counts),
            Stage::Parquet(bytes) => parquet::read(&file, &bytes, counts),
        }
    }
}

/// Appends `piece` to `bytes`, up to `limit_bytes` in all.
fn keep(file: &str, bytes: &mut Vec<u8>, piece: &[u8], limit_bytes: usize) -> Result<(), ArchiveError> {
    let len = bytes.len() + piece.len();
    if len > limit_bytes {
        return Err(ArchiveError::TooLong { file: file.to_owned(), limit_bytes: limit_bytes as u64 });
    }
    if len > bytes.capacity() {
        // A vector would double its capacity.
        bytes.reserve_exact(piece.len().max(ROOM_BYTES.min(limit_bytes - bytes.len())));
    }
    bytes.extend_from_slice(piece);
    Ok(())
}
