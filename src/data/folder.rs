//! Reads CIFAR-10 from a folder of binary batches; native only.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{
    IMAGE_LEN, Seen,
    batch::{BatchError, Dataset, Images, interleave, read_batch},
};

/// The folder in the published archive.
const ARCHIVE_FOLDER: &str = "cifar-10-batches-bin";

/// The files of the training images, in their order.
const TRAIN_FILES: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];

/// Length of a record of CIFAR-100: a superclass, a class, and the image as in CIFAR-10.
const STRANGER_LEN: usize = 2 + IMAGE_LEN;

/// The file of the test images.
const TEST_FILE: &str = "test_batch.bin";

/// Why a folder cannot be read as CIFAR-10.
#[derive(Debug, Error)]
pub enum FolderError {
    /// A batch or the whole folder is missing.
    #[error(
        "{file} is missing from {}: download the binary version of CIFAR-10 (cifar-10-binary.tar.gz, from \
         https://www.cs.toronto.edu/~kriz/cifar.html), unpack it, and name the folder that it makes",
        folder.display()
    )]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The missing file.
        file: &'static str,
    },
    /// The system cannot read a batch.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The size of a CIFAR-100 file is not a multiple of the record length.
    #[error("{} has {size_bytes} bytes, so it is no file of CIFAR-100's records: name test.bin of cifar-100-binary", path.display())]
    NoStrangers {
        /// The file.
        path: PathBuf,
        /// Its size.
        size_bytes: usize,
    },
    /// A batch is invalid.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

/// CIFAR-10 from `dir`, or from the folder `cifar-10-batches-bin` in it.
///
/// # Errors
/// If one of the six files is missing, unreadable, or not a batch.
pub fn read_folder(dir: &Path) -> Result<Dataset, FolderError> {
    let inner = dir.join(ARCHIVE_FOLDER);
    let folder = if inner.is_dir() { inner } else { dir.to_owned() };
    let mut train = Images::default();
    for file in TRAIN_FILES {
        train.append(read_file(&folder, file)?);
    }
    Ok(Dataset { train, test: read_file(&folder, TEST_FILE)? })
}

/// The images of CIFAR-100's records: a byte of the superclass, a byte of the class, and 3,072 bytes of pixels.
/// CIFAR-100 has none of CIFAR-10's classes.
///
/// # Errors
/// If the file cannot be read, or its size is not a multiple of the record length.
pub fn read_strangers(path: &Path) -> Result<Vec<Seen>, FolderError> {
    let bytes = fs::read(path).map_err(|source| FolderError::Unreadable { path: path.to_owned(), source })?;
    let (records, rest) = bytes.as_chunks::<STRANGER_LEN>();
    if records.is_empty() || !rest.is_empty() {
        return Err(FolderError::NoStrangers { path: path.to_owned(), size_bytes: bytes.len() });
    }
    Ok(records.iter().map(|record| interleave(&record[2..])).collect())
}

fn read_file(folder: &Path, file: &'static str) -> Result<Images, FolderError> {
    let path = folder.join(file);
    let bytes = fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => FolderError::Missing { folder: folder.to_owned(), file },
        _ => FolderError::Unreadable { path: path.clone(), source },
    })?;
    Ok(read_batch(&path.display().to_string(), &bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Normalisation, batch::RECORD_LEN};

    /// A temporary folder, removed at the end of the test.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(test: &str) -> Self {
            let path = std::env::temp_dir().join(format!("tenfold-{test}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("the temporary folder is writable");
            Self(path)
        }

        /// Writes the six batches; batch `n` contains one image of class `n`.
        fn write_batches(&self, folder: &str) {
            let folder = self.0.join(folder);
            fs::create_dir_all(&folder).expect("the temporary folder is writable");
            for (label, file) in (0..).zip(TRAIN_FILES.iter().chain([&TEST_FILE])) {
                let mut record = vec![0; RECORD_LEN];
                record[0] = label;
                fs::write(folder.join(file), record).expect("the temporary folder is writable");
            }
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_folder_itself_and_the_one_around_it_both_load() {
        let scratch = Scratch::new("folder-both");
        scratch.write_batches(ARCHIVE_FOLDER);
        let outer = read_folder(&scratch.0).expect("six batches");
        let inner = read_folder(&scratch.0.join(ARCHIVE_FOLDER)).expect("six batches");
        assert_eq!(outer, inner);
        assert_eq!(outer.train.labels(), [0, 1, 2, 3, 4]);
        assert_eq!(outer.test.labels(), [5]);
    }

    #[test]
    fn strangers_are_read_without_their_classes_and_a_cut_file_is_refused() {
        let scratch = Scratch::new("folder-strangers");
        let file = scratch.0.join("test.bin");
        let mut records = vec![7; 2 * STRANGER_LEN];
        records[..2].fill(99);
        fs::write(&file, &records).expect("the temporary folder is writable");
        assert_eq!(read_strangers(&file).expect("two records"), [[7; IMAGE_LEN]; 2]);
        fs::write(&file, &records[1..]).expect("the temporary folder is writable");
        let message = read_strangers(&file).expect_err("a byte is missing").to_string();
        assert!(message.contains("6147 bytes") && message.contains("cifar-100-binary"), "{message}");
    }

    #[test]
    fn a_missing_batch_is_named_with_what_to_do() {
        let scratch = Scratch::new("folder-missing");
        scratch.write_batches("");
        fs::remove_file(scratch.0.join("data_batch_3.bin")).expect("it was just written");
        let message = read_folder(&scratch.0).expect_err("the third batch is gone").to_string();
        assert!(message.starts_with("data_batch_3.bin is missing from "), "{message}");
        assert!(message.contains("cifar-10-binary.tar.gz"), "{message}");
    }

    #[test]
    fn a_damaged_batch_is_named_with_its_folder() {
        let scratch = Scratch::new("folder-damaged");
        scratch.write_batches("");
        let path = scratch.0.join(TEST_FILE);
        fs::write(&path, [0; 100]).expect("the temporary folder is writable");
        let message = read_folder(&scratch.0).expect_err("the test batch is cut short").to_string();
        assert!(message.starts_with(&path.display().to_string()), "{message}");
    }

    #[test]
    fn the_real_data_set_has_its_published_counts() {
        let Some(folder) = crate::needs::real_images() else { return };
        let Dataset { train, test } = read_folder(&folder).expect("CIFAR10_DIR holds CIFAR-10");
        assert_eq!((train.len(), test.len()), (50_000, 10_000));
        for class in 0..10 {
            let count = |images: &Images| images.labels().iter().filter(|&&label| label == class).count();
            assert_eq!((count(&train), count(&test)), (5_000, 1_000), "class {class}");
        }
    }

    #[test]
    fn the_real_training_set_has_the_constants_that_papers_use() {
        let Some(folder) = crate::needs::real_images() else { return };
        let normalisation = Normalisation::of(&read_folder(&folder).expect("CIFAR10_DIR holds CIFAR-10").train);
        // These are the values of the published files; re-encoded ones may differ slightly.
        for (channel, (mean, std)) in [(0.4914, 0.2470), (0.4822, 0.2435), (0.4465, 0.2616)].into_iter().enumerate() {
            assert!((normalisation.mean[channel] - mean).abs() < 0.003, "{normalisation:?}");
            assert!((normalisation.std[channel] - std).abs() < 0.003, "{normalisation:?}");
        }
    }
}
