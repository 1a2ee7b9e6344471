//! Reads tar archives of CIFAR-10's batches piece by piece, by whichever program they were packed.
//!
//! Nothing is unpacked to a disk, so that of a path only the last part matters.

use tar::{EntryType, Header, PaxExtensions};

use crate::{
    content::{self, Content, HEAD_LEN},
    data::batch::Dataset,
};

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

/// Reads `.tar`.
#[derive(Debug)]
pub(super) struct TarReader {
    file: String,
    counts: Counts,
    unpacked_bytes: u64,
    shelf: Shelf,
    /// What the next plain header does not say right.
    next: Corrections,
    stage: Stage,
}

/// What extensions say of the file behind them, in place of its own header.
#[derive(Debug, Default)]
struct Corrections {
    path: Option<String>,
    size_bytes: Option<u64>,
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
    /// Records of the form "LEN KEY=VALUE" about the next file.
    PaxExtension(Vec<u8>),
    /// The next file's name, where it is too long for a header of GNU's.
    LongName(Vec<u8>),
    /// The beginning of a file that is too long to be one of CIFAR-10's.
    TooLong(u64, Vec<u8>),
    Binary(Slot, Records),
    /// A batch named as Python's are; its first byte says whether it is.
    Python(Slot, Vec<u8>),
}

impl TarReader {
    /// A reader of the archive that errors call `file`.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        let stage = Stage::Header(Vec::with_capacity(BLOCK_LEN));
        Self { file, counts, unpacked_bytes: 0, shelf: Shelf::new(counts), next: Corrections::default(), stage }
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
            // Zeroes up to the writer's own block size, or whatever a bound on their number lets pass.
            Stage::Over => Ok(&[]),
        }
    }

    /// The stage behind `header`.
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
            // Whatever the header says, nothing follows.
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
        // A file that is longer than this computer's memory is refused before its padding is met.
        let padding_bytes = (BLOCK_LEN as u64 - size_bytes % BLOCK_LEN as u64) as usize % BLOCK_LEN;
        Ok(Stage::Body { left_bytes: size_bytes, padding_bytes, name, body })
    }
}

/// Whether a batch of this path is a binary one.
fn is_binary(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".bin")
}

/// What an entry of an archive is.
enum Kind {
    File,
    Folder,
    /// Says more of the next file.
    Pax,
    /// Says the next file's name.
    LongName,
    /// Says something that does not matter here.
    OtherExtension,
    /// Something that is no file, and has no content in the archive.
    Special(&'static str),
}

impl Kind {
    fn of(kind: EntryType) -> Self {
        match kind.as_byte() {
            b'5' => Self::Folder,
            // 'X' is what Solaris wrote before there was 'x'.
            b'x' | b'X' => Self::Pax,
            b'L' => Self::LongName,
            // What holds for the whole archive, where a link leads, and GNU's lists of folders and labels of volumes.
            b'g' | b'K' | b'D' | b'V' => Self::OtherExtension,
            b'1' | b'2' => Self::Special("a link"),
            b'S' => Self::Special("a file with holes"),
            b'3' | b'4' | b'6' => Self::Special("a device"),
            // By the standard, also what is of an unknown kind.
            _ => Self::File,
        }
    }

    /// Whether it is about what follows it.
    fn is_extension(&self) -> bool {
        matches!(self, Self::Pax | Self::LongName | Self::OtherExtension)
    }
}

/// Why a file of another name and so many bytes is refused, which begins with `head`.
fn too_long(name: &str, size_bytes: u64, head: &[u8]) -> ArchiveError {
    let file = name.to_owned();
    match Content::of(head) {
        Content::Other(other) => ArchiveError::Other { file, other },
        _ => ArchiveError::EntrySize { file, size_bytes },
    }
}

impl Stage {
    /// The next header, where there is no padding left.
    fn or_header(self) -> Self {
        if matches!(self, Self::Padding(0)) { Self::Header(Vec::with_capacity(BLOCK_LEN)) } else { self }
    }
}

/// Reads or checks a file of which everything arrived.
fn close(
    name: &str,
    body: &mut Body,
    shelf: &mut Shelf,
    next: &mut Corrections,
    counts: Counts,
) -> Result<(), ArchiveError> {
    match body {
        Body::Skipped => Ok(()),
        Body::Binary(_, records) => records.finish(name, counts.per_batch),
        Body::Python(slot, bytes) => {
            // Freed when this is done, before the next one arrives.
            let bytes = std::mem::take(bytes);
            pickle::read(name, &bytes, counts, |record, label, planar| shelf.set(*slot, record, label, planar))?;
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
    /// Takes in what the `records` of an extended header say.
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
