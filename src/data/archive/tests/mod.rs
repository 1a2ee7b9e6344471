//! Tests of the readers, on small archives of four images a batch and, where they are, on the real files.

#[cfg(not(target_family = "wasm"))]
mod hostile;
mod parquet;
mod pickle;
#[cfg(not(target_family = "wasm"))]
mod real;
mod tarball;
mod whole;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;
use crate::data::batch::{Images, RECORD_LEN};

/// A file among the fixtures, which `make-fixtures.py` beside them wrote.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/archives/", $name)).as_slice()
    };
}
use fixture;

/// Four images a batch, as in the fixtures.
const COUNTS: Counts = Counts { per_batch: 4 };

/// The record that `make-fixtures.py` describes too: its label, and a slope of its own in each channel.
fn record(record: usize) -> [u8; RECORD_LEN] {
    std::array::from_fn(|at| match at.checked_sub(1) {
        None => (record * 3 % 10) as u8,
        Some(at) => (record * 10 + at % 1024 / 32 * 2 + at % 32 * 3 + at / 1024 * 50) as u8,
    })
}

/// The binary batch that belongs into `slot`.
fn batch(slot: Slot) -> Vec<u8> {
    let index = Slot::ALL.iter().position(|&other| other == slot).expect("there are six");
    (index * 4..index * 4 + 4).flat_map(record).collect()
}

/// Records `range` as images.
fn images(range: std::ops::Range<usize>) -> Images {
    let mut images = Images::blank(range.len());
    for (index, number) in range.enumerate() {
        let [label, planar @ ..] = record(number);
        images.set(index, label, &planar);
    }
    images
}

/// All of the small CIFAR-10.
fn dataset() -> crate::data::Dataset {
    crate::data::Dataset { train: images(0..20), test: images(20..24) }
}

/// The files of the binary archive, in an order of their own as in the published one.
fn binary_entries() -> Vec<(String, Vec<u8>)> {
    let mut entries = vec![("cifar/batches.meta.txt".to_owned(), b"airplane\n".to_vec())];
    for slot in [3, 0, 5, 2, 4, 1].map(|index: usize| Slot::ALL[index]) {
        entries.push((format!("cifar/{}.bin", slot.stem()), batch(slot)));
    }
    entries
}

/// A header for a file of this name and size, whatever they are.
fn header(name: &[u8], size_bytes: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(size_bytes);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

/// A tar archive of these files.
fn tar_of(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let header = header(name.as_bytes(), bytes.len() as u64, tar::EntryType::Regular);
        tar.append(&header, bytes.as_slice()).expect("memory is writable");
    }
    tar.into_inner().expect("memory is writable")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

/// What is read from a file that arrives in pieces of `piece_len`.
fn read_in_pieces(bytes: &[u8], piece_len: usize) -> Result<Found, ArchiveError> {
    let mut reader = ArchiveReader::with_counts("dropped".to_owned(), COUNTS);
    for piece in bytes.chunks(piece_len) {
        reader.feed(piece)?;
    }
    reader.finish()
}

fn read(bytes: &[u8]) -> Result<Contents, ArchiveError> {
    read_in_pieces(bytes, usize::MAX).map(|found| found.contents)
}

/// Why `bytes` is refused, as the visitor reads it: one sentence that names the file and says what to do.
#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    let message = read(bytes).expect_err("it should be refused").to_string();
    assert!(message.contains("dropped"), "{message}");
    assert!(message.ends_with('.') && (message.contains("choose ") || message.contains("download ")), "{message}");
    message
}
