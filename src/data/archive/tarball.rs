//! Reads tar archives of CIFAR-10's batches piece by piece, from any program that packs them.
//!
//! Nothing is unpacked to a disk, so only the last part of a path matters.

use tar::{EntryType, Header, PaxExtensions};

use crate::{
    content::{self, Content, HEAD_LEN},
    data::batch::{Dataset, Images},
};

use super::{
    ArchiveError,
    contents::{Counts, Shelf, Slot},
    pickle,
    records::Records,
};

/// The block size of tar archives, to which headers and files are padded.
const BLOCK_LEN: usize = 512;

/// The maximum size of other files: the names of the classes, a readme, an extended header.
const MAX_OTHER_BYTES: u64 = 1 << 20;

/// The maximum length of a name in an error.
const MAX_NAME_LEN: usize = 100;

/// Reads a tar archive.
#[derive(Debug)]
pub(super) struct TarReader {
    file: String,
    counts: Counts,
    unpacked_bytes: u64,
    shelf: Shelf,
    /// Corrections for the next file's header.
    next: Corrections,
    stage: Stage,
}

/// What extended headers tell about the next file, instead of its own header.
#[derive(Debug, Default)]
struct Corrections {
    path: Option<String>,
    size_bytes: Option<u64>,
}

#[derive(Debug)]
enum Stage {
    /// Before a header, or within it.
    Header(Vec<u8>),
    /// Within a file.
    Body { left_bytes: u64, padding_bytes: usize, name: String, body: Body },
    /// After a file, with the number of padding bytes that are left.
    Padding(usize),
    /// After the end of the archive.
    Over,
}

/// How a file's bytes are used.
#[derive(Debug)]
enum Body {
    Skipped,
    /// Records of the form "LEN KEY=VALUE" about the next file.
    PaxExtension(Vec<u8>),
    /// The next file's name, which is too long for a GNU header.
    LongName(Vec<u8>),
    /// The first bytes of a file that is too large for CIFAR-10.
    TooLong(u64, Vec<u8>),
    Binary(Slot, Records),
    /// A file with the name of a Python batch. Its first byte tells whether it is one.
    Python(Slot, Vec<u8>),
}

impl TarReader {
    /// A reader; `file` is the name in errors.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        let stage = Stage::Header(Vec::with_capacity(BLOCK_LEN));
        Self { file, counts, unpacked_bytes: 0, shelf: Shelf::new(counts), next: Corrections::default(), stage }
    }

    /// Whether the archive's end mark was read.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Reads the next bytes of the archive.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        // The bytes up to the maximum length come first. So it does not depend on the pieces which of two errors is
        // reported.
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

    /// A copy of the first training batch, once it is complete.
    pub(super) fn first_batch(&self) -> Option<Images> {
        self.shelf.first_batch()
    }

    /// All of CIFAR-10, after the whole archive has been fed.
    pub(super) fn finish(self) -> Result<Dataset, ArchiveError> {
        match self.stage {
            Stage::Over => {}
            // Archives that were made by hand may lack the end mark.
            Stage::Header(header) if header.is_empty() => {}
            _ => return Err(ArchiveError::CutShort { file: self.file }),
        }
        self.shelf.finish(&self.file)
    }

    /// Reads a part of `piece`, and returns the rest.
    fn step<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], ArchiveError> {
        match &mut self.stage {
            Stage::Header(header) => {
                let (head, rest) = piece.split_at(piece.len().min(BLOCK_LEN - header.len()));
                header.extend_from_slice(head);
                if let Ok(header) = <[u8; BLOCK_LEN]>::try_from(header.as_slice()) {
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
                    Body::PaxExtension(bytes) | Body::LongName(bytes) | Body::Python(_, bytes) => {
                        bytes.extend_from_slice(head);
                    }
                    Body::TooLong(size_bytes, bytes) => {
                        bytes.extend_from_slice(&head[..head.len().min(HEAD_LEN - bytes.len())]);
                        if bytes.len() == HEAD_LEN {
                            return Err(too_long(name, *size_bytes, bytes));
                        }
                    }
                    Body::Binary(slot, records) => {
                        records.feed(name, head, |record, label, planar| shelf.set(*slot, record, label, planar))?;
                    }
                }
                *left_bytes -= len as u64;
                if *left_bytes == 0 {
                    close(name, body, shelf, &mut self.next, self.counts)?;
                    self.stage = Stage::Padding(*padding_bytes).or_header();
                }
                Ok(rest)
            }
            Stage::Padding(left_bytes) => {
                let len = piece.len().min(*left_bytes);
                self.stage = Stage::Padding(*left_bytes - len).or_header();
                Ok(&piece[len..])
            }
            // Zeros up to the writer's own block size, or anything else; its length is bounded.
            Stage::Over => Ok(&[]),
        }
    }

    /// The stage after `header`.
    fn enter(&mut self, header: &[u8; BLOCK_LEN]) -> Result<Stage, ArchiveError> {
        if header.iter().all(|&byte| byte == 0) {
            return Ok(Stage::Over);
        }
        let sum = content::tar_sum(header);
        let header = Header::from_byte_slice(header);
        let damaged = || ArchiveError::TarHeader { file: self.file.clone() };
        if !header.cksum().is_ok_and(|said| said == sum) {
            return Err(damaged());
        }
        let kind = Kind::of(header.entry_type());
        let said = if kind.is_extension() { Corrections::default() } else { std::mem::take(&mut self.next) };
        let size_bytes = match (&kind, said.size_bytes) {
            // Special entries have no content, whatever the header says.
            (Kind::Special(_), _) => 0,
            (_, Some(size_bytes)) => size_bytes,
            (_, None) => header.entry_size().map_err(|_| damaged())?,
        };
        let path = said.path.unwrap_or_else(|| String::from_utf8_lossy(&header.path_bytes()).into_owned());
        let shown: String = path.escape_debug().take(MAX_NAME_LEN).collect();
        let name = format!("{shown} in {}", self.file);
        let slot = Slot::of_name(&path);
        let (mut body, is_possible) = match (kind, slot) {
            (Kind::Pax, _) => (Body::PaxExtension(Vec::new()), size_bytes <= MAX_OTHER_BYTES),
            (Kind::LongName, _) => (Body::LongName(Vec::new()), size_bytes <= MAX_OTHER_BYTES),
            (Kind::OtherExtension | Kind::Folder, _) => (Body::Skipped, size_bytes <= MAX_OTHER_BYTES),
            (Kind::Special(kind), Some(_)) => return Err(ArchiveError::EntryKind { file: name, kind }),
            (Kind::Special(_), None) => (Body::Skipped, true),
            (Kind::File, None) if size_bytes > MAX_OTHER_BYTES => (Body::TooLong(size_bytes, Vec::new()), true),
            (Kind::File, None) => (Body::Skipped, true),
            (Kind::File, Some(slot)) if is_binary(&path) => {
                (Body::Binary(slot, Records::default()), size_bytes <= self.counts.batch_bytes() as u64)
            }
            (Kind::File, Some(slot)) => {
                (Body::Python(slot, Vec::new()), size_bytes <= self.counts.max_entry_bytes() as u64)
            }
        };
        if !is_possible {
            return Err(ArchiveError::EntrySize { file: name, size_bytes });
        }
        if let Body::Binary(slot, _) | Body::Python(slot, _) = body
            && !self.shelf.open(slot)
        {
            return Err(ArchiveError::Duplicate { file: name });
        }
        if size_bytes == 0 {
            close(&name, &mut body, &mut self.shelf, &mut self.next, self.counts)?;
            return Ok(Stage::Header(Vec::with_capacity(BLOCK_LEN)));
        }
        // A file that is larger than this computer's memory is refused before its padding is reached.
        let padding_bytes = (BLOCK_LEN as u64 - size_bytes % BLOCK_LEN as u64) as usize % BLOCK_LEN;
        Ok(Stage::Body { left_bytes: size_bytes, padding_bytes, name, body })
    }
}

/// Whether a batch with this path is a binary one.
fn is_binary(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".bin")
}

/// The type of an entry.
enum Kind {
    File,
    Folder,
    /// Describes the next file.
    Pax,
    /// Contains the next file's name.
    LongName,
    /// Contains something that is not needed.
    OtherExtension,
    /// Not a regular file, and without content in the archive.
    Special(&'static str),
}

impl Kind {
    fn of(kind: EntryType) -> Self {
        match kind.as_byte() {
            b'5' => Self::Folder,
            // Solaris wrote 'X' before 'x' was defined.
            b'x' | b'X' => Self::Pax,
            b'L' => Self::LongName,
            // Headers for the whole archive, targets of links, and GNU's lists of folders and labels of volumes.
            b'g' | b'K' | b'D' | b'V' => Self::OtherExtension,
            b'1' | b'2' => Self::Special("a link"),
            b'S' => Self::Special("a file with holes"),
            b'3' | b'4' | b'6' => Self::Special("a device"),
            // The standard says that unknown types are files.
            _ => Self::File,
        }
    }

    /// Whether it describes what follows it.
    fn is_extension(&self) -> bool {
        matches!(self, Self::Pax | Self::LongName | Self::OtherExtension)
    }
}

/// The error for a file that is too large and has an unknown name. `head` is its first bytes.
fn too_long(name: &str, size_bytes: u64, head: &[u8]) -> ArchiveError {
    let file = name.to_owned();
    match Content::of(head) {
        Content::Other(other) => ArchiveError::Other { file, other },
        _ => ArchiveError::EntrySize { file, size_bytes },
    }
}

impl Stage {
    /// The stage of a header, if no padding is left.
    fn or_header(self) -> Self {
        if matches!(self, Self::Padding(0)) { Self::Header(Vec::with_capacity(BLOCK_LEN)) } else { self }
    }
}

/// Finishes a file after its last byte: reads or checks it.
fn close(
    name: &str,
    body: &mut Body,
    shelf: &mut Shelf,
    next: &mut Corrections,
    counts: Counts,
) -> Result<(), ArchiveError> {
    match body {
        Body::Skipped => Ok(()),
        Body::Binary(slot, records) => {
            records.finish(name, counts.per_batch)?;
            shelf.complete(*slot);
            Ok(())
        }
        Body::Python(slot, bytes) => {
            // The memory is freed at the end of this block, before the next file arrives.
            let bytes = std::mem::take(bytes);
            pickle::read(name, &bytes, counts, |record, label, planar| shelf.set(*slot, record, label, planar))?;
            shelf.complete(*slot);
            Ok(())
        }
        Body::PaxExtension(records) => next.take_in(name, records),
        Body::LongName(bytes) => {
            let len = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            next.path = Some(String::from_utf8_lossy(&bytes[..len]).into_owned());
            Ok(())
        }
        Body::TooLong(size_bytes, head) => Err(too_long(name, *size_bytes, head)),
    }
}

impl Corrections {
    /// Stores what the `records` of an extended header tell.
    fn take_in(&mut self, name: &str, records: &[u8]) -> Result<(), ArchiveError> {
        let damaged = || ArchiveError::TarHeader { file: name.to_owned() };
        for record in PaxExtensions::new(records) {
            let record = record.map_err(|_| damaged())?;
            match (record.key_bytes(), record.value_bytes()) {
                (b"path", path) => self.path = Some(String::from_utf8_lossy(path).into_owned()),
                (b"size", size) => {
                    let size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
                    self.size_bytes = Some(size.ok_or_else(damaged)?);
                }
                (key, _) if key.starts_with(b"GNU.sparse.") => {
                    let kind = "followed by a file with holes";
                    return Err(ArchiveError::EntryKind { file: name.to_owned(), kind });
                }
                _ => {}
            }
        }
        Ok(())
    }
}
