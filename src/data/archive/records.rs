//! Reads binary batches piece by piece: records of a label byte and 3,072 bytes of pixels, in planes.

use crate::{
    data::{
        IMAGE_LEN,
        batch::{Images, RECORD_LEN},
    },
    domain::CLASS_COUNT,
};

use super::{ArchiveError, contents::Counts};

/// Splits a batch into records, independent of where its pieces end.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The bytes of an incomplete record.
    partial: Vec<u8>,
    /// Number of complete records so far.
    count: usize,
}

impl Records {
    /// Calls `place` with each record that `piece` completes: its index, label and planes.
    pub(super) fn feed(
        &mut self,
        file: &str,
        mut piece: &[u8],
        mut place: impl FnMut(usize, u8, &[u8; IMAGE_LEN]),
    ) -> Result<(), ArchiveError> {
        let mut take = |[label, planar @ ..]: &[u8; RECORD_LEN], record: &mut usize| {
            if usize::from(*label) >= CLASS_COUNT {
                return Err(ArchiveError::Label { file: file.to_owned(), record: *record, label: (*label).into() });
            }
            place(*record, *label, planar);
            *record += 1;
            Ok(())
        };
        if !self.partial.is_empty() {
            let (head, rest) = piece.split_at(piece.len().min(RECORD_LEN - self.partial.len()));
            self.partial.extend_from_slice(head);
            piece = rest;
            if let Ok(record) = self.partial.as_slice().try_into() {
                take(record, &mut self.count)?;
                self.partial.clear();
            }
        }
        let (records, rest) = piece.as_chunks();
        for record in records {
            take(record, &mut self.count)?;
        }
        self.partial.extend_from_slice(rest);
        Ok(())
    }

    /// Checks that the batch has exactly `expected` records.
    pub(super) fn finish(&self, file: &str, expected: usize) -> Result<(), ArchiveError> {
        let file = || file.to_owned();
        if !self.partial.is_empty() {
            return Err(ArchiveError::RecordCutShort { file: file(), record: self.count });
        }
        if self.count != expected {
            return Err(ArchiveError::Count { file: file(), expected, found: self.count as u64 });
        }
        Ok(())
    }
}

/// Reads a batch that is a file of its own.
#[derive(Debug)]
pub(super) struct BatchReader {
    file: String,
    counts: Counts,
    len_bytes: usize,
    records: Records,
    images: Images,
}

impl BatchReader {
    /// A reader; `file` is the name in errors.
    pub(super) fn new(file: String, counts: Counts) -> Self {
        Self { file, counts, len_bytes: 0, records: Records::default(), images: Images::blank(counts.per_batch) }
    }

    /// Reads the next bytes of the batch.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        // The bytes up to the maximum length come first. So it does not depend on the pieces which of two errors is
        // reported.
        let limit_bytes = self.counts.batch_bytes();
        let (head, beyond) = piece.split_at(piece.len().min(limit_bytes - self.len_bytes));
        self.len_bytes += head.len();
        let images = &mut self.images;
        self.records.feed(&self.file, head, |record, label, planar| images.set(record, label, planar))?;
        if beyond.is_empty() {
            return Ok(());
        }
        Err(ArchiveError::TooLong { file: self.file.clone(), limit_bytes: limit_bytes as u64 })
    }

    /// Whether the length is that of a whole batch.
    pub(super) fn is_whole(&self) -> bool {
        self.len_bytes == self.counts.batch_bytes()
    }

    /// The images of the batch, of which all bytes have been fed.
    pub(super) fn finish(self) -> Result<Images, ArchiveError> {
        self.records.finish(&self.file, self.counts.per_batch)?;
        Ok(self.images)
    }
}
