//! Reads a parquet file's footer: its columns, and the positions of their values.

use std::ops::Range;

use super::{
    Refusal,
    thrift::{Cursor, Kind, Malformed},
};

/// The first and last bytes of a parquet file.
const MARK: &[u8] = b"PAR1";

/// The maximum length of a footer. That of the published training images has a few million bytes.
const MAX_FOOTER_LEN: usize = 32 << 20;

/// The maximum number of columns, with groups, that are read before a file is refused.
const MAX_COLUMNS: usize = 64;

/// The maximum number of row groups: one for each training image.
const MAX_ROW_GROUPS: usize = 50_000;

/// The type of a column's values, with parquet's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Int64 = 2,
    Bytes = 6,
}

/// The compression of a file's pages, in the order of parquet's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Uncompressed,
    Snappy,
    Gzip,
}

/// A column that is read: the pictures or the labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its position among the file's columns.
    index: usize,
    pub(super) physical: Physical,
    /// Number of levels that may be null: the column and the groups around it.
    pub(super) max_definition: u8,
}

/// The values of a column in a row group.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) codec: Codec,
    /// The byte range of its pages in the file.
    pub(super) pages: Range<usize>,
}

/// A group of rows.
#[derive(Clone, Debug)]
pub(super) struct RowGroup {
    pub(super) row_count: usize,
    pub(super) picture: Chunk,
    pub(super) label: Chunk,
}

/// The content of a footer.
#[derive(Debug)]
pub(super) struct Footer {
    pub(super) row_count: usize,
    pub(super) picture: Column,
    pub(super) label: Column,
    pub(super) row_groups: Vec<RowGroup>,
}

/// An element of the schema: a column, or a group of the following `child_count` elements.
#[derive(Debug, Default)]
struct Element {
    name: String,
    physical: Option<i64>,
    /// 0: required, 1: optional, 2: repeated.
    repetition: i64,
    child_count: usize,
}

impl Footer {
    /// The footer of the parquet file `bytes`.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        let broken = || Refusal::Damaged("its end, so it may be cut short");
        let (rest, mark) = bytes.split_last_chunk::<4>().ok_or_else(broken)?;
        let (rest, len) = rest.split_last_chunk::<4>().ok_or_else(broken)?;
        let len = u32::from_le_bytes(*len) as usize;
        if mark != MARK || !rest.starts_with(MARK) || len > MAX_FOOTER_LEN.min(rest.len() - MARK.len()) {
            return Err(broken());
        }
        let footer_at = rest.len() - len;
        Self::read(&mut Cursor::new(&rest[footer_at..]), footer_at)
    }

    fn read(cursor: &mut Cursor<'_>, footer_at: usize) -> Result<Self, Refusal> {
        let (mut columns, mut row_count, mut row_groups) = (None, None, Vec::new());
        cursor.fields::<Refusal>(|cursor, field| {
            match field {
                (2, Kind::List) => columns = Some(schema(cursor)?),
                (3, Kind::Int) => row_count = Some(cursor.size()?),
                (4, Kind::List) => {
                    // The schema comes first, because its field has a lower number.
                    let (picture, label) = columns.ok_or(Malformed)?;
                    cursor.list(Kind::Struct, MAX_ROW_GROUPS, |cursor| {
                        row_groups.push(row_group(cursor, picture, label, footer_at)?);
                        Ok::<_, Refusal>(())
                    })?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (Some((picture, label)), Some(row_count)) = (columns, row_count) else { return Err(Malformed.into()) };
        let sum = row_groups.iter().try_fold(0_usize, |sum, group| sum.checked_add(group.row_count));
        if sum != Some(row_count) {
            return Err(Malformed.into());
        }
        Ok(Self { row_count, picture, label, row_groups })
    }
}

/// The columns of pictures and labels in the schema.
fn schema(cursor: &mut Cursor<'_>) -> Result<(Column, Column), Refusal> {
    let mut elements = Vec::new();
    cursor.list::<Refusal>(Kind::Struct, MAX_COLUMNS, |cursor| {
        elements.push(element(cursor)?);
        Ok(())
    })?;
    // The root comes first, then the columns in their order.
    let mut rest = elements.iter();
    let root = rest.next().ok_or(Malformed)?;
    let (mut picture, mut label, mut index, mut is_cifar) = (None, None, 0, root.child_count == 2);
    while let Some(top) = rest.next() {
        match (top.name.as_str(), top.physical, top.repetition) {
            ("label", Some(2), optional @ (0 | 1)) if label.is_none() && top.child_count == 0 => {
                label = Some(Column { index, physical: Physical::Int64, max_definition: optional as u8 });
                index += 1;
            }
            ("img", None, group @ (0 | 1)) if picture.is_none() && top.child_count == 2 => {
                for _ in 0..top.child_count {
                    let Some(child) = rest.next() else { return Err(Malformed.into()) };
                    match (child.name.as_str(), child.physical, child.repetition) {
                        ("bytes", Some(6), optional @ (0 | 1)) if picture.is_none() => {
                            let max_definition = (group + optional) as u8;
                            picture = Some(Column { index, physical: Physical::Bytes, max_definition });
                        }
                        ("path", Some(6), 0 | 1) => {}
                        _ => is_cifar = false,
                    }
                    is_cifar &= child.child_count == 0;
                    index += 1;
                }
            }
            _ => is_cifar = false,
        }
    }
    match (picture, label) {
        (Some(picture), Some(label)) if is_cifar => Ok((picture, label)),
        _ => {
            let names: Vec<_> = elements[1..].iter().map(|element| element.name.as_str()).collect();
            Err(Refusal::Columns(if names.is_empty() { "none".to_owned() } else { names.join(", ") }))
        }
    }
}

fn element(cursor: &mut Cursor<'_>) -> Result<Element, Refusal> {
    let mut element = Element::default();
    cursor.fields::<Refusal>(|cursor, field| {
        match field {
            (1, Kind::Int) => element.physical = Some(cursor.int()?),
            (3, Kind::Int) => element.repetition = cursor.int()?,
            (4, Kind::Binary) => {
                let name = cursor.binary()?;
                element.name = name[..name.len().min(40)].escape_ascii().to_string();
            }
            (5, Kind::Int) => element.child_count = cursor.size()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(element)
}

fn row_group(cursor: &mut Cursor<'_>, picture: Column, label: Column, footer_at: usize) -> Result<RowGroup, Refusal> {
    let (mut row_count, mut picture_chunk, mut label_chunk, mut index) = (None, None, None, 0);
    cursor.fields::<Refusal>(|cursor, field| {
        match field {
            (1, Kind::List) => cursor.list::<Refusal>(Kind::Struct, MAX_COLUMNS, |cursor| {
                let chunk = chunk(cursor, footer_at)?;
                if index == picture.index {
                    picture_chunk = Some(chunk);
                } else if index == label.index {
                    label_chunk = Some(chunk);
                }
                index += 1;
                Ok(())
            })?,
            (3, Kind::Int) => row_count = Some(cursor.size()?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    match (row_count, picture_chunk.flatten(), label_chunk.flatten()) {
        (Some(row_count), Some((picture, pictures)), Some((label, labels))) if [pictures, labels] == [row_count; 2] => {
            Ok(RowGroup { row_count, picture, label })
        }
        _ => Err(Malformed.into()),
    }
}

/// A chunk of a column and its number of values, if the footer describes it.
fn chunk(cursor: &mut Cursor<'_>, footer_at: usize) -> Result<Option<(Chunk, usize)>, Refusal> {
    let mut described = None;
    cursor.fields::<Refusal>(|cursor, field| {
        match field {
            (1, Kind::Binary) => return Err(Refusal::Feature("columns in other files".to_owned())),
            (3, Kind::Struct) => described = Some(described_chunk(cursor, footer_at)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(described)
}

fn described_chunk(cursor: &mut Cursor<'_>, footer_at: usize) -> Result<(Chunk, usize), Refusal> {
    let (mut codec, mut value_count, mut len, mut data_at, mut dictionary_at) = (None, None, None, None, None);
    cursor.fields::<Refusal>(|cursor, field| {
        let target = match field {
            (4, Kind::Int) => {
                codec = Some(codec_of(cursor.int()?)?);
                return Ok(true);
            }
            (5, Kind::Int) => &mut value_count,
            (7, Kind::Int) => &mut len,
            (9, Kind::Int) => &mut data_at,
            (11, Kind::Int) => &mut dictionary_at,
            _ => return Ok(false),
        };
        *target = Some(cursor.size()?);
        Ok(true)
    })?;
    let (Some(codec), Some(value_count), Some(len), Some(data_at)) = (codec, value_count, len, data_at) else {
        return Err(Malformed.into());
    };
    // Some writers use 0 if there is no dictionary.
    let start = dictionary_at.filter(|&at| at > 0).map_or(data_at, |at| at.min(data_at));
    let end = start.checked_add(len).filter(|&end| end <= footer_at && start >= MARK.len()).ok_or(Malformed)?;
    Ok((Chunk { codec, pages: start..end }, value_count))
}

fn codec_of(number: i64) -> Result<Codec, Refusal> {
    let name = match number {
        0 => return Ok(Codec::Uncompressed),
        1 => return Ok(Codec::Snappy),
        2 => return Ok(Codec::Gzip),
        3 => "LZO",
        4 => "Brotli",
        5 | 7 => "LZ4",
        6 => "Zstandard",
        _ => return Err(Malformed.into()),
    };
    Err(Refusal::Feature(format!("{name} compression")))
}
