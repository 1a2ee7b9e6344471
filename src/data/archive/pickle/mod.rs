//! Reads pickles of the form of CIFAR-10's Python batches, and no others.
//!
//! A pickle is a program, but this does not execute it. Each opcode must be the one that the published batches
//! (protocol 2, written by Python 2's cPickle) have at that position. So the result can only be two lists, a string and
//! an array of bytes.

mod opcodes;

use std::collections::HashMap;

use crate::{
    data::{IMAGE_LEN, batch::Images},
    domain::CLASS_COUNT,
};

use super::{
    ArchiveError,
    contents::{Contents, Counts, Slot},
};
use opcodes as op;

/// The maximum length in bytes of a key, a type's name or a batch's label.
const MAX_NAME_LEN: usize = 64;

/// Calls `place` with each record of the batch in `bytes`: its index, label and planes. Returns the slot that the
/// batch's label names.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    counts: Counts,
    mut place: impl FnMut(usize, u8, &[u8; IMAGE_LEN]),
) -> Result<Option<Slot>, ArchiveError> {
    let mut reader = Reader { bytes, at: 0, memo: HashMap::new() };
    let batch = reader.batch(counts.per_batch).map_err(|Mismatch { at, found, expected }| {
        if at >= bytes.len() {
            ArchiveError::CutShort { file: file.to_owned() }
        } else {
            ArchiveError::Pickle { file: file.to_owned(), at, found, expected }
        }
    })?;
    for (record, &label) in batch.labels.iter().enumerate() {
        match u8::try_from(label) {
            Ok(label) if usize::from(label) < CLASS_COUNT => place(record, label, &batch.planar(record)),
            _ => return Err(ArchiveError::Label { file: file.to_owned(), record, label: label.into() }),
        }
    }
    Ok(slot_of_label(batch.name))
}

/// The batch in `bytes`, a file of its own.
pub(super) fn read_batch(file: &str, bytes: &[u8], counts: Counts) -> Result<Contents, ArchiveError> {
    let mut images = Images::blank(counts.per_batch);
    let slot = read(file, bytes, counts, |record, label, planar| images.set(record, label, planar))?;
    Ok(Contents::Batch { slot, images })
}

/// The slot that a batch's label names, as in "training batch 2 of 5".
fn slot_of_label(label: &[u8]) -> Option<Slot> {
    match label {
        b"testing batch 1 of 1" => Some(Slot::Test),
        [
            b't',
            b'r',
            b'a',
            b'i',
            b'n',
            b'i',
            b'n',
            b'g',
            b' ',
            b'b',
            b'a',
            b't',
            b'c',
            b'h',
            b' ',
            n @ b'1'..=b'5',
            ..,
        ] => Some(Slot::Train(n - b'1')),
        _ => None,
    }
}

/// The content of a batch.
struct Batch<'a> {
    name: &'a [u8],
    labels: Vec<i32>,
    pixels: &'a [u8],
    /// Whether the array is stored by column instead of by image.
    is_by_column: bool,
}

impl Batch<'_> {
    fn planar(&self, record: usize) -> [u8; IMAGE_LEN] {
        let count = self.labels.len();
        std::array::from_fn(|at| {
            self.pixels[if self.is_by_column { at * count + record } else { record * IMAGE_LEN + at }]
        })
    }
}

/// What was found instead of the content of the published batches.
struct Mismatch {
    at: usize,
    found: String,
    expected: &'static str,
}

type Read<T> = Result<T, Mismatch>;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Short strings that the pickle may refer to later.
    memo: HashMap<u32, &'a [u8]>,
}

impl<'a> Reader<'a> {
    /// The whole pickle: a dictionary of four entries.
    fn batch(&mut self, count: usize) -> Read<Batch<'a>> {
        self.bytes_are(&[op::PROTO, 2], "a pickle of protocol 2")?;
        self.op(op::EMPTY_DICT, "a dictionary")?;
        self.op(op::MARK, "the dictionary's entries")?;
        let (mut name, mut labels, mut data, mut has_filenames) = (None, None, None, false);
        while self.peek() != Some(op::SETITEMS) {
            let at = self.at;
            match self.string("a key")? {
                b"batch_label" if name.is_none() => name = Some(self.string("the batch's label")?),
                b"labels" if labels.is_none() => labels = Some(self.labels(count)?),
                b"data" if data.is_none() => data = Some(self.array(count)?),
                b"filenames" if !has_filenames => has_filenames = self.filenames(count)?,
                other => {
                    let found = format!("the key \"{}\"", other.escape_ascii());
                    return Err(Mismatch { at, found, expected: "batch_label, labels, data or filenames, each once" });
                }
            }
        }
        let at = self.at;
        self.op(op::SETITEMS, "the dictionary's end")?;
        self.op(op::STOP, "the pickle's end")?;
        let (Some(labels), Some((pixels, is_by_column))) = (labels, data) else {
            let found = "the dictionary's end".to_owned();
            return Err(Mismatch { at, found, expected: "labels and data" });
        };
        Ok(Batch { name: name.unwrap_or_default(), labels, pixels, is_by_column })
    }

    /// A list of `count` whole numbers.
    fn labels(&mut self, count: usize) -> Read<Vec<i32>> {
        let mut labels = Vec::new();
        self.list(count, |reader| {
            labels.push(reader.int("a label")?);
            Ok(())
        })?;
        Ok(labels)
    }

    /// A list of `count` names, which are not used.
    fn filenames(&mut self, count: usize) -> Read<bool> {
        self.list(count, |reader| reader.string("a file's name").map(|_| ()))?;
        Ok(true)
    }

    /// A list of `count` items, which cPickle writes in parts of a thousand.
    fn list(&mut self, count: usize, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.op(op::EMPTY_LIST, "a list")?;
        let mut found = 0;
        while found < count {
            self.op(op::MARK, "the list's items, one for each image")?;
            while self.peek() != Some(op::APPENDS) {
                if found == count {
                    return Err(self.mismatch("the list's end, after one item for each image"));
                }
                item(self)?;
                found += 1;
            }
            self.op(op::APPENDS, "the list's end")?;
        }
        Ok(())
    }

    /// A NumPy array of `count` x 3,072 bytes, and whether it is stored by column.
    fn array(&mut self, count: usize) -> Read<(&'a [u8], bool)> {
        self.global("numpy.core.multiarray", "_reconstruct")?;
        self.global("numpy", "ndarray")?;
        self.ints(&[0], "an empty shape")?;
        self.op(op::TUPLE1, "an empty shape")?;
        self.string_is(b"b", "the type of an empty array")?;
        self.op(op::TUPLE3, "the arguments of an array")?;
        self.op(op::REDUCE, "an array")?;
        self.op(op::MARK, "the array's state")?;
        self.ints(&[1], "version 1 of the array's state")?;
        self.ints(&[count as i32, IMAGE_LEN as i32], "a row of 3072 bytes for each image")?;
        self.op(op::TUPLE2, "the array's shape")?;
        self.byte_type()?;
        let is_by_column = match self.peek() {
            Some(op::NEWFALSE) => false,
            Some(op::NEWTRUE) => true,
            _ => return Err(self.mismatch("the order of the array")),
        };
        self.next_op();
        let at = self.at;
        let pixels = self.string("the array's bytes")?;
        if pixels.len() != count * IMAGE_LEN {
            let found = format!("an array of {} bytes", pixels.len());
            return Err(Mismatch { at, found, expected: "3072 bytes for each image" });
        }
        self.op(op::TUPLE, "the array's state")?;
        self.op(op::BUILD, "the array's state")?;
        Ok((pixels, is_by_column))
    }

    /// NumPy's type of unsigned bytes.
    fn byte_type(&mut self) -> Read<()> {
        const WHAT: &str = "numpy's type uint8";
        self.global("numpy", "dtype")?;
        self.string_is(b"u1", WHAT)?;
        self.ints(&[0, 1], WHAT)?;
        self.op(op::TUPLE3, WHAT)?;
        self.op(op::REDUCE, WHAT)?;
        self.op(op::MARK, WHAT)?;
        // The version of the type's state.
        self.int(WHAT)?;
        self.string_is(b"|", WHAT)?;
        for _ in 0..3 {
            self.op(op::NONE, WHAT)?;
        }
        self.ints(&[-1, -1, 0], WHAT)?;
        self.op(op::TUPLE, WHAT)?;
        self.op(op::BUILD, WHAT)
    }
}
