//! Why a file is not CIFAR-10, in sentences for the visitor.

use std::io;

use image::ImageError;
use thiserror::Error;

use crate::content::Other;

/// The advice that follows when a file is not CIFAR-10.
macro_rules! choose {
    () => {
        "choose cifar-10-binary.tar.gz, cifar-10-python.tar.gz, one of their batches, or the parquet files of \
         uoft-cs/cifar10."
    };
}

/// Why a file is not CIFAR-10. Displays as a sentence with the place, what is wrong, and what to do.
///
/// `file` is the name of the file, or of a file in it ("data_batch_3.bin in cifar-10-binary.tar.gz"). Records are
/// counted from 0.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the fields are named in the sentences, and explained above")]
pub enum ArchiveError {
    /// The file has no bytes.
    #[error("{file} is empty; download it again.")]
    Empty { file: String },
    /// The content is of an unknown format.
    #[error("{file} is not CIFAR-10 in a form that Tenfold reads; {}", choose!())]
    NotCifar { file: String },
    /// The content is of a known type that Tenfold does not read here.
    #[error("{file} is {other}.")]
    Other { file: String, other: Other },
    /// A gzip file contains another one.
    #[error("{file} was compressed twice by gzip; unpack it once and choose what comes out.")]
    GzipInGzip { file: String },
    /// A web page came instead of data.
    #[error("{file} is a web page instead of images; download it again, or {}", choose!())]
    WebPage { file: String },
    /// The file was refused, but more of it was fed.
    #[error("{file} was refused before; choose it again to read it anew.")]
    RefusedBefore { file: String },
    /// The file ends before its content does.
    #[error("{file} is cut short; download it again.")]
    CutShort { file: String },
    /// The file ends inside a record.
    #[error("{file} ends inside record {record} (counted from 0); download it again.")]
    RecordCutShort { file: String, record: usize },
    /// The file is longer than CIFAR-10.
    #[error("{file} is longer than the {limit_bytes} bytes that it may have, so it is not CIFAR-10; {}", choose!())]
    TooLong { file: String, limit_bytes: u64 },
    /// The file has another number of images than CIFAR-10.
    #[error("{file} holds {found} images instead of {expected}; download it again, or {}", choose!())]
    Count { file: String, expected: usize, found: u64 },
    /// A label is not one of the ten classes.
    #[error(
        "{file} has label {label} in record {record} (counted from 0), and labels go from 0 to 9; it is damaged or \
         not CIFAR-10, so download it again."
    )]
    Label { file: String, record: usize, label: i64 },
    /// The compressed data are damaged, or do not match their checksum.
    #[error("{file} cannot be unpacked, because its compressed data are damaged; download it again.")]
    Gzip { file: String, source: io::Error },
    /// The archive unpacks to far more than CIFAR-10.
    #[error("{file} unpacks to more than {limit_bytes} bytes, so it is not CIFAR-10; {}", choose!())]
    Bomb { file: String, limit_bytes: u64 },
    /// A header in a tar archive is invalid.
    #[error("{file} is damaged between two of the files in it; download it again.")]
    TarHeader { file: String },
    /// A batch in an archive is not a regular file.
    #[error("{file} is {kind}, and not a file as in CIFAR-10, so the archive is not read; {}", choose!())]
    EntryKind { file: String, kind: &'static str },
    /// An archive contains a batch twice.
    #[error("{file} is there twice, so it is unclear which is meant; download the archive again.")]
    Duplicate { file: String },
    /// A file in an archive has an impossible size.
    #[error("{file} has {size_bytes} bytes, which no file of CIFAR-10 has; download the archive again, or {}", choose!())]
    EntrySize { file: String, size_bytes: u64 },
    /// An archive lacks batches.
    #[error("{file} lacks {entries}; download it again, or {}", choose!())]
    Missing { file: String, entries: String },
    /// A Python batch differs from the published ones.
    #[error(
        "{file} is not a Python batch as published: at byte {at} is {found} instead of {expected}; download it again."
    )]
    Pickle { file: String, at: usize, found: String, expected: &'static str },
    /// A parquet file has other columns than CIFAR-10's.
    #[error(
        "{file} has the columns {found}, and CIFAR-10 has img.bytes, img.path and label (a whole number); choose the \
         parquet files of uoft-cs/cifar10."
    )]
    Columns { file: String, found: String },
    /// A parquet file uses a feature of the format that is not supported.
    #[error("{file} uses {feature}, which Tenfold does not read; choose the parquet files of uoft-cs/cifar10.")]
    ParquetFeature { file: String, feature: String },
    /// A parquet file is inconsistent.
    #[error("{file} is damaged in {place}; download it again.")]
    Parquet { file: String, place: &'static str },
    /// A record of a parquet file has no image or no label.
    #[error("{file} has no {column} in record {record} (counted from 0); choose the parquet files of uoft-cs/cifar10.")]
    Null { file: String, column: &'static str, record: usize },
    /// An image is a PNG that cannot be decoded.
    #[error("{file} has a damaged PNG in record {record} (counted from 0); download it again.")]
    Picture { file: String, record: usize, source: ImageError },
    /// An image is something other than a PNG.
    #[error(
        "{file} has {found} in record {record} (counted from 0), and CIFAR-10's images are PNGs; choose the parquet files of \
         uoft-cs/cifar10."
    )]
    PictureFormat { file: String, record: usize, found: &'static str },
    /// An image is not 32x32 pixels of 8-bit RGB.
    #[error(
        "{file} has an image of {found} in record {record} (counted from 0), and CIFAR-10's are 32x32 pixels of 8-bit \
         RGB; choose the parquet files of uoft-cs/cifar10."
    )]
    PictureShape { file: String, record: usize, found: String },
}
