//! Reads tar archives of CIFAR-10's batches piece by piece, and refuses whatever no such archive has.

use tar::{EntryType, Header, PaxExtensions};

use crate::data::batch::Dataset;

use super::{
    ArchiveError,
    contents::{Counts, Shelf, Slot},
    pickle,
    records::Records,
};

/// Bytes of a tar archive's blocks, to which everything in it is padded.
const BLOCK_LEN: usize = 512;

/// The most bytes that a file may have which is no batch: the names of the classes, a readme, a header's extension.
const MAX_OTHER_BYTES: u64 = 1 << 20;

/// The most bytes of a name that an error repeats.
const MAX_NAME_LEN: usize = 100;

/// What an extended header's keys may not begin with, since they change what the plain header says.
const OVERRIDES: [&str; 4] = ["path", "linkpath", "size", "GNU.sparse."];

/// Reads `.tar`.
#[derive(Debug)]
pub(super) struct TarReader {
    file: String,
    counts: Counts,
    unpacked_bytes: u64,
    shelf: Shelf,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Between two files.
    Header(Vec<u8>),
    /// Inside a file.
    Body { left_bytes: u64, padding_bytes: usize, name: String, body: Body },
    /// Behind a file, with so many bytes to its block's end.
    Padding(usize),
    /// Behind the last file.
    Over,
}

/// What is done with a file's bytes.
#[derive(Debug)]
enum Body {
    Skipped,
    Extension(Vec<u8>),
    Binary(Slot, Records),
    /// A batch named as Python's are; its first byte says whether it is.
    Python(Slot, Vec<u8>),
}

impl TarReader {
    /// A reader of the archive that errors call `file`.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        let stage = Stage::Header(Vec::with_capacity(BLOCK_LEN));
        Self { file, counts, unpacked_bytes: 0, shelf: Shelf::new(counts), stage }
    }

    /// Whether the end of the archive was met.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Takes the archive's next bytes.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        // Up to the longest archive's end first, so that the pieces do not decide which of two errors is told.
        let limit_bytes = self.counts.max_unpacked_bytes();
        let left_bytes = usize::try_from(limit_bytes - self.unpacked_bytes).unwrap_or(usize::MAX);
        let (mut head, beyond) = piece.split_at(piece.len().min(left_bytes));
        self.unpacked_bytes += head.len() as u64;
        while !head.is_empty() {
            head = self.step(head)?;
        }
        if beyond.is_empty() {
            return Ok(());
        }
        Err(ArchiveError::Bomb { file: self.file.clone(), limit_bytes })
    }

    /// All of CIFAR-10, now that all of the archive was fed.
    pub(super) fn finish(self) -> Result<Dataset, ArchiveError> {
        match self.stage {
            Stage::Over => {}
            // Archives that were put together by hand may lack their end mark.
            Stage::Header(header) if header.is_empty() => {}
            _ => return Err(ArchiveError::CutShort { file: self.file }),
        }
        self.shelf.finish(&self.file)
    }

    /// Takes as much of `piece` as belongs together; returns the rest.
    fn step<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], ArchiveError> {
        match &mut self.stage {
            Stage::Header(header) => {
                let (head, rest) = piece.split_at(piece.len().min(BLOCK_LEN - header.len()));
                header.extend_from_slice(head);
                if header.len() == BLOCK_LEN {
                    let header = std::mem::take(header);
                    self.stage = self.enter(&header)?;
                }
                Ok(rest)
            }
            Stage::Body { left_bytes, name, body, padding_bytes } => {
                let len = usize::try_from(*left_bytes).unwrap_or(usize::MAX).min(piece.len());
                let (head, rest) = piece.split_at(len);
                let shelf = &mut self.shelf;
                match body {
                    Body::Skipped => {}
                    Body::Extension(bytes) | Body::Python(_, bytes) => bytes.extend_from_slice(head),
                    Body::Binary(slot, records) => {
                        records.feed(name, head, |record, label, planar| shelf.set(*slot, record, label, planar))?;
                    }
                }
                *left_bytes -= len as u64;
                if *left_bytes == 0 {
                    close(name, body, shelf, self.counts)?;
                    self.stage = Stage::Padding(*padding_bytes).or_header();
                }
                Ok(rest)
            }
            Stage::Padding(left_bytes) => {
                let len = piece.len().min(*left_bytes);
                self.stage = Stage::Padding(*left_bytes - len).or_header();
                Ok(&piece[len..])
            }
            // Zeroes up to the writer's own block size, or whatever a bound on their number lets pass.
            Stage::Over => Ok(&[]),
        }
    }

    /// The stage behind `header`.
    fn enter(&mut self, header: &[u8]) -> Result<Stage, ArchiveError> {
        if header.iter().all(|&byte| byte == 0) {
            return Ok(Stage::Over);
        }
        let header = Header::from_byte_slice(header);
        let damaged = || ArchiveError::TarHeader { file: self.file.clone() };
        if !header.cksum().is_ok_and(|sum| sum == checksum(header)) {
            return Err(damaged());
        }
        let size_bytes = header.entry_size().map_err(|_| damaged())?;
        let path = String::from_utf8_lossy(&header.path_bytes()).into_owned();
        let shown: String = path.escape_debug().take(MAX_NAME_LEN).collect();
        let name = format!("{shown} in {}", self.file);
        if let Some(kind) = foreign_kind(header.entry_type()) {
            return Err(ArchiveError::EntryKind { file: name, kind });
        }
        let is_extension = !header.entry_type().is_file() && !header.entry_type().is_dir();
        if !is_extension && leads_out(&path) {
            return Err(ArchiveError::EntryName { file: self.file.clone(), entry: shown });
        }
        let (body, is_possible) = match Slot::of_name(&path) {
            _ if is_extension => (Body::Extension(Vec::new()), size_bytes <= MAX_OTHER_BYTES),
            _ if header.entry_type().is_dir() => (Body::Skipped, size_bytes == 0),
            None => (Body::Skipped, size_bytes <= MAX_OTHER_BYTES),
            Some(slot) if path.ends_with(".bin") => {
                (Body::Binary(slot, Records::default()), size_bytes <= self.counts.batch_bytes() as u64)
            }
            Some(slot) => (Body::Python(slot, Vec::new()), size_bytes <= self.counts.max_entry_bytes() as u64),
        };
        if !is_possible {
            return Err(ArchiveError::EntrySize { file: name, size_bytes });
        }
        if let Body::Binary(slot, _) | Body::Python(slot, _) = body
            && !self.shelf.open(slot)
        {
            return Err(ArchiveError::Duplicate { file: name });
        }
        // Checked above to be at most a batch.
        let padding_bytes = (size_bytes as usize).next_multiple_of(BLOCK_LEN) - size_bytes as usize;
        let mut body = body;
        if size_bytes == 0 {
            close(&name, &mut body, &mut self.shelf, self.counts)?;
            return Ok(Stage::Header(Vec::with_capacity(BLOCK_LEN)));
        }
        Ok(Stage::Body { left_bytes: size_bytes, padding_bytes, name, body })
    }
}

impl Stage {
    /// The next header, where there is no padding left.
    fn or_header(self) -> Self {
        if matches!(self, Self::Padding(0)) { Self::Header(Vec::with_capacity(BLOCK_LEN)) } else { self }
    }
}

/// Reads or checks a file of which everything arrived.
fn close(name: &str, body: &mut Body, shelf: &mut Shelf, counts: Counts) -> Result<(), ArchiveError> {
    match body {
        Body::Skipped => Ok(()),
        Body::Binary(_, records) => records.finish(name, counts.per_batch),
        Body::Python(slot, bytes) => {
            // Freed when this is done, before the next one arrives.
            let bytes = std::mem::take(bytes);
            pickle::read(name, &bytes, counts, |record, label, planar| shelf.set(*slot, record, label, planar))?;
            Ok(())
        }
        Body::Extension(bytes) => check_extension(name, bytes),
    }
}

/// Refuses an extended header that changes what the plain one says of the next file.
fn check_extension(name: &str, records: &[u8]) -> Result<(), ArchiveError> {
    for record in PaxExtensions::new(records) {
        let key = record.as_ref().ok().and_then(|record| record.key().ok());
        let Some(key) = key else { return Err(ArchiveError::TarHeader { file: name.to_owned() }) };
        if OVERRIDES.iter().any(|start| key.starts_with(start)) {
            let kind = "a tar extension that renames or resizes a file";
            return Err(ArchiveError::EntryKind { file: name.to_owned(), kind });
        }
    }
    Ok(())
}

/// The sum of a header's bytes, its own checksum counted as blanks.
fn checksum(header: &Header) -> u32 {
    let bytes = header.as_bytes();
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    sum(&bytes[..148]) + 8 * u32::from(b' ') + sum(&bytes[156..])
}

/// What an entry is that is neither a file, nor a folder, nor a harmless extension of the next header.
fn foreign_kind(kind: EntryType) -> Option<&'static str> {
    match kind {
        EntryType::Regular | EntryType::Directory | EntryType::XHeader | EntryType::XGlobalHeader => None,
        EntryType::Symlink | EntryType::Link => Some("a link"),
        EntryType::GNUSparse => Some("a file with holes"),
        EntryType::Char | EntryType::Block | EntryType::Fifo => Some("a device"),
        EntryType::GNULongName | EntryType::GNULongLink => Some("a name longer than 100 bytes"),
        _ => Some("an entry of an unknown kind"),
    }
}

/// Whether unpacking a file of this name could write outside of the archive's folder.
fn leads_out(path: &str) -> bool {
    let is_absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    is_absolute || path.is_empty() || path.contains(['\\', '\0']) || path.split('/').any(|part| part == "..")
}
