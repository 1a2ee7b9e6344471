//! Reads parquet's hybrid of run-length encoding and bit packing.

use super::thrift::{Cursor, Malformed};

/// Numbers of a fixed width, in runs of two kinds.
#[derive(Debug)]
pub(super) struct Runs<'a> {
    cursor: Cursor<'a>,
    width_bits: u32,
    run: Run<'a>,
}

#[derive(Debug)]
enum Run<'a> {
    Repeated { left: u64, value: u32 },
    Packed { left: u64, bytes: &'a [u8], bit_at: usize },
}

impl<'a> Runs<'a> {
    /// The numbers of `width_bits` bits in `bytes`.
    pub(super) fn new(bytes: &'a [u8], width_bits: u32) -> Result<Self, Malformed> {
        if width_bits > u32::BITS {
            return Err(Malformed);
        }
        Ok(Self { cursor: Cursor::new(bytes), width_bits, run: Run::Repeated { left: 0, value: 0 } })
    }

    /// The next number.
    pub(super) fn next(&mut self) -> Result<u32, Malformed> {
        loop {
            match &mut self.run {
                Run::Repeated { left: 0, .. } | Run::Packed { left: 0, .. } => self.run = self.next_run()?,
                Run::Repeated { left, value } => {
                    *left -= 1;
                    return Ok(*value);
                }
                Run::Packed { left, bytes, bit_at } => {
                    *left -= 1;
                    let first = *bit_at / 8;
                    // A number of 32 bits spans at most five bytes.
                    let window = (first..first + 5)
                        .rev()
                        .fold(0_u64, |window, at| window << 8 | u64::from(bytes.get(at).copied().unwrap_or_default()));
                    let number = window >> (*bit_at % 8) & ((1 << self.width_bits) - 1);
                    *bit_at += self.width_bits as usize;
                    return Ok(number as u32);
                }
            }
        }
    }

    fn next_run(&mut self) -> Result<Run<'a>, Malformed> {
        let head = self.cursor.varint()?;
        let len = head >> 1;
        if head & 1 == 0 {
            let bytes = self.cursor.take(self.width_bits.div_ceil(8) as usize)?;
            let value = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte));
            return Ok(Run::Repeated { left: len, value });
        }
        // Packed numbers come in groups of eight.
        let len_bytes = len.checked_mul(self.width_bits.into()).and_then(|len| usize::try_from(len).ok());
        let bytes = self.cursor.take(len_bytes.ok_or(Malformed)?)?;
        Ok(Run::Packed { left: len.saturating_mul(8), bytes, bit_at: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_examples_are_read() {
        // 0 to 7 with three bits each, then 4 repeated a hundred times.
        let mut runs = Runs::new(&[0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010, 0xc8, 0x01, 4], 3).expect("3 bits");
        for number in (0..8).chain(std::iter::repeat_n(4, 100)) {
            assert_eq!(runs.next(), Ok(number));
        }
        assert_eq!(runs.next(), Err(Malformed));
    }

    #[test]
    fn wide_numbers_and_no_width_at_all_are_read() {
        let wide = [&[3][..], &u32::MAX.to_le_bytes().repeat(8)].concat();
        assert_eq!(Runs::new(&wide, 32).expect("32 bits").next(), Ok(u32::MAX));
        assert_eq!(Runs::new(&[0x0a], 0).expect("0 bits").next(), Ok(0));
        assert!(Runs::new(&[0x0a], 33).is_err());
    }

    #[test]
    fn absurd_runs_are_refused() {
        // The largest possible number of groups.
        let endless = [&[0xff; 9][..], &[1]].concat();
        assert_eq!(Runs::new(&endless, 32).expect("32 bits").next(), Err(Malformed));
        // Empty runs.
        assert_eq!(Runs::new(&[0; 100], 0).expect("0 bits").next(), Err(Malformed));
    }
}
