//! Decompresses a gzip file piece by piece, but no more of it than CIFAR-10 has.

use crate::data::Images;
use std::io::{self, Write};

use flate2::write::GzDecoder;

use super::{
    ArchiveError,
    contents::{Contents, Counts},
    plain::PlainReader,
};

/// Reads a gzip file that contains CIFAR-10 or a part of it.
#[derive(Debug)]
pub(super) struct GzipReader {
    file: String,
    place: Place,
}

/// The position of the next byte. A gzip file consists of one or more members, each compressed separately. Their
/// contents belong together.
#[derive(Debug)]
enum Place {
    Member(Box<GzDecoder<Unpacked>>),
    /// After a member.
    Between(Box<Unpacked>),
    /// An error was returned.
    Refused,
}

/// Passes decompressed bytes to a reader, and keeps the reader's error.
#[derive(Debug)]
struct Unpacked {
    reader: PlainReader,
    refusal: Option<ArchiveError>,
}

impl Write for Unpacked {
    fn write(&mut self, unpacked: &[u8]) -> io::Result<usize> {
        // This also applies when the decoder is dropped after an error, because dropping flushes it.
        if self.refusal.is_some() {
            return Err(io::ErrorKind::Other.into());
        }
        match self.reader.feed(unpacked) {
            Ok(()) => Ok(unpacked.len()),
            Err(error) => {
                self.refusal = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl GzipReader {
    /// A reader; `file` is the name in errors.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        let unpacked = Unpacked { reader: PlainReader::new(file.clone(), counts), refusal: None };
        Self { file, place: Place::Member(Box::new(GzDecoder::new(unpacked))) }
    }

    /// Reads the next bytes of the file.
    pub(super) fn feed(&mut self, mut piece: &[u8]) -> Result<(), ArchiveError> {
        while !piece.is_empty() {
            self.place = match std::mem::replace(&mut self.place, Place::Refused) {
                Place::Member(mut decoder) => match decoder.write(piece) {
                    // The member ended before these bytes.
                    Ok(0) => Place::Between(Box::new(self.end(*decoder)?)),
                    Ok(len) => {
                        piece = &piece[len..];
                        Place::Member(decoder)
                    }
                    Err(source) => return Err(self.refusal(*decoder, source)),
                },
                Place::Between(unpacked) => {
                    // Tapes pad files with zeros, and gzip skips them.
                    piece = &piece[piece.iter().take_while(|&&byte| byte == 0).count()..];
                    match piece {
                        [] => Place::Between(unpacked),
                        _ => Place::Member(Box::new(GzDecoder::new(*unpacked))),
                    }
                }
                Place::Refused => return Err(ArchiveError::RefusedBefore { file: self.file.clone() }),
            };
        }
        Ok(())
    }

    /// A copy of the first training batch, once it is complete.
    pub(super) fn first_batch(&self) -> Option<Images> {
        match &self.place {
            Place::Member(decoder) => decoder.get_ref().reader.first_batch(),
            Place::Between(unpacked) => unpacked.reader.first_batch(),
            Place::Refused => None,
        }
    }

    /// The contents of the file, of which all bytes have been fed.
    pub(super) fn finish(mut self) -> Result<Contents, ArchiveError> {
        let unpacked = match std::mem::replace(&mut self.place, Place::Refused) {
            Place::Member(mut decoder) => match decoder.try_finish() {
                Ok(()) => self.end(*decoder)?,
                Err(_) if decoder.get_ref().refusal.is_none() && !decoder.get_ref().reader.may_be_whole() => {
                    return Err(ArchiveError::CutShort { file: self.file });
                }
                Err(source) => return Err(self.refusal(*decoder, source)),
            },
            Place::Between(unpacked) => *unpacked,
            Place::Refused => return Err(ArchiveError::RefusedBefore { file: self.file }),
        };
        unpacked.reader.finish()
    }

    /// Checks the checksum of a member that has ended, and returns the reader for the next member.
    fn end(&self, mut decoder: GzDecoder<Unpacked>) -> Result<Unpacked, ArchiveError> {
        match decoder.try_finish() {
            Ok(()) => decoder.finish().map_err(|source| ArchiveError::Gzip { file: self.file.clone(), source }),
            Err(source) => Err(self.refusal(decoder, source)),
        }
    }

    /// The error that made `decoder` fail.
    fn refusal(&self, mut decoder: GzDecoder<Unpacked>, source: io::Error) -> ArchiveError {
        // Passes on what was decompressed before the damage. The reader may have refused that already.
        let _ = decoder.try_finish();
        let kept = decoder.get_mut().refusal.take();
        // Dropping the decoder flushes it once more.
        decoder.get_mut().refusal = Some(ArchiveError::RefusedBefore { file: self.file.clone() });
        kept.unwrap_or_else(|| ArchiveError::Gzip { file: self.file.clone(), source })
    }
}
