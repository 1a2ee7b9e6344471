//! Unpacks a gzipped tar archive piece by piece, and no more of it than CIFAR-10 has.

use std::io::{self, Write};

use flate2::write::GzDecoder;

use crate::data::batch::Dataset;

use super::{ArchiveError, contents::Counts, tarball::TarReader};

/// Reads `.tar.gz`.
#[derive(Debug)]
pub(super) struct GzipReader {
    file: String,
    decoder: GzDecoder<Unpacked>,
}

/// Passes what was unpacked on to the tar archive's reader, and keeps its refusal.
#[derive(Debug)]
struct Unpacked {
    tar: TarReader,
    refusal: Option<ArchiveError>,
}

impl Write for Unpacked {
    fn write(&mut self, unpacked: &[u8]) -> io::Result<usize> {
        // Also when the decoder is dropped, which flushes it, after an error.
        if self.refusal.is_some() {
            return Err(io::ErrorKind::Other.into());
        }
        match self.tar.feed(unpacked) {
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
    /// A reader of the archive that errors call `file`.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        let tar = TarReader::new(file.clone(), counts);
        Self { file, decoder: GzDecoder::new(Unpacked { tar, refusal: None }) }
    }

    /// Takes the archive's next bytes.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        self.decoder.write_all(piece).map_err(|source| {
            // Passes on what was unpacked before the damage, where the archive may have been refused already.
            let _ = self.decoder.try_finish();
            self.refusal(source)
        })
    }

    /// All of CIFAR-10, now that all of the archive was fed.
    pub(super) fn finish(mut self) -> Result<Dataset, ArchiveError> {
        match self.decoder.try_finish() {
            Ok(()) => {}
            Err(_) if self.decoder.get_ref().refusal.is_none() && !self.decoder.get_ref().tar.is_over() => {
                return Err(ArchiveError::CutShort { file: self.file });
            }
            Err(source) => return Err(self.refusal(source)),
        }
        self.decoder.finish().map_err(|source| ArchiveError::Gzip { file: self.file, source })?.tar.finish()
    }

    fn refusal(&mut self, source: io::Error) -> ArchiveError {
        let kept = self.decoder.get_mut().refusal.take();
        // A refused archive stays refused.
        self.decoder.get_mut().refusal = Some(ArchiveError::RefusedBefore { file: self.file.clone() });
        kept.unwrap_or_else(|| ArchiveError::Gzip { file: self.file.clone(), source })
    }
}
