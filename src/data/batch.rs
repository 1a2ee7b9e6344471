//! Reads CIFAR-10's binary batches: records of a label byte and 3,072 bytes of pixels, in planes.

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{CHANNEL_LEN, IMAGE_LEN};
use crate::domain::CLASS_COUNT;

/// Length of a record in bytes: the label, then the red, green and blue plane, each row by row.
pub const RECORD_LEN: usize = 1 + IMAGE_LEN;

/// Labelled images in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    labels: Vec<u8>,
    /// [n, 3, 32, 32]
    pixels: Vec<u8>,
}

impl Images {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The class of image `index`, 0 to 9.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// The classes of all images, each 0 to 9.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Image `index` as in the file: 3,072 bytes, in a red, a green and a blue plane.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn planar(&self, index: usize) -> &[u8] {
        &self.pixels[index * IMAGE_LEN..][..IMAGE_LEN]
    }

    /// Image `index` with the red, green and blue of each pixel side by side, as in [`super::Seen`].
    ///
    /// # Panics
    /// If there is no such image.
    pub fn interleaved(&self, index: usize) -> [u8; IMAGE_LEN] {
        interleave(self.planar(index))
    }

    /// The planes of all images, one image after the other, `[n, 3, 32, 32]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The SHA-256 of all labels followed by all planes.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(&self.labels);
        digest.update(&self.pixels);
        digest.finalize().into()
    }

    /// Images with these labels, each 0 to 9, and these planes.
    ///
    /// # Panics
    /// If there are not 3,072 bytes of pixels for each label.
    pub(super) fn of(labels: Vec<u8>, pixels: Vec<u8>) -> Self {
        assert_eq!(labels.len() * IMAGE_LEN, pixels.len(), "each image has a label and three planes");
        Self { labels, pixels }
    }

    /// Inserts `other`'s images before the image at `index`, which may be the end.
    ///
    /// # Panics
    /// If `index` is beyond the end.
    pub(super) fn insert(&mut self, index: usize, other: Images) {
        self.labels.splice(index..index, other.labels);
        // This avoids the spare capacity that a vector would add.
        self.pixels.reserve_exact(other.pixels.len());
        self.pixels.extend_from_slice(&other.pixels);
        self.pixels[index * IMAGE_LEN..].rotate_right(other.pixels.len());
    }

    /// Replaces images by `other`'s images, starting at `index`.
    ///
    /// # Panics
    /// If there are fewer images.
    pub(super) fn replace(&mut self, index: usize, other: &Images) {
        self.labels[index..][..other.len()].copy_from_slice(&other.labels);
        self.pixels[index * IMAGE_LEN..][..other.pixels.len()].copy_from_slice(&other.pixels);
    }

    /// Images with other pixels, 3,072 bytes each, and the first labels of these ones. None if there are too few
    /// labels, or the last image is incomplete.
    pub fn redrawn(&self, pixels: Vec<u8>) -> Option<Self> {
        let labels = self.labels.get(..pixels.len() / IMAGE_LEN)?.to_vec();
        pixels.len().is_multiple_of(IMAGE_LEN).then_some(Self { labels, pixels })
    }

    /// `count` black images of class 0, to be [set](Self::set).
    pub(super) fn blank(count: usize) -> Self {
        Self { labels: vec![0; count], pixels: vec![0; count * IMAGE_LEN] }
    }

    /// Sets the class and the planes of image `index`.
    ///
    /// # Panics
    /// If there is no such image.
    pub(super) fn set(&mut self, index: usize, label: u8, planar: &[u8; IMAGE_LEN]) {
        self.labels[index] = label;
        self.pixels[index * IMAGE_LEN..][..IMAGE_LEN].copy_from_slice(planar);
    }

    /// A copy of the first `count` images, or of all if there are fewer.
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.len());
        Self { labels: self.labels[..count].to_vec(), pixels: self.pixels[..count * IMAGE_LEN].to_vec() }
    }

    /// Appends `other`'s images.
    pub fn append(&mut self, mut other: Images) {
        self.labels.append(&mut other.labels);
        self.pixels.append(&mut other.pixels);
    }
}

/// Converts an image's planes, 3,072 bytes, to pixels with red, green and blue side by side.
///
/// # Panics
/// If there are fewer bytes.
pub fn interleave(planar: &[u8]) -> [u8; IMAGE_LEN] {
    std::array::from_fn(|at| planar[(at % 3) * CHANNEL_LEN + at / 3])
}

/// The two splits of CIFAR-10.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dataset {
    /// The training images; 50,000 in CIFAR-10.
    pub train: Images,
    /// The test images; 10,000 in CIFAR-10.
    pub test: Images,
}

/// Why a file is not a batch of CIFAR-10.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// The file has no bytes.
    #[error("{file} is empty; download or unpack it again")]
    Empty {
        /// The file's name, as it was given.
        file: String,
    },
    /// The file ends inside a record.
    #[error(
        "{file} ends inside record {record} (counted from 0): its {len_bytes} bytes are not a whole number of \
         3,073-byte records; download or unpack it again"
    )]
    CutShort {
        /// The file's name, as it was given.
        file: String,
        /// The incomplete record, counted from 0.
        record: usize,
        /// The file's length in bytes.
        len_bytes: usize,
    },
    /// A label is not one of the ten classes.
    #[error(
        "{file} has label {label} in record {record} (counted from 0), and labels go from 0 to 9; it is damaged or \
         not a binary batch of CIFAR-10"
    )]
    Label {
        /// The file's name, as it was given.
        file: String,
        /// The record, counted from 0.
        record: usize,
        /// The byte that should be the label.
        label: u8,
    },
}

/// The images in `bytes`, the content of a batch; `file` is its name in errors.
///
/// # Errors
/// If `bytes` is empty, ends inside a record, or contains a label above 9.
pub fn read_batch(file: &str, bytes: &[u8]) -> Result<Images, BatchError> {
    let file = || file.to_owned();
    if bytes.is_empty() {
        return Err(BatchError::Empty { file: file() });
    }
    let (records, rest) = bytes.as_chunks::<RECORD_LEN>();
    let mut images =
        Images { labels: Vec::with_capacity(records.len()), pixels: Vec::with_capacity(records.len() * IMAGE_LEN) };
    for (record, [label, pixels @ ..]) in records.iter().enumerate() {
        if usize::from(*label) >= CLASS_COUNT {
            return Err(BatchError::Label { file: file(), record, label: *label });
        }
        images.labels.push(*label);
        images.pixels.extend_from_slice(pixels);
    }
    if !rest.is_empty() {
        return Err(BatchError::CutShort { file: file(), record: records.len(), len_bytes: bytes.len() });
    }
    Ok(images)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record whose planes are filled with one value each.
    fn record(label: u8, [red, green, blue]: [u8; 3]) -> Vec<u8> {
        [vec![label], vec![red; 1024], vec![green; 1024], vec![blue; 1024]].concat()
    }

    #[test]
    fn records_are_read_in_order_and_planes_kept() {
        let bytes = [record(3, [1, 2, 3]), record(9, [4, 5, 6])].concat();
        let images = read_batch("batch.bin", &bytes).expect("two whole records");
        assert_eq!(images.len(), 2);
        assert_eq!(images.labels(), [3, 9]);
        assert_eq!(images.label(1), 9);
        assert_eq!(images.planar(1), &record(9, [4, 5, 6])[1..]);
    }

    #[test]
    fn interleaving_brings_each_pixels_colours_together() {
        let mut bytes = vec![0; RECORD_LEN];
        // The second pixel of the third row, (1, 2), is number 65 of each plane.
        bytes[1 + 65] = 10;
        bytes[1 + 1024 + 65] = 20;
        bytes[1 + 2048 + 65] = 30;
        let seen = read_batch("batch.bin", &bytes).expect("one whole record").interleaved(0);
        assert_eq!(seen[195..198], [10, 20, 30]);
        assert_eq!(seen.iter().map(|&byte| u32::from(byte)).sum::<u32>(), 60);
    }

    #[test]
    fn appending_keeps_both_orders() {
        let mut images = read_batch("a", &record(1, [1; 3])).expect("one whole record");
        images.append(read_batch("b", &record(2, [2; 3])).expect("one whole record"));
        assert_eq!(images.labels(), [1, 2]);
        assert_eq!(images.planar(1)[0], 2);
    }

    #[test]
    fn redrawn_images_keep_the_first_labels_and_no_pixel() {
        let bytes = [record(1, [1; 3]), record(2, [2; 3])].concat();
        let images = read_batch("batch.bin", &bytes).expect("two whole records");
        let redrawn = images.redrawn(vec![7; IMAGE_LEN]).expect("one whole image");
        assert_eq!((redrawn.labels(), redrawn.pixels()), (&[1][..], &[7; IMAGE_LEN][..]));
        assert_eq!(images.redrawn(vec![7; IMAGE_LEN + 1]), None, "a part of an image");
        assert_eq!(images.redrawn(vec![7; 3 * IMAGE_LEN]), None, "more images than labels");
    }

    #[test]
    fn an_empty_file_is_refused_by_name() {
        let error = read_batch("data_batch_4.bin", &[]).expect_err("nothing in it");
        assert_eq!(error, BatchError::Empty { file: "data_batch_4.bin".into() });
        assert!(error.to_string().contains("data_batch_4.bin is empty"));
    }

    #[test]
    fn a_truncated_record_is_refused_with_its_number() {
        let mut bytes = record(0, [0; 3]).repeat(3);
        bytes.pop();
        let error = read_batch("test_batch.bin", &bytes).expect_err("the third record lacks a byte");
        assert_eq!(error, BatchError::CutShort { file: "test_batch.bin".into(), record: 2, len_bytes: 3 * 3073 - 1 });
        assert!(error.to_string().contains("inside record 2"), "{error}");
    }

    #[test]
    fn a_label_above_nine_is_refused_with_its_record() {
        let bytes = [record(9, [0; 3]), record(10, [0; 3])].concat();
        let error = read_batch("test_batch.bin", &bytes).expect_err("label 10");
        assert_eq!(error, BatchError::Label { file: "test_batch.bin".into(), record: 1, label: 10 });
        assert!(error.to_string().contains("label 10 in record 1"), "{error}");
    }
}
