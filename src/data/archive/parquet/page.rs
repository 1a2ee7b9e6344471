//! Reads the values of a column chunk, page by page.

use std::{io::Read, ops::Range};

use flate2::read::GzDecoder;

use super::{
    Refusal,
    footer::{Chunk, Codec, Column, Physical},
    runs::Runs,
    thrift::{Cursor, Kind, Malformed},
};

/// The maximum unpacked size of a page; pages of pyarrow have about a million bytes.
const MAX_PAGE_LEN: usize = 32 << 20;

/// The maximum unpacked size of all pages of a file: twice that of the published training images.
const MAX_UNPACKED_BYTES: usize = 240_000_000;

/// An upper bound of Snappy's compression ratio: at best, three bytes repeat 64 bytes.
const MAX_SNAPPY_RATIO: usize = 32;

/// Decompresses pages into a common buffer, and limits their total size.
pub(super) struct Unpacker {
    room: Vec<u8>,
    left_bytes: usize,
}

impl Unpacker {
    /// A new unpacker for one file.
    pub(super) fn new() -> Self {
        Self { room: Vec::new(), left_bytes: MAX_UNPACKED_BYTES }
    }

    /// Decompresses `packed` to exactly `len` bytes.
    fn unpack<'a>(&'a mut self, codec: Codec, packed: &'a [u8], len: usize) -> Result<&'a [u8], Refusal> {
        let damaged = || Refusal::Damaged("a page");
        let left_bytes = self.left_bytes.checked_sub(len).filter(|_| len <= MAX_PAGE_LEN);
        self.left_bytes =
            left_bytes.ok_or_else(|| Refusal::Feature("far larger pages than CIFAR-10 needs".to_owned()))?;
        match codec {
            _ if len == 0 => return Ok(&[]),
            Codec::Uncompressed if packed.len() == len => return Ok(packed),
            Codec::Snappy if len / MAX_SNAPPY_RATIO <= packed.len() => {
                self.room.clear();
                self.room.resize(len, 0);
                let unpacked = snap::raw::Decoder::new().decompress(packed, &mut self.room);
                unpacked.ok().filter(|&unpacked| unpacked == len).ok_or_else(damaged)?;
            }
            Codec::Gzip => {
                self.room.clear();
                let limit = len as u64 + 1;
                GzDecoder::new(packed).take(limit).read_to_end(&mut self.room).map_err(|_| damaged())?;
                if self.room.len() != len {
                    return Err(damaged());
                }
            }
            Codec::Uncompressed | Codec::Snappy => return Err(damaged()),
        }
        Ok(&self.room)
    }
}

/// A page's header.
#[derive(Debug, Default)]
struct Header {
    /// 0: values, 1: an index, 2: a dictionary, 3: values in the second layout.
    kind: i64,
    unpacked_len: usize,
    packed_len: usize,
    value_count: usize,
    encoding: i64,
    /// Lengths in bytes of the levels before the values, in the second layout.
    repetition_len: usize,
    definition_len: usize,
    is_plain: bool,
}

impl Header {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Refusal> {
        let mut header = Self::default();
        cursor.fields::<Refusal>(|cursor, field| {
            match field {
                (1, Kind::Int) => header.kind = cursor.int()?,
                (2, Kind::Int) => header.unpacked_len = cursor.size()?,
                (3, Kind::Int) => header.packed_len = cursor.size()?,
                (5 | 7, Kind::Struct) => header.read_values(cursor, 2)?,
                (8, Kind::Struct) => header.read_values(cursor, 4)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(header)
    }

    /// Reads the part that depends on the page's kind. Only the field of the encoding differs between the kinds.
    fn read_values(&mut self, cursor: &mut Cursor<'_>, encoding_field: i16) -> Result<(), Refusal> {
        cursor.fields(|cursor, field| {
            match field {
                (1, Kind::Int) => self.value_count = cursor.size()?,
                (number, Kind::Int) if number == encoding_field => self.encoding = cursor.int()?,
                (5, Kind::Int) => self.definition_len = cursor.size()?,
                (6, Kind::Int) => self.repetition_len = cursor.size()?,
                (7, Kind::False) => self.is_plain = true,
                _ => return Ok(false),
            }
            Ok(true)
        })
    }
}

/// The values of a column in a row group.
pub(super) struct Pages<'a> {
    cursor: Cursor<'a>,
    codec: Codec,
    column: Column,
    value_count: usize,
    dictionary: Option<Dictionary>,
}

/// Values that pages refer to by index.
struct Dictionary {
    bytes: Vec<u8>,
    values: Vec<Range<usize>>,
}

impl<'a> Pages<'a> {
    /// The `value_count` values of `column` in `chunk` of the file `bytes`.
    pub(super) fn new(bytes: &'a [u8], chunk: &Chunk, column: Column, value_count: usize) -> Self {
        let pages = bytes.get(chunk.pages.clone()).unwrap_or_default();
        Self { cursor: Cursor::new(pages), codec: chunk.codec, column, value_count, dictionary: None }
    }

    /// Calls `visit` with each value: its row within the group, and its bytes, or none if it is null.
    pub(super) fn values(
        mut self,
        unpacker: &mut Unpacker,
        mut visit: impl FnMut(usize, Option<&[u8]>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut row = 0;
        while row < self.value_count {
            let header = Header::read(&mut self.cursor)?;
            let body = self.cursor.take(header.packed_len)?;
            match header.kind {
                0 | 3 => {
                    if header.value_count > self.value_count - row {
                        return Err(Refusal::Damaged("a page"));
                    }
                    self.page(&header, body, unpacker, |value| {
                        row += 1;
                        visit(row - 1, value)
                    })?;
                }
                2 if self.dictionary.is_none() => {
                    self.dictionary = Some(self.read_dictionary(&header, body, unpacker)?);
                }
                2 => return Err(Refusal::Damaged("a dictionary")),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_dictionary(&self, header: &Header, body: &[u8], unpacker: &mut Unpacker) -> Result<Dictionary, Refusal> {
        // Older files use number 2 for the plain encoding of dictionaries.
        if !matches!(header.encoding, 0 | 2) {
            return Err(feature_of(header.encoding));
        }
        // More values than references to them would only take memory.
        if header.value_count > self.value_count {
            return Err(Refusal::Damaged("a dictionary"));
        }
        let bytes = unpacker.unpack(self.codec, body, header.unpacked_len)?.to_vec();
        let mut cursor = Cursor::new(&bytes);
        let mut values = Vec::new();
        for _ in 0..header.value_count {
            let value = plain(&mut cursor, self.column.physical)?;
            let end = bytes.len() - cursor.rest().len();
            values.push(end - value.len()..end);
        }
        Ok(Dictionary { bytes, values })
    }

    /// Calls `visit` with each value of a page.
    fn page(
        &self,
        header: &Header,
        body: &[u8],
        unpacker: &mut Unpacker,
        mut visit: impl FnMut(Option<&[u8]>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let width_bits = u8::BITS - self.column.max_definition.leading_zeros();
        let (levels, values) = if header.kind == 3 {
            // The levels come first, and are never compressed.
            let levels_len = header.repetition_len.checked_add(header.definition_len).ok_or(Malformed)?;
            let (levels, values) = body.split_at_checked(levels_len).ok_or(Malformed)?;
            let codec = if header.is_plain { Codec::Uncompressed } else { self.codec };
            let unpacked_len = header.unpacked_len.checked_sub(levels_len).ok_or(Malformed)?;
            (&levels[header.repetition_len..], unpacker.unpack(codec, values, unpacked_len)?)
        } else {
            let mut cursor = Cursor::new(unpacker.unpack(self.codec, body, header.unpacked_len)?);
            let levels = if width_bits == 0 {
                &[][..]
            } else {
                let len = cursor.take(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)?;
                cursor.take(len as usize)?
            };
            (levels, cursor.rest())
        };
        let mut levels = Runs::new(levels, width_bits)?;
        let mut values = Values::new(values, header.encoding, self.column.physical, self.dictionary.as_ref())?;
        for _ in 0..header.value_count {
            let is_there = width_bits == 0 || levels.next()? == u32::from(self.column.max_definition);
            visit(if is_there { Some(values.next()?) } else { None })?;
        }
        Ok(())
    }
}

/// The values of a page, in either encoding.
enum Values<'a> {
    Plain(Cursor<'a>, Physical),
    Referred(Runs<'a>, &'a Dictionary),
}

impl<'a> Values<'a> {
    fn new(
        bytes: &'a [u8],
        encoding: i64,
        physical: Physical,
        dictionary: Option<&'a Dictionary>,
    ) -> Result<Self, Refusal> {
        match (encoding, dictionary) {
            (0, _) => Ok(Self::Plain(Cursor::new(bytes), physical)),
            (2 | 8, Some(dictionary)) => {
                let (width_bits, rest) = bytes.split_first().unwrap_or((&0, &[]));
                Ok(Self::Referred(Runs::new(rest, (*width_bits).into())?, dictionary))
            }
            (2 | 8, None) => Err(Refusal::Damaged("a dictionary")),
            _ => Err(feature_of(encoding)),
        }
    }

    fn next(&mut self) -> Result<&'a [u8], Refusal> {
        match self {
            Self::Plain(cursor, physical) => Ok(plain(cursor, *physical)?),
            Self::Referred(runs, dictionary) => {
                let value = dictionary.values.get(runs.next()? as usize).ok_or(Malformed)?;
                Ok(&dictionary.bytes[value.clone()])
            }
        }
    }
}

/// A value in plain encoding.
fn plain<'a>(cursor: &mut Cursor<'a>, physical: Physical) -> Result<&'a [u8], Malformed> {
    match physical {
        Physical::Int64 => cursor.take(8),
        Physical::Bytes => {
            let len = cursor.take(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)?;
            cursor.take(len as usize)
        }
    }
}

/// The error for an encoding that is not supported.
fn feature_of(encoding: i64) -> Refusal {
    Refusal::Feature(match encoding {
        3 => "RLE encoding".to_owned(),
        4 => "BIT_PACKED encoding".to_owned(),
        5 => "DELTA_BINARY_PACKED encoding".to_owned(),
        6 => "DELTA_LENGTH_BYTE_ARRAY encoding".to_owned(),
        7 => "DELTA_BYTE_ARRAY encoding".to_owned(),
        9 => "BYTE_STREAM_SPLIT encoding".to_owned(),
        other => format!("encoding {other}"),
    })
}
