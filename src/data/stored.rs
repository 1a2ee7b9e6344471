//! The format of a stored split of CIFAR-10: a header, then all labels, then all pixels.

use super::{IMAGE_LEN, Images};
use crate::domain::CLASS_COUNT;
use std::ops::Range;
use thiserror::Error;

/// The first bytes of such a file; the digit is the version.
const MAGIC: [u8; 16] = *b"TENFOLD-IMAGES-1";

/// Length of the header: the magic, the count, the batches, and whether the images are the published ones.
pub const HEADER_LEN: usize = 32;

/// The most images in a split.
const MAX_COUNT: u32 = 50_000;

/// The header of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Number of images.
    pub count: usize,
    /// Which training batches it contains, in their order; without meaning for the test images.
    pub batches: [bool; 5],
    /// Whether they are the published images, bit for bit, according to their digests.
    pub is_published: bool,
}

/// A file that this program did not write, or that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("The images kept on this device are damaged ({0}); delete them and fetch them again.")]
pub struct StoredError(&'static str);

impl Header {
    /// The first bytes of a file.
    pub fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..16].copy_from_slice(&MAGIC);
        bytes[16..20].copy_from_slice(&(self.count as u32).to_le_bytes());
        for (byte, is_there) in bytes[20..25].iter_mut().zip(self.batches) {
            *byte = u8::from(is_there);
        }
        bytes[25] = u8::from(self.is_published);
        bytes
    }

    /// The header in the first bytes of a file of `file_len` bytes.
    ///
    /// # Errors
    /// If they are not the header of such a file.
    pub fn parse(bytes: &[u8], file_len: u64) -> Result<Self, StoredError> {
        let bytes: &[u8; HEADER_LEN] = bytes.first_chunk().ok_or(StoredError("too short"))?;
        if bytes[..16] != MAGIC {
            return Err(StoredError("not a file of this version"));
        }
        let count = u32::from_le_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]);
        if count > MAX_COUNT || file_len != HEADER_LEN as u64 + u64::from(count) * (1 + IMAGE_LEN as u64) {
            return Err(StoredError("of a length that it should not have"));
        }
        let batches = std::array::from_fn(|batch| bytes[20 + batch] != 0);
        Ok(Self { count: count as usize, batches, is_published: bytes[25] != 0 })
    }

    /// The byte range of the labels in the file.
    pub fn labels(&self) -> Range<u64> {
        HEADER_LEN as u64..(HEADER_LEN + self.count) as u64
    }

    /// The byte range of all planes in the file.
    pub fn pixels(&self) -> Range<u64> {
        self.image(0).start..self.image(self.count).start
    }

    /// The byte range of the planes of image `index` in the file.
    pub fn image(&self, index: usize) -> Range<u64> {
        let start = self.labels().end + (index * IMAGE_LEN) as u64;
        start..start + IMAGE_LEN as u64
    }
}

/// The images with these labels and planes, which were read from the header's ranges.
///
/// # Errors
/// If a label is above 9, or there are not 3,072 bytes of pixels for each label.
pub fn images(labels: Vec<u8>, pixels: Vec<u8>) -> Result<Images, StoredError> {
    check_labels(&labels)?;
    if labels.len() * IMAGE_LEN != pixels.len() {
        return Err(StoredError("of a length that it should not have"));
    }
    Ok(Images::of(labels, pixels))
}

/// Checks that all `labels` are classes.
///
/// # Errors
/// If one is above 9.
pub fn check_labels(labels: &[u8]) -> Result<(), StoredError> {
    if labels.iter().all(|&label| usize::from(label) < CLASS_COUNT) {
        Ok(())
    } else {
        Err(StoredError("labels above 9"))
    }
}

/// The header and the images in `file`, a file's content.
#[cfg(test)]
pub(super) fn read(file: &[u8]) -> Result<(Header, Images), StoredError> {
    let header = Header::parse(file, file.len() as u64)?;
    let part = |range: Range<u64>| file[range.start as usize..range.end as usize].to_vec();
    Ok((header, images(part(header.labels()), part(header.pixels()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let header = Header { count: 2, batches: [true, false, false, false, true], is_published: true };
        let pixels: Vec<u8> = (0..2 * IMAGE_LEN).map(|at| (at % 251) as u8).collect();
        [&header.to_bytes()[..], &[3, 9], &pixels].concat()
    }

    #[test]
    fn single_images_are_found_where_they_lie() {
        let file = file();
        let (header, images) = read(&file).expect("a whole file");
        for index in 0..2 {
            let range = header.image(index);
            assert_eq!(file[range.start as usize..range.end as usize], *images.planar(index));
        }
        assert_eq!(file[header.labels().start as usize..header.labels().end as usize], [3, 9]);
    }

    #[test]
    fn a_file_that_is_cut_longer_or_labelled_wrongly_is_refused() {
        let whole = file();
        for len in [0, HEADER_LEN - 1, HEADER_LEN, whole.len() - 1] {
            assert!(read(&whole[..len]).is_err(), "{len} bytes");
        }
        assert!(read(&[&whole[..], &[0]].concat()).is_err());
        let mut labelled = whole;
        labelled[HEADER_LEN] = 10;
        let error = read(&labelled).expect_err("label 10");
        assert!(error.to_string().contains("delete them and fetch them again"), "{error}");
    }

    #[cfg(not(target_family = "wasm"))]
    mod hostile {
        use super::*;
        use crate::data::damage::{config, damaged};
        use proptest::prelude::*;

        proptest! {
            #![proptest_config(config())]

            #[test]
            fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), file_len: u64) {
                prop_assert!(Header::parse(&bytes, file_len).is_err());
                prop_assert!(read(&bytes).is_err());
            }

            #[test]
            fn damaged_files_are_read_as_what_they_say_or_refused(bytes in damaged(vec![file()])) {
                if let Ok((header, images)) = read(&bytes) {
                    prop_assert!(images.len() == header.count && header.count <= 50_000);
                    prop_assert!(images.labels().iter().all(|&label| label < 10));
                    prop_assert_eq!(header.image(header.count).start, bytes.len() as u64);
                }
            }
        }
    }
}
