//! Tests of the readers, with small archives of four images in a batch, and with the real files if they are there.

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

/// A fixture, written by `make-fixtures.py` in the same folder.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/archives/", $name)).as_slice()
    };
}
use fixture;

/// Four images in a batch, as in the fixtures.
const COUNTS: Counts = Counts { per_batch: 4 };

/// The same record as in `make-fixtures.py`: a label, and a different gradient in each channel.
fn record(record: usize) -> [u8; RECORD_LEN] {
    std::array::from_fn(|at| match at.checked_sub(1) {
        None => (record * 3 % 10) as u8,
        Some(at) => (record * 10 + at % 1024 / 32 * 2 + at % 32 * 3 + at / 1024 * 50) as u8,
    })
}

/// The binary batch of `slot`.
fn batch(slot: Slot) -> Vec<u8> {
    let index = Slot::ALL.iter().position(|&other| other == slot).expect("there are six");
    (index * 4..index * 4 + 4).flat_map(record).collect()
}

/// The images of the records in `range`.
fn images(range: std::ops::Range<usize>) -> Images {
    let mut images = Images::blank(range.len());
    for (index, number) in range.enumerate() {
        let [label, planar @ ..] = record(number);
        images.set(index, label, &planar);
    }
    images
}

/// The whole small CIFAR-10.
fn dataset() -> crate::data::Dataset {
    crate::data::Dataset { train: images(0..20), test: images(20..24) }
}

/// The files of the binary archive. Their order is arbitrary, as in the published archive.
fn binary_entries() -> Vec<(String, Vec<u8>)> {
    let mut entries = vec![("cifar/batches.meta.txt".to_owned(), b"airplane\n".to_vec())];
    for slot in [3, 0, 5, 2, 4, 1].map(|index: usize| Slot::ALL[index]) {
        entries.push((format!("cifar/{}.bin", slot.stem()), batch(slot)));
    }
    entries
}

/// A header with any name and any size.
fn header(name: &[u8], size_bytes: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(size_bytes);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

/// A tar archive of `entries`: (name, content).
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

/// The result of reading `bytes` in pieces of `piece_len`.
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

/// The error for `bytes`: one sentence that names the file and says what to do.
#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    let message = read(bytes).expect_err("it should be refused").to_string();
    assert!(message.contains("dropped"), "{message}");
    assert!(message.ends_with('.') && (message.contains("choose ") || message.contains("download ")), "{message}");
    message
}
