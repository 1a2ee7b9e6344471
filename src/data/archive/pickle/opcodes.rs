//! The opcodes of the published pickles, and how to read them.

use super::{MAX_NAME_LEN, Mismatch, Read, Reader};

pub(super) const MARK: u8 = b'(';
pub(super) const STOP: u8 = b'.';
pub(super) const NONE: u8 = b'N';
pub(super) const REDUCE: u8 = b'R';
pub(super) const BUILD: u8 = b'b';
pub(super) const EMPTY_LIST: u8 = b']';
pub(super) const APPENDS: u8 = b'e';
pub(super) const EMPTY_DICT: u8 = b'}';
pub(super) const SETITEMS: u8 = b'u';
pub(super) const TUPLE: u8 = b't';
pub(super) const PROTO: u8 = 0x80;
pub(super) const TUPLE1: u8 = 0x85;
pub(super) const TUPLE2: u8 = 0x86;
pub(super) const TUPLE3: u8 = 0x87;
pub(super) const NEWTRUE: u8 = 0x88;
pub(super) const NEWFALSE: u8 = 0x89;
const GLOBAL: u8 = b'c';
const BININT: u8 = b'J';
const BININT1: u8 = b'K';
const BININT2: u8 = b'M';
const SHORT_BINSTRING: u8 = b'U';
const BINSTRING: u8 = b'T';
const BINPUT: u8 = b'q';
const LONG_BINPUT: u8 = b'r';
const BINGET: u8 = b'h';
const LONG_BINGET: u8 = b'j';

/// Python's names of opcodes, for errors: those of the published batches, and others that are likely in pickles.
const NAMES: [(u8, &str); 46] = [
    (MARK, "MARK"),
    (STOP, "STOP"),
    (NONE, "NONE"),
    (REDUCE, "REDUCE"),
    (BUILD, "BUILD"),
    (EMPTY_LIST, "EMPTY_LIST"),
    (APPENDS, "APPENDS"),
    (EMPTY_DICT, "EMPTY_DICT"),
    (SETITEMS, "SETITEMS"),
    (TUPLE, "TUPLE"),
    (PROTO, "PROTO"),
    (TUPLE1, "TUPLE1"),
    (TUPLE2, "TUPLE2"),
    (TUPLE3, "TUPLE3"),
    (NEWTRUE, "NEWTRUE"),
    (NEWFALSE, "NEWFALSE"),
    (GLOBAL, "GLOBAL"),
    (BININT, "BININT"),
    (BININT1, "BININT1"),
    (BININT2, "BININT2"),
    (SHORT_BINSTRING, "SHORT_BINSTRING"),
    (BINSTRING, "BINSTRING"),
    (BINPUT, "BINPUT"),
    (LONG_BINPUT, "LONG_BINPUT"),
    (BINGET, "BINGET"),
    (LONG_BINGET, "LONG_BINGET"),
    (b'0', "POP"),
    (b'2', "DUP"),
    (b'B', "BINBYTES"),
    (b'C', "SHORT_BINBYTES"),
    (b'G', "BINFLOAT"),
    (b'I', "INT"),
    (b'S', "STRING"),
    (b'X', "BINUNICODE"),
    (b'a', "APPEND"),
    (b'i', "INST"),
    (b'o', "OBJ"),
    (b's', "SETITEM"),
    (b')', "EMPTY_TUPLE"),
    (b'P', "PERSID"),
    (b'Q', "BINPERSID"),
    (0x81, "NEWOBJ"),
    (0x82, "EXT1"),
    (0x8a, "LONG1"),
    (0x8c, "SHORT_BINUNICODE"),
    (0x93, "STACK_GLOBAL"),
];

/// The name of an opcode, for errors.
pub(super) fn name_of(opcode: Option<u8>) -> String {
    match (opcode, NAMES.iter().find(|(known, _)| Some(*known) == opcode)) {
        (None, _) => "the end of the file".to_owned(),
        (Some(_), Some((_, name))) => format!("opcode {name}"),
        (Some(unknown), None) => format!("opcode {unknown:#04x}"),
    }
}

impl<'a> Reader<'a> {
    /// The next opcode, without reading it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Reads the next opcode, and the opcode after it that stores the value in the memo, if there is one.
    pub(super) fn next_op(&mut self) -> Option<u8> {
        let opcode = self.peek()?;
        self.at += 1;
        // Only strings are ever fetched from the memo.
        self.memo_id();
        Some(opcode)
    }

    /// Reads the opcode `expected`, which is part of `what`.
    pub(super) fn op(&mut self, expected: u8, what: &'static str) -> Read<()> {
        if self.peek() != Some(expected) {
            return Err(self.mismatch(what));
        }
        self.next_op();
        Ok(())
    }

    /// Reads exactly these bytes.
    pub(super) fn bytes_are(&mut self, expected: &[u8], what: &'static str) -> Read<()> {
        match self.take(expected.len()) {
            Some(found) if found == expected => Ok(()),
            _ => Err(self.mismatch(what)),
        }
    }

    /// Reads exactly these whole numbers.
    pub(super) fn ints(&mut self, expected: &[i32], what: &'static str) -> Read<()> {
        for &expected in expected {
            let at = self.at;
            let found = self.int(what)?;
            if found != expected {
                return Err(Mismatch { at, found: format!("the number {found}"), expected: what });
            }
        }
        Ok(())
    }

    /// Reads a whole number.
    pub(super) fn int(&mut self, what: &'static str) -> Read<i32> {
        let start = self.at;
        let read = |reader: &mut Self| {
            Some(match reader.take(1)? {
                [BININT1] => reader.take(1)?[0].into(),
                [BININT2] => u16::from_le_bytes(reader.take(2)?.try_into().ok()?).into(),
                [BININT] => i32::from_le_bytes(reader.take(4)?.try_into().ok()?),
                _ => return None,
            })
        };
        match read(self) {
            Some(value) => Ok(value),
            None => Err(self.refuse(start, what)),
        }
    }

    /// Reads a string, or fetches one from the memo.
    pub(super) fn string(&mut self, what: &'static str) -> Read<&'a [u8]> {
        let start = self.at;
        let read = |reader: &mut Self| {
            let len = match reader.take(1)? {
                [SHORT_BINSTRING] => reader.take(1)?[0].into(),
                [BINSTRING] => usize::try_from(i32::from_le_bytes(reader.take(4)?.try_into().ok()?)).ok()?,
                [BINGET] => {
                    let id = reader.take(1)?[0].into();
                    return reader.memo.get(&id).copied();
                }
                [LONG_BINGET] => {
                    let id = u32::from_le_bytes(reader.take(4)?.try_into().ok()?);
                    return reader.memo.get(&id).copied();
                }
                _ => return None,
            };
            let string = reader.take(len)?;
            if let Some(id) = reader.memo_id()
                && len <= MAX_NAME_LEN
            {
                reader.memo.insert(id, string);
            }
            Some(string)
        };
        match read(self) {
            Some(string) => Ok(string),
            None => Err(self.refuse(start, what)),
        }
    }

    /// Reads exactly this string.
    pub(super) fn string_is(&mut self, expected: &[u8], what: &'static str) -> Read<()> {
        let at = self.at;
        match self.string(what)? {
            found if found == expected => Ok(()),
            found => {
                let shown = &found[..found.len().min(MAX_NAME_LEN)];
                Err(Mismatch { at, found: format!("\"{}\"", shown.escape_ascii()), expected: what })
            }
        }
    }

    /// Reads a reference to exactly this Python object, without using the object.
    pub(super) fn global(&mut self, module: &'static str, name: &'static str) -> Read<()> {
        let start = self.at;
        let line = |reader: &mut Self| {
            let rest = reader.bytes.get(reader.at..)?;
            let len = rest.iter().take(MAX_NAME_LEN).position(|&byte| byte == b'\n')?;
            reader.at += len + 1;
            Some(&rest[..len])
        };
        if self.peek() != Some(GLOBAL) {
            return Err(self.mismatch(name));
        }
        self.at += 1;
        let (found_module, found_name) = (line(self), line(self));
        if (found_module, found_name) == (Some(module.as_bytes()), Some(name.as_bytes())) {
            self.memo_id();
            return Ok(());
        }
        let shown = |part: Option<&[u8]>| part.unwrap_or(b"?").escape_ascii().to_string();
        let found = format!("opcode GLOBAL of {}.{}", shown(found_module), shown(found_name));
        Err(Mismatch { at: start, found, expected: name })
    }

    /// The error for the current position, where `expected` should be.
    pub(super) fn mismatch(&self, expected: &'static str) -> Mismatch {
        Mismatch { at: self.at, found: name_of(self.peek()), expected }
    }

    /// The error for the position `start`, or for the end of the file if an operand is cut short.
    fn refuse(&mut self, start: usize, expected: &'static str) -> Mismatch {
        let is_over = self.at >= self.bytes.len();
        self.at = if is_over { self.bytes.len() } else { start };
        self.mismatch(expected)
    }

    /// Reads the opcode that stores the previous value in the memo, if it is there. Returns the memo's index.
    fn memo_id(&mut self) -> Option<u32> {
        match *self.bytes.get(self.at..)? {
            [BINPUT, id, ..] => {
                self.at += 2;
                Some(id.into())
            }
            [LONG_BINPUT, a, b, c, d, ..] => {
                self.at += 5;
                Some(u32::from_le_bytes([a, b, c, d]))
            }
            _ => None,
        }
    }

    /// The next `len` bytes. If there are fewer, the reader moves to the end.
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..len);
        self.at = if taken.is_some() { self.at + len } else { self.bytes.len() };
        taken
    }
}
