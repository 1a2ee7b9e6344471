//! What page and worker say of CIFAR-10's images: where they are, and single ones to show.

use crate::domain::{
    CLASS_COUNT, IMAGE_SIDE,
    order::{order, sorted},
};
use serde::{Deserialize, Serialize};

/// Bytes that training fetches at most: the published cifar-10-binary.tar.gz; the parquet files have 143,987,420.
pub const FETCH_BYTES: u64 = 170_052_171;

/// Where CIFAR-10 is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImagesStatus {
    /// Neither on this device nor under way.
    #[default]
    Absent,
    /// Some files came, and training needs more.
    Partial {
        /// What is there, in words: "data_batch_1 and data_batch_2".
        present: String,
        /// What is missing, in words: "test_batch".
        missing: String,
    },
    /// In memory or on this device, ready to train on.
    Present {
        /// Number of training images.
        train: u32,
        /// Number of test images.
        test: u32,
        /// Whether they are bit for bit the published ones, as far as digests tell.
        published: bool,
        /// What they take on this device.
        size_bytes: u64,
        /// Whether they are found again after a reload.
        kept: Kept,
    },
}

/// Whether something is found again after a reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// It is.
    OnDevice,
    /// It is not.
    InMemory {
        /// Why, as a sentence with what to do.
        because: String,
    },
}

/// What is done to a file of images that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FetchStage {
    /// Its bytes arrive and are read as they do.
    Arriving,
    /// The server asked to be asked again later.
    Waiting,
    /// All bytes are there, and their images are decoded and counted.
    Checking,
    /// Its images are written to this device.
    Keeping,
}

/// One image of CIFAR-10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataImage {
    /// Its number within its half, counted from 0.
    pub index: u32,
    /// Its true class: an index into [`CLASSES`](super::CLASSES).
    pub label: u8,
    /// 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub pixels: Vec<u8>,
}

impl DataImage {
    /// Length of [`pixels`](Self::pixels).
    pub const LEN: usize = 3 * IMAGE_SIDE * IMAGE_SIDE;
}

/// What a network says of every test image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    /// Which network it was, as it was called then.
    pub network: String,
    /// The true class of each test image.
    pub labels: Vec<u8>,
    /// The network's answer for each test image.
    pub answers: Vec<u8>,
    /// How likely the network held its answer, for each test image.
    pub confidences: Vec<f32>,
    /// How likely it held the true class.
    pub truths: Vec<f32>,
}

impl TestReport {
    /// Numbers of images: the row is the true class, the column the answer.
    pub fn confusion(&self) -> [[u32; CLASS_COUNT]; CLASS_COUNT] {
        let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
        for (&label, &answer) in self.labels.iter().zip(&self.answers) {
            confusion[usize::from(label)][usize::from(answer)] += 1;
        }
        confusion
    }

    /// Share of right answers, in `0.0..=1.0`.
    pub fn accuracy(&self) -> f64 {
        let right = self.labels.iter().zip(&self.answers).filter(|(label, answer)| label == answer).count();
        right as f64 / self.labels.len().max(1) as f64
    }

    /// The wrongly answered test images, those first whose answer the network held most likely.
    pub fn surest_mistakes(&self) -> Vec<u32> {
        let is_wrong = |index: &u32| self.labels.get(*index as usize) != self.answers.get(*index as usize);
        sorted_by(&self.confidences, |confidence| -confidence).into_iter().filter(is_wrong).collect()
    }

    /// The test images, those first whose true class the network held least likely.
    pub fn hardest(&self) -> Vec<u32> {
        sorted_by(&self.truths, |truth| truth)
    }

    /// The pairs of a true class and another that it was taken for, the most frequent first, each with how often.
    pub fn confusions(&self) -> Vec<(u8, u8, u32)> {
        let confusion = self.confusion();
        let classes = 0..CLASS_COUNT as u8;
        let pairs = classes.clone().flat_map(|label| classes.clone().map(move |answer| (label, answer)));
        let pairs = pairs
            .filter(|(label, answer)| label != answer)
            .map(|(label, answer)| (label, answer, confusion[usize::from(label)][usize::from(answer)]))
            .filter(|(_, _, count)| *count > 0);
        sorted(pairs.collect(), |(_, _, a), (_, _, b)| b.cmp(a))
    }

    /// The test images of class `label` that were answered with `answer`, in their order.
    pub fn behind(&self, label: u8, answer: u8) -> Vec<u32> {
        let pairs = (0..).zip(self.labels.iter().zip(&self.answers));
        pairs.filter(|&(_, pair)| pair == (&label, &answer)).map(|(index, _)| index).collect()
    }
}

/// The numbers of `values`, those first of which `key` is lowest.
fn sorted_by(values: &[f32], key: impl Fn(f32) -> f32) -> Vec<u32> {
    let order = order(values.len(), &|a, b| key(values[a]).total_cmp(&key(values[b])));
    order.into_iter().map(|index| index as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_counts_and_its_cells_open() {
        let report = TestReport {
            network: "Cui 2017".into(),
            labels: vec![3, 3, 5, 5, 5],
            answers: vec![3, 5, 5, 3, 5],
            ..TestReport::default()
        };
        let confusion = report.confusion();
        assert_eq!((confusion[3][3], confusion[3][5], confusion[5][5], confusion[5][3]), (1, 1, 2, 1));
        assert_eq!(report.accuracy(), 0.6);
        assert_eq!(report.behind(5, 5), [2, 4]);
        assert_eq!(report.behind(0, 0), [0; 0]);
    }

    #[test]
    fn mistakes_are_told_from_the_surest_on_and_pictures_from_the_hardest_on() {
        let report = TestReport {
            network: "Cui 2017".into(),
            labels: vec![3, 3, 5, 5, 3],
            answers: vec![3, 5, 5, 3, 5],
            confidences: vec![0.99, 0.5, 0.4, 0.9, 0.7],
            truths: vec![0.99, 0.2, 0.4, 0.05, 0.1],
        };
        assert_eq!(report.surest_mistakes(), [3, 4, 1]);
        assert_eq!(report.hardest(), [3, 4, 1, 2, 0]);
        assert_eq!(report.confusions(), [(3, 5, 2), (5, 3, 1)]);
    }
}
