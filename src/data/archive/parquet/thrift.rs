//! Reads Thrift's compact protocol, which parquet uses for its metadata. No length is trusted.

/// The bytes are not valid Thrift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The maximum nesting depth of structures that are skipped.
const MAX_DEPTH: usize = 16;

/// The type of a value in the compact protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    Byte,
    /// 16, 32 and 64 bits, which have the same encoding.
    Int,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn of(number: u8) -> Result<Self, Malformed> {
        Ok(match number {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Int,
            7 => Self::Double,
            8 => Self::Binary,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return Err(Malformed),
        })
    }
}

/// A field of a structure: its number and the type of its value.
pub(super) type Field = (i16, Kind);

/// A position in bytes that are read forwards.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes that are not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned number, seven bits in each byte.
    pub(super) fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    /// A signed number, in zigzag encoding.
    pub(super) fn int(&mut self) -> Result<i64, Malformed> {
        let zigzag = self.varint()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    /// A number that must not be negative.
    pub(super) fn size(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.int()?).map_err(|_| Malformed)
    }

    /// A length and as many bytes.
    pub(super) fn binary(&mut self) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        self.take(len)
    }

    /// Reads a structure. Calls `visit` with each field; it reads the value and returns true, or returns false and
    /// leaves the value.
    pub(super) fn fields<E: From<Malformed>>(
        &mut self,
        mut visit: impl FnMut(&mut Self, Field) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut number = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            number = match head >> 4 {
                0 => i16::try_from(self.int()?).map_err(|_| Malformed)?,
                delta => number.checked_add(delta.into()).ok_or(Malformed)?,
            };
            let kind = Kind::of(head & 15)?;
            if !visit(self, (number, kind))? {
                self.skip(kind, MAX_DEPTH)?;
            }
        }
    }

    /// Reads a list of at most `max_len` items of type `kind`. Calls `visit` for each item, which it must read.
    pub(super) fn list<E: From<Malformed>>(
        &mut self,
        kind: Kind,
        max_len: usize,
        mut visit: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let (len, found) = self.list_head()?;
        if len > 0 && found != kind || len > max_len as u64 {
            return Err(Malformed.into());
        }
        for _ in 0..len {
            visit(self)?;
        }
        Ok(())
    }

    fn list_head(&mut self) -> Result<(u64, Kind), Malformed> {
        let head = self.byte()?;
        let len = match head >> 4 {
            15 => self.varint()?,
            len => len.into(),
        };
        // Each item takes at least one byte, so a loop over them ends.
        Ok((len, Kind::of(head & 15)?))
    }

    /// Skips a value.
    fn skip(&mut self, kind: Kind, depth: usize) -> Result<(), Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        match kind {
            // The field's type contains the value.
            Kind::True | Kind::False => Ok(()),
            Kind::Byte => self.take(1).map(|_| ()),
            Kind::Int => self.varint().map(|_| ()),
            Kind::Double => self.take(8).map(|_| ()),
            Kind::Uuid => self.take(16).map(|_| ()),
            Kind::Binary => self.binary().map(|_| ()),
            Kind::Struct => self.fields_to_skip(depth),
            Kind::List => {
                let (len, kind) = self.list_head()?;
                (0..len).try_for_each(|_| self.skip_item(kind, depth))
            }
            Kind::Map => {
                let len = self.varint()?;
                if len == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 15)?);
                (0..len).try_for_each(|_| {
                    self.skip_item(key, depth)?;
                    self.skip_item(value, depth)
                })
            }
        }
    }

    /// Skips an item of a list or a map, in which a boolean takes a byte.
    fn skip_item(&mut self, kind: Kind, depth: usize) -> Result<(), Malformed> {
        match kind {
            Kind::True | Kind::False => self.take(1).map(|_| ()),
            other => self.skip(other, depth),
        }
    }

    fn fields_to_skip(&mut self, depth: usize) -> Result<(), Malformed> {
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            if head >> 4 == 0 {
                self.int()?;
            }
            self.skip(Kind::of(head & 15)?, depth)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_specification_writes_them() {
        for (bytes, number) in
            [(&[0][..], 0), (&[1], -1), (&[2], 1), (&[0x64], 50), (&[0xc7, 1], -100), (&[0x80, 1], 64)]
        {
            assert_eq!(Cursor::new(bytes).int(), Ok(number), "{bytes:?}");
        }
        assert_eq!(Cursor::new(&[0x80; 12]).int(), Err(Malformed));
        assert_eq!(Cursor::new(&[1]).size(), Err(Malformed), "a size is not negative");
    }

    #[test]
    fn unknown_fields_are_passed_over() {
        // Field 1: a list of two structures; field 2: a map; field 3: true; field 4: the number 7.
        let bytes = [0x19, 0x2c, 0x15, 2, 0, 0, 0x1b, 1, 0x85, 1, b'k', 2, 0x11, 0x15, 14, 0];
        let mut found = None;
        let read = Cursor::new(&bytes).fields::<Malformed>(|cursor, field| {
            if field != (4, Kind::Int) {
                return Ok(false);
            }
            found = Some(cursor.int()?);
            Ok(true)
        });
        assert_eq!((read, found), (Ok(()), Some(7)));
    }

    #[test]
    fn endless_nesting_and_absurd_lengths_are_refused() {
        let nested = [vec![0x1c; 1000], vec![0; 1001]].concat();
        assert_eq!(Cursor::new(&nested).fields::<Malformed>(|_, _| Ok(false)), Err(Malformed));
        // A list of 2^62 booleans.
        let list = [&[0x19, 0xf1][..], &[0xff; 8], &[0x3f, 0]].concat();
        assert_eq!(Cursor::new(&list).fields::<Malformed>(|_, _| Ok(false)), Err(Malformed));
        assert_eq!(Cursor::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).binary(), Err(Malformed));
    }
}
