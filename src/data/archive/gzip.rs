//! Unpacks a gzip file piece by piece, and no more of it than CIFAR-10 has.

use std::io::{self, Write};

use flate2::write::GzDecoder;

use super::{
    ArchiveError,
    contents::{Contents, Counts},
    plain::PlainReader,
};

/// Reads `.gz`, whatever of CIFAR-10 is in it.
#[derive(Debug)]
pub(super) struct GzipReader {
    file: String,
    place: Place,
}

/// Where in the file the next byte is. A gzip file is made of one or more members, each compressed by itself, and what
/// they hold belongs together.
#[derive(Debug)]
enum Place {
    Member(Box<GzDecoder<Unpacked>>),
    /// Behind a member.
    Between(Box<Unpacked>),
    /// An error was returned already.
    Refused,
}

/// Passes what was unpacked on to its reader, and keeps its refusal.
#[derive(Debug)]
struct Unpacked {
    reader: PlainReader,
    refusal: Option<ArchiveError>,
}

impl Write for Unpacked {
    fn write(&mut self, unpacked: &[u8]) -> io::Result<usize> {
        // Also when the decoder is dropped, which flushes it, after an error.
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
    /// A reader of the file that errors call `file`.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        let unpacked = Unpacked { reader: PlainReader::new(file.clone(), counts), refusal: None };
        Self { file, place: Place::Member(Box::new(GzDecoder::new(unpacked))) }
    }

    /// Takes the file's next bytes.
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
                    // Tapes pad files with zeroes, and gzip passes them over.
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

    /// What was in the file, now that all of it was fed.
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

    /// What takes the bytes of the next member, once `decoder` has checked the sum of this one.
    fn end(&self, mut decoder: GzDecoder<Unpacked>) -> Result<Unpacked, ArchiveError> {
        match decoder.try_finish() {
            Ok(()) => decoder.finish().map_err(|source| ArchiveError::Gzip { file: self.file.clone(), source }),
            Err(source) => Err(self.refusal(decoder, source)),
        }
    }

    /// Why `decoder` failed.
    fn refusal(&self, mut decoder: GzDecoder<Unpacked>, source: io::Error) -> ArchiveError {
        // Passes on what was unpacked before the damage, where the content may have been refused already.
        let _ = decoder.try_finish();
        let kept = decoder.get_mut().refusal.take();
        // Dropping the decoder flushes it once more.
        decoder.get_mut().refusal = Some(ArchiveError::RefusedBefore { file: self.file.clone() });
        kept.unwrap_or_else(|| ArchiveError::Gzip { file: self.file.clone(), source })
    }
}
