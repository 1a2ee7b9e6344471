//! Reads CIFAR-10 from the parquet files of the Hugging Face hub: columns of PNGs and labels.
//!
//! This supports the part of parquet that those files, and files of pyarrow, need. The `parquet` crate is not used, for
//! two reasons. It trusts the sizes that a file states, so a damaged file could crash the worker. It would also turn on
//! features of crates that Burn uses.

mod footer;
mod page;
mod runs;
mod thrift;

use crate::{data::batch::Images, domain::CLASS_COUNT};

use super::{
    ArchiveError,
    contents::{Contents, Counts},
    png::{self, PngError},
};
use footer::Footer;
use page::{Pages, Unpacker};
use thrift::Malformed;

/// The images in `bytes`, a whole parquet file. Their number tells whether they are training or test images.
pub(super) fn read(file: &str, bytes: &[u8], counts: Counts) -> Result<Contents, ArchiveError> {
    let refuse = |refusal: Refusal| refusal.of_file(file);
    let footer = Footer::of(bytes).map_err(refuse)?;
    let count = footer.row_count;
    let wrong_count = || {
        let expected = if count > counts.test() { counts.train() } else { counts.test() };
        ArchiveError::Count { file: file.to_owned(), expected, found: count as u64 }
    };
    if count > counts.train() {
        return Err(wrong_count());
    }
    // A row of another kind is a better error than a wrong number of rows.
    let images = read_rows(bytes, &footer).map_err(refuse)?;
    match count {
        _ if count == counts.train() => Ok(Contents::Train(images)),
        _ if count == counts.test() => Ok(Contents::Test(images)),
        _ => Err(wrong_count()),
    }
}

fn read_rows(bytes: &[u8], footer: &Footer) -> Result<Images, Refusal> {
    let mut images = Images::blank(footer.row_count);
    let mut unpacker = Unpacker::new();
    let mut first = 0;
    for group in &footer.row_groups {
        let mut labels = Vec::new();
        let pages = Pages::new(bytes, &group.label, footer.label, group.row_count);
        pages.values(&mut unpacker, |row, value| {
            let value = value.ok_or(Refusal::Null { column: "label", record: first + row })?;
            let label = i64::from_le_bytes(value.try_into().map_err(|_| Malformed)?);
            match u8::try_from(label) {
                Ok(class) if usize::from(class) < CLASS_COUNT => labels.push(class),
                _ => return Err(Refusal::Label { record: first + row, label }),
            }
            Ok(())
        })?;
        let pages = Pages::new(bytes, &group.picture, footer.picture, group.row_count);
        pages.values(&mut unpacker, |row, value| {
            let record = first + row;
            let png = value.ok_or(Refusal::Null { column: "image", record })?;
            let planar = png::planar(png).map_err(|error| Refusal::Picture { record, error })?;
            images.set(record, *labels.get(row).ok_or(Malformed)?, &planar);
            Ok(())
        })?;
        first += group.row_count;
    }
    Ok(images)
}

/// Why a parquet file is refused, without the file's name.
#[derive(Debug)]
enum Refusal {
    Damaged(&'static str),
    Feature(String),
    Columns(String),
    Null { column: &'static str, record: usize },
    Label { record: usize, label: i64 },
    Picture { record: usize, error: PngError },
}

impl From<Malformed> for Refusal {
    fn from(Malformed: Malformed) -> Self {
        Self::Damaged("the description of its content")
    }
}

impl Refusal {
    fn of_file(self, file: &str) -> ArchiveError {
        let file = file.to_owned();
        match self {
            Self::Damaged(place) => ArchiveError::Parquet { file, place },
            Self::Feature(feature) => ArchiveError::ParquetFeature { file, feature },
            Self::Columns(found) => ArchiveError::Columns { file, found },
            Self::Null { column, record } => ArchiveError::Null { file, column, record },
            Self::Label { record, label } => ArchiveError::Label { file, record, label },
            Self::Picture { record, error: PngError::Shape(found) } => {
                ArchiveError::PictureShape { file, record, found }
            }
            Self::Picture { record, error: PngError::Format(found) } => {
                ArchiveError::PictureFormat { file, record, found }
            }
            Self::Picture { record, error: PngError::Damaged(source) } => {
                ArchiveError::Picture { file, record, source }
            }
        }
    }
}
