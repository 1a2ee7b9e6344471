//! Joins the files of CIFAR-10, one after the other, to the images of a run.

use super::{
    Images,
    archive::{Contents, Found, Origin, Slot},
    stored::Header,
};
use crate::domain::Split;
use thiserror::Error;

/// Number of training batches in CIFAR-10.
const TRAIN_BATCHES: usize = 5;

/// The images of CIFAR-10 that have arrived so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// The images of the batches that have arrived, in the batches' order.
    train: Images,
    /// Which batches have arrived.
    batches: [bool; TRAIN_BATCHES],
    test: Images,
    /// Whether the training images and the test images are the published ones, bit for bit, according to their digests.
    is_published: [bool; 2],
}

/// Why a file cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CollectionError {
    /// Only the name of a binary batch tells which batch it is.
    #[error(
        "{file} does not say in its name which batch it is; name it data_batch_1.bin to data_batch_5.bin or \
         test_batch.bin, as published."
    )]
    Nameless {
        /// The file's name.
        file: String,
    },
    /// A batch has another number of images than the others.
    #[error("{file} has {found} images, and the batches that are here have {expected}; drop batches of one kind.")]
    Length {
        /// The file's name.
        file: String,
        /// Its number of images.
        found: usize,
        /// The other batches' number of images.
        expected: usize,
    },
}

impl Collection {
    /// The first training batch and nothing else.
    pub fn begun(first_batch: Images) -> Self {
        let mut collection = Self { train: first_batch, ..Self::default() };
        collection.batches[0] = true;
        collection
    }

    /// A copy of the first training batch, once all training images are here.
    pub fn first_batch(&self) -> Images {
        self.train.first(self.train.len() / TRAIN_BATCHES)
    }

    /// The number of training images once all batches are here, for a collection that has [begun](Self::begun).
    pub fn train_total(&self) -> usize {
        TRAIN_BATCHES * self.train.len()
    }

    /// Adds what was `found` in `file`. It replaces the same images if they are already here.
    ///
    /// # Errors
    /// If the file does not fit; then the collection is unchanged.
    pub fn add(&mut self, file: &str, found: Found) -> Result<(), CollectionError> {
        let is_published = matches!(found.origin, Origin::Published(_));
        match found.contents {
            Contents::Whole(dataset) => {
                *self = Self {
                    train: dataset.train,
                    batches: [true; TRAIN_BATCHES],
                    test: dataset.test,
                    is_published: [is_published; 2],
                };
            }
            Contents::Train(images) => {
                (self.train, self.batches, self.is_published[0]) = (images, [true; TRAIN_BATCHES], is_published);
            }
            Contents::Test(images) => (self.test, self.is_published[1]) = (images, is_published),
            Contents::Batch { slot, images } => match slot.or_else(|| Slot::of_name(file)) {
                Some(Slot::Test) => (self.test, self.is_published[1]) = (images, is_published),
                Some(Slot::Train(batch)) => self.put(file, usize::from(batch), images)?,
                None => return Err(CollectionError::Nameless { file: file.to_owned() }),
            },
        }
        Ok(())
    }

    /// Inserts training batch `batch` at its position.
    fn put(&mut self, file: &str, batch: usize, images: Images) -> Result<(), CollectionError> {
        let count = self.batches.iter().filter(|&&is_there| is_there).count();
        let len = images.len();
        if self.train.len() != count * len {
            let expected = self.train.len() / count.max(1);
            return Err(CollectionError::Length { file: file.to_owned(), found: len, expected });
        }
        let before = self.batches[..batch].iter().filter(|&&is_there| is_there).count();
        if self.batches[batch] {
            self.train.replace(before * len, &images);
        } else {
            self.train.insert(before * len, images);
        }
        self.batches[batch] = true;
        self.is_published[0] = false;
        Ok(())
    }

    /// The training images of the batches that have arrived.
    pub fn train(&self) -> &Images {
        &self.train
    }

    /// The test images.
    pub fn test(&self) -> &Images {
        &self.test
    }

    /// Whether no images have arrived.
    pub fn is_empty(&self) -> bool {
        self.train.is_empty() && self.test.is_empty()
    }

    /// Whether there are training images and test images.
    pub fn is_trainable(&self) -> bool {
        !self.train.is_empty() && !self.test.is_empty()
    }

    /// Whether all images are the published ones, bit for bit, according to their digests.
    pub fn is_published(&self) -> bool {
        self.is_published == [true; 2]
    }

    /// The files that have arrived, in words: "data_batch_1 and test_batch".
    pub fn present(&self) -> String {
        self.words(|is_there| is_there)
    }

    /// The missing files, in words.
    pub fn missing(&self) -> String {
        self.words(|is_there| !is_there)
    }

    /// The names of the batches, in words: those that have arrived, or those that have not, as `is_wanted` says.
    fn words(&self, is_wanted: impl Fn(bool) -> bool) -> String {
        let is_there = |slot: &Slot| match slot {
            Slot::Train(batch) => self.batches[usize::from(*batch)],
            Slot::Test => !self.test.is_empty(),
        };
        let names: Vec<_> = Slot::ALL.into_iter().filter(|slot| is_wanted(is_there(slot))).map(Slot::stem).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// The header and the payload of `split`, as they are stored on a device.
    pub fn stored(&self, split: Split) -> (Header, [&[u8]; 2]) {
        let images = match split {
            Split::Train => &self.train,
            Split::Test => &self.test,
        };
        let is_published = self.is_published[split as usize];
        (Header { count: images.len(), batches: self.batches, is_published }, [images.labels(), images.pixels()])
    }

    /// Restores what [`stored`](Self::stored) returned: the header and the images of each split.
    pub fn from_stored([train, test]: [(Header, Images); 2]) -> Self {
        Self {
            batches: train.0.batches,
            is_published: [train.0.is_published, test.0.is_published],
            train: train.1,
            test: test.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, batch::RECORD_LEN, read_batch};

    /// Two images whose pixels are all `shade`.
    fn images(shade: u8) -> Images {
        read_batch("batch", &[vec![shade % 10], vec![shade; RECORD_LEN - 1]].concat().repeat(2)).expect("two records")
    }

    fn batch(shade: u8) -> Found {
        Found { contents: Contents::Batch { slot: None, images: images(shade) }, origin: Origin::Other }
    }

    fn shades(images: &Images) -> Vec<u8> {
        (0..images.len()).step_by(2).map(|index| images.planar(index)[0]).collect()
    }

    #[test]
    fn batches_take_their_places_in_any_order() {
        let mut collection = Collection::default();
        for (file, shade) in [("data_batch_4.bin", 4), ("data_batch_1.bin", 1), ("data_batch_3.bin", 3)] {
            collection.add(file, batch(shade)).expect("a batch with its published name");
        }
        assert_eq!(shades(collection.train()), [1, 3, 4]);
        assert!(!collection.is_trainable());
        assert_eq!(collection.present(), "data_batch_1, data_batch_3 and data_batch_4");
        assert_eq!(collection.missing(), "data_batch_2, data_batch_5 and test_batch");
        collection.add("test_batch.bin", batch(9)).expect("a batch with its published name");
        assert!(collection.is_trainable() && !collection.is_published());
    }

    #[test]
    fn a_batch_that_comes_again_replaces_itself() {
        let mut collection = Collection::default();
        for (file, shade) in [("data_batch_2.bin", 2), ("data_batch_5.bin", 5), ("data_batch_2.bin", 7)] {
            collection.add(file, batch(shade)).expect("a batch with its published name");
        }
        assert_eq!(shades(collection.train()), [7, 5]);
    }

    #[test]
    fn a_batch_without_its_name_or_of_another_length_changes_nothing() {
        let mut collection = Collection::default();
        collection.add("data_batch_1.bin", batch(1)).expect("a batch with its published name");
        let before = collection.clone();
        let error = collection.add("mine.bin", batch(2)).expect_err("which one?");
        assert!(error.to_string().starts_with("mine.bin does not say in its name"), "{error}");
        let mut longer = images(3);
        longer.append(images(3));
        let longer = Found { contents: Contents::Batch { slot: None, images: longer }, origin: Origin::Other };
        let error = collection.add("data_batch_2.bin", longer).expect_err("four images instead of two");
        assert!(error.to_string().contains("4 images"), "{error}");
        assert_eq!(collection, before);
    }

    #[test]
    fn both_halves_as_published_are_published_until_one_is_replaced() {
        let mut collection = Collection::default();
        let published = |contents| Found { contents, origin: Origin::Published("x.parquet") };
        collection.add("train.parquet", published(Contents::Train(images(1)))).expect("a split");
        assert!(!collection.is_published());
        collection.add("test.parquet", published(Contents::Test(images(2)))).expect("a split");
        assert!(collection.is_published() && collection.missing().is_empty());
        collection.add("test_batch.bin", batch(9)).expect("a batch with its published name");
        assert!(!collection.is_published());
        let whole = Dataset { train: images(3), test: images(4) };
        collection.add("cifar-10-binary.tar.gz", published(Contents::Whole(whole))).expect("all of it");
        assert!(collection.is_published());
        assert_eq!((shades(collection.train()), shades(collection.test())), (vec![3], vec![4]));
    }

    #[test]
    fn what_was_stored_comes_back() {
        let mut collection = Collection::default();
        for (file, shade) in [("data_batch_4.bin", 4), ("data_batch_1.bin", 1), ("test_batch.bin", 8)] {
            collection.add(file, batch(shade)).expect("a batch with its published name");
        }
        let splits = [Split::Train, Split::Test].map(|split| {
            let (header, [labels, pixels]) = collection.stored(split);
            let file = [&header.to_bytes()[..], labels, pixels].concat();
            crate::data::stored::read(&file).expect("just stored")
        });
        assert_eq!(Collection::from_stored(splits), collection);
    }
}
