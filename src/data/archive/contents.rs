//! The parts of CIFAR-10, and a place that collects them as they arrive.

use crate::{
    data::{
        IMAGE_LEN,
        batch::{Dataset, Images, RECORD_LEN},
    },
    domain::CLASS_COUNT,
};

use super::ArchiveError;

/// Number of training batches.
const TRAIN_BATCHES: usize = 5;

/// The images of a file, and which part of CIFAR-10 they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// All of CIFAR-10.
    Whole(Dataset),
    /// All 50,000 training images.
    Train(Images),
    /// All 10,000 test images.
    Test(Images),
    /// One batch of 10,000 images.
    Batch {
        /// Which batch it is, if the content tells. A binary batch does not; [`Slot::of_name`] helps there.
        slot: Option<Slot>,
        /// Its images.
        images: Images,
    },
}

/// One of the six batches of CIFAR-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// A batch of training images, 0 to 4: one less than the number in its file's name.
    Train(u8),
    /// The batch of test images.
    Test,
}

impl Slot {
    /// Every batch, in the order of the images.
    pub const ALL: [Self; TRAIN_BATCHES + 1] =
        [Self::Train(0), Self::Train(1), Self::Train(2), Self::Train(3), Self::Train(4), Self::Test];

    /// The batch that is published under this file name. A folder before the name is ignored, and so are case and the
    /// number that browsers add to repeated downloads, as in "test_batch (1).bin".
    pub fn of_name(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next()?.to_ascii_lowercase();
        let stem = file.strip_suffix(".bin").unwrap_or(&file);
        let copy = stem.strip_suffix(')').and_then(|stem| stem.rsplit_once(" ("));
        let stem = match copy {
            Some((stem, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => stem,
            _ => stem,
        };
        Self::ALL.into_iter().find(|slot| slot.stem() == stem)
    }

    /// The name of its file, without the `.bin` of the binary version.
    pub fn stem(self) -> String {
        match self {
            Self::Train(batch) => format!("data_batch_{}", batch + 1),
            Self::Test => "test_batch".to_owned(),
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Train(batch) => usize::from(batch),
            Self::Test => TRAIN_BATCHES,
        }
    }
}

/// Number of images in CIFAR-10; smaller in tests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    /// Images in a batch.
    pub(super) per_batch: usize,
}

impl Counts {
    /// The counts of CIFAR-10.
    pub(super) const PUBLISHED: Self = Self { per_batch: 10_000 };

    /// The number of training images.
    pub(super) fn train(self) -> usize {
        TRAIN_BATCHES * self.per_batch
    }

    /// The number of test images.
    pub(super) fn test(self) -> usize {
        self.per_batch
    }

    /// Length of a binary batch in bytes.
    pub(super) fn batch_bytes(self) -> usize {
        self.per_batch * RECORD_LEN
    }

    /// The largest size of a file in an archive: a batch, the names of its images, and some more.
    pub(super) fn max_entry_bytes(self) -> usize {
        self.per_batch * (RECORD_LEN + 61) + (64 << 10)
    }

    /// The largest unpacked size of an archive: six such files, and some more for others.
    pub(super) fn max_unpacked_bytes(self) -> u64 {
        (Slot::ALL.len() * self.max_entry_bytes() + (4 << 20)) as u64
    }
}

/// Collects the batches of CIFAR-10, in any order.
#[derive(Debug)]
pub(super) struct Shelf {
    counts: Counts,
    dataset: Dataset,
    is_filled: [bool; Slot::ALL.len()],
    /// Whether the first training batch is complete.
    has_first: bool,
}

impl Shelf {
    /// An empty collection.
    pub(super) fn new(counts: Counts) -> Self {
        Self { counts, dataset: Dataset::default(), is_filled: Default::default(), has_first: false }
    }

    /// Makes space for batch `slot`; false if it was already opened.
    pub(super) fn open(&mut self, slot: Slot) -> bool {
        let (split, count) = match slot {
            Slot::Train(_) => (&mut self.dataset.train, self.counts.train()),
            Slot::Test => (&mut self.dataset.test, self.counts.test()),
        };
        if split.is_empty() {
            *split = Images::blank(count);
        }
        !std::mem::replace(&mut self.is_filled[slot.index()], true)
    }

    /// Stores an image of batch `slot`, which must be open.
    pub(super) fn set(&mut self, slot: Slot, record: usize, label: u8, planar: &[u8; IMAGE_LEN]) {
        debug_assert!(usize::from(label) < CLASS_COUNT && record < self.counts.per_batch);
        match slot {
            Slot::Train(_) => self.dataset.train.set(slot.index() * self.counts.per_batch + record, label, planar),
            Slot::Test => self.dataset.test.set(record, label, planar),
        }
    }

    /// Notes that all images of batch `slot` were stored.
    pub(super) fn complete(&mut self, slot: Slot) {
        self.has_first |= slot == Slot::Train(0);
    }

    /// A copy of the first training batch, once it is complete.
    pub(super) fn first_batch(&self) -> Option<Images> {
        self.has_first.then(|| self.dataset.train.first(self.counts.per_batch))
    }

    /// All of CIFAR-10; `file` is the archive's name for errors.
    pub(super) fn finish(self, file: &str) -> Result<Dataset, ArchiveError> {
        let missing: Vec<_> =
            Slot::ALL.into_iter().filter(|slot| !self.is_filled[slot.index()]).map(Slot::stem).collect();
        if missing.is_empty() {
            Ok(self.dataset)
        } else {
            Err(ArchiveError::Missing { file: file.to_owned(), entries: missing.join(", ") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_known_by_its_files_name() {
        assert_eq!(Slot::of_name("cifar-10-batches-bin/data_batch_5.bin"), Some(Slot::Train(4)));
        assert_eq!(Slot::of_name("cifar-10-batches-py/data_batch_1"), Some(Slot::Train(0)));
        assert_eq!(Slot::of_name("test_batch.bin"), Some(Slot::Test));
        assert_eq!(Slot::of_name("D:\\cifar\\Data_Batch_2.BIN"), Some(Slot::Train(1)));
        assert_eq!(Slot::of_name("test_batch (12).bin"), Some(Slot::Test));
        for other in [
            "",
            "data_batch_0",
            "data_batch_6.bin",
            "batches.meta",
            "._data_batch_1",
            "data_batch_1.bin.bin",
            "test_batch (a).bin",
        ] {
            assert_eq!(Slot::of_name(other), None, "{other}");
        }
    }
}
