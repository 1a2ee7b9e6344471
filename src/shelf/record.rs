//! A record: a file that tells whether it is whole. It has a preamble, a header and a body.
//!
//! | bytes | what |
//! |---|---|
//! | 0 to 15 | `TENFOLD-RECORD\r\n` |
//! | 16 to 19 | version of the format, 1 |
//! | 20 to 27 | sequence number: the newer of two records of the same thing has the higher number |
//! | 28 to 31 | length of the header |
//! | 32 to 39 | length of the body |
//! | 40 to 71 | SHA-256 of the header |
//! | 72 to 103 | SHA-256 of the body |
//! | 104 to 111 | zeros |
//! | 112 to 127 | the first half of the SHA-256 of bytes 0 to 111 |
//!
//! Numbers are little-endian. The preamble is written last, after the rest is on the disk.

use sha2::{Digest, Sha256};
use std::ops::Range;

/// The first bytes of every record.
const MAGIC: [u8; 16] = *b"TENFOLD-RECORD\r\n";

/// The version that is written.
const FORMAT: u32 = 1;

/// Bytes before the header.
pub const PREAMBLE_LEN: usize = 128;

/// The position of the preamble's own digest.
const SEAL: Range<usize> = 112..128;

/// The maximum length of a header.
const HEADER_LIMIT_BYTES: u32 = 1 << 20;

/// Why a record cannot be read; each displays as a clause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its preamble was not written yet, or the file was cut.
    #[error("it was not written to its end")]
    Unfinished,
    /// A later version of this program wrote it.
    #[error("a newer version of Tenfold wrote it (format {0}); open it there")]
    Newer(u32),
    /// Its bytes have changed.
    #[error("it is damaged ({0})")]
    Damaged(String),
    /// It is whole, but this version cannot use its content.
    #[error("{0}")]
    Other(String),
    /// The device cannot read it.
    #[error("it cannot be read, because {0}")]
    File(#[from] super::FileError),
}

impl Unreadable {
    /// Whether a later version of this program could read it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer(_))
    }
}

/// The parsed preamble of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preamble {
    /// The sequence number; of two records, the newer one has the higher number.
    pub sequence: u64,
    /// Bytes of the header.
    pub header_len: u32,
    /// Bytes of the body.
    pub body_len: u64,
    /// SHA-256 of the header.
    pub header_digest: [u8; 32],
    /// SHA-256 of the body.
    pub body_digest: [u8; 32],
}

impl Preamble {
    /// The preamble for `header` and `body`, which is given in consecutive parts.
    ///
    /// # Panics
    /// If the header is longer than a MiB.
    pub fn of(sequence: u64, header: &[u8], body: &[&[u8]]) -> Self {
        let header_len = u32::try_from(header.len()).ok().filter(|&len| len <= HEADER_LIMIT_BYTES);
        Self {
            sequence,
            header_len: header_len.expect("a header is a few kB"),
            body_len: body.iter().map(|part| part.len() as u64).sum(),
            header_digest: digest(&[header]),
            body_digest: digest(body),
        }
    }

    /// The first bytes of a record.
    pub fn to_bytes(self) -> [u8; PREAMBLE_LEN] {
        let mut bytes = [0; PREAMBLE_LEN];
        bytes[..16].copy_from_slice(&MAGIC);
        bytes[16..20].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.header_len.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.body_len.to_le_bytes());
        bytes[40..72].copy_from_slice(&self.header_digest);
        bytes[72..104].copy_from_slice(&self.body_digest);
        let seal = digest(&[&bytes[..SEAL.start]]);
        bytes[SEAL].copy_from_slice(&seal[..SEAL.len()]);
        bytes
    }

    /// The preamble in `bytes`, the first bytes of a file of `file_len` bytes.
    ///
    /// # Errors
    /// If they are not the preamble of a record of this version, or its length does not match `file_len`.
    pub fn parse(bytes: &[u8], file_len: u64) -> Result<Self, Unreadable> {
        let bytes: &[u8; PREAMBLE_LEN] = bytes.first_chunk().ok_or(Unreadable::Unfinished)?;
        if bytes.iter().all(|&byte| byte == 0) {
            return Err(Unreadable::Unfinished);
        }
        let u32_at = |at| u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let u64_at = |at| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let digest_at = |at| std::array::from_fn(|i| bytes[at + i]);
        // The seal is checked before anything else is read.
        if bytes[..16] != MAGIC || digest(&[&bytes[..SEAL.start]])[..SEAL.len()] != bytes[SEAL] {
            return Err(Unreadable::Damaged("its first bytes were changed".into()));
        }
        if u32_at(16) != FORMAT {
            return Err(Unreadable::Newer(u32_at(16)));
        }
        let preamble = Self {
            sequence: u64_at(20),
            header_len: u32_at(28),
            body_len: u64_at(32),
            header_digest: digest_at(40),
            body_digest: digest_at(72),
        };
        if preamble.header_len > HEADER_LIMIT_BYTES || preamble.body().is_none_or(|body| body.end != file_len) {
            return Err(Unreadable::Damaged("its length is not what it says".into()));
        }
        Ok(preamble)
    }

    /// The byte range of the header in the file.
    pub fn header(&self) -> Range<u64> {
        let start = PREAMBLE_LEN as u64;
        start..start + u64::from(self.header_len)
    }

    /// The byte range of the body in the file; none if it would overflow.
    pub fn body(&self) -> Option<Range<u64>> {
        let start = self.header().end;
        Some(start..start.checked_add(self.body_len)?)
    }

    /// Checks the digest of `header`.
    ///
    /// # Errors
    /// If `header` has changed.
    pub fn check_header(&self, header: &[u8]) -> Result<(), Unreadable> {
        check(&self.header_digest, header, "its header was changed")
    }

    /// Checks the digest of `body`.
    ///
    /// # Errors
    /// If `body` has changed.
    pub fn check_body(&self, body: &[u8]) -> Result<(), Unreadable> {
        check(&self.body_digest, body, "its content was changed")
    }
}

fn check(expected: &[u8; 32], bytes: &[u8], otherwise: &str) -> Result<(), Unreadable> {
    if digest(&[bytes]) == *expected { Ok(()) } else { Err(Unreadable::Damaged(otherwise.into())) }
}

/// The SHA-256 of `parts`, one after the other.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().into()
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Vec<u8> {
        let preamble = Preamble::of(7, b"header", &[b"bo", b"dy"]);
        [&preamble.to_bytes()[..], b"header", b"body"].concat()
    }

    fn read(file: &[u8]) -> Result<u64, Unreadable> {
        let preamble = Preamble::parse(file, file.len() as u64)?;
        let part = |range: Range<u64>| &file[range.start as usize..range.end as usize];
        preamble.check_header(part(preamble.header()))?;
        preamble.check_body(part(preamble.body().expect("as long as the file")))?;
        Ok(preamble.sequence)
    }

    #[test]
    fn a_record_reads_back() {
        assert_eq!(read(&record()), Ok(7));
        assert_eq!(hex(&digest(&[b"abc"]))[..8], *"ba7816bf", "as in FIPS 180-4");
    }

    #[test]
    fn any_bit_that_is_flipped_and_any_cut_is_noticed() {
        let whole = record();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&flipped).is_err(), "bit {bit}");
        }
        for len in 0..whole.len() {
            assert!(read(&whole[..len]).is_err(), "{len} bytes");
        }
        assert!(read(&[&whole[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_preamble_that_was_not_written_is_unfinished_and_a_later_version_is_named() {
        let mut file = record();
        file[16] = 2;
        let seal = digest(&[&file[..SEAL.start]]);
        file[SEAL].copy_from_slice(&seal[..16]);
        assert_eq!(read(&file), Err(Unreadable::Newer(2)));
        file[..PREAMBLE_LEN].fill(0);
        assert_eq!(read(&file), Err(Unreadable::Unfinished));
    }
}
