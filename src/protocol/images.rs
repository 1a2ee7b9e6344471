//! The messages about CIFAR-10's images: where they are, and single images to show.

use crate::domain::{
    CLASS_COUNT, IMAGE_SIDE,
    order::{order, sorted},
};
use serde::{Deserialize, Serialize};

/// The most bytes that training downloads: the published cifar-10-binary.tar.gz. The parquet files have 143,987,420.
pub const FETCH_BYTES: u64 = 170_052_171;

/// Whether CIFAR-10 is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImagesStatus {
    /// Neither here nor being downloaded.
    #[default]
    Absent,
    /// The first training batch is here, so that a run can begin. The other images are being downloaded.
    Arriving {
        /// Number of training images so far.
        train: u32,
    },
    /// Some files are here, but training needs more.
    Partial {
        /// The files that are here, in words: "data_batch_1 and data_batch_2".
        present: String,
        /// The missing files, in words: "test_batch".
        missing: String,
    },
    /// In memory or on this device, ready for training.
    Present {
        /// Number of training images.
        train: u32,
        /// Number of test images.
        test: u32,
        /// Whether they are the published images, bit for bit, according to their digests.
        published: bool,
        /// Their size on this device.
        size_bytes: u64,
        /// Whether they are here after a reload.
        kept: Kept,
    },
}

/// Whether something is here after a reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// It is kept on the device.
    OnDevice,
    /// It is in memory only.
    InMemory {
        /// Why, as a sentence that says what to do.
        because: String,
    },
}

/// What happens to a file of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FetchStage {
    /// Its bytes arrive, and are read as they arrive.
    Arriving,
    /// The server asked for a later retry.
    Waiting,
    /// All bytes are here; the images are being decoded and counted.
    Checking,
    /// The images are being written to this device.
    Keeping,
}

/// One image of CIFAR-10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataImage {
    /// Its index within its split, from 0.
    pub index: u32,
    /// Its true class: an index into [`CLASSES`](crate::domain::CLASSES).
    pub label: u8,
    /// 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub pixels: Vec<u8>,
}

impl DataImage {
    /// Length of [`pixels`](Self::pixels).
    pub const LEN: usize = 3 * IMAGE_SIDE * IMAGE_SIDE;
}

/// A network's answers to all test images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    /// The network's title at the time.
    pub network: String,
    /// The true class of each test image.
    pub labels: Vec<u8>,
    /// The network's answer for each test image.
    pub answers: Vec<u8>,
    /// The probability that the network gave its answer, for each test image.
    pub confidences: Vec<f32>,
    /// The probability that it gave the true class, for each test image.
    pub truths: Vec<f32>,
}

impl TestReport {
    /// The confusion matrix: numbers of images, the row being the true class and the column the answer.
    pub fn confusion(&self) -> [[u32; CLASS_COUNT]; CLASS_COUNT] {
        let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
        for (&label, &answer) in self.labels.iter().zip(&self.answers) {
            confusion[usize::from(label)][usize::from(answer)] += 1;
        }
        confusion
    }

    /// Share of correct answers, in `0.0..=1.0`.
    pub fn accuracy(&self) -> f64 {
        let correct = self.labels.iter().zip(&self.answers).filter(|(label, answer)| label == answer).count();
        correct as f64 / self.labels.len().max(1) as f64
    }

    /// The indices of the wrongly answered test images, the most confident answers first.
    pub fn surest_mistakes(&self) -> Vec<u32> {
        let is_wrong = |index: &u32| self.labels.get(*index as usize) != self.answers.get(*index as usize);
        sorted_by(&self.confidences, |confidence| -confidence).into_iter().filter(is_wrong).collect()
    }

    /// The indices of the test images, those with the least probable true class first.
    pub fn hardest(&self) -> Vec<u32> {
        sorted_by(&self.truths, |truth| truth)
    }

    /// The confusions as (true class, answer, number of images), the most frequent first.
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

    /// The indices of the test images of class `label` that got the answer `answer`, in ascending order.
    pub fn behind(&self, label: u8, answer: u8) -> Vec<u32> {
        let pairs = (0..).zip(self.labels.iter().zip(&self.answers));
        pairs.filter(|&(_, pair)| pair == (&label, &answer)).map(|(index, _)| index).collect()
    }
}

/// The indices of `values`, sorted by `key`, the lowest first.
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
