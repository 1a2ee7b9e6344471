//! The network's results on the test images, and the images that the visitor looks at.

use std::rc::Rc;

use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES, Split, order::sorted},
    protocol::{DataImage, TestReport},
};

/// The most images that are shown for one number.
pub const SHOWN_LIMIT: usize = 100;

/// The state of the measurement on the test images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultsState {
    /// The images that are done, and all images; none while nothing is measured.
    pub testing: Option<(u32, u32)>,
    /// The result of the last measurement.
    pub report: Option<Rc<TestReport>>,
    /// The images that the visitor has opened.
    pub opened: Option<Opened>,
}

/// The images behind a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The number.
    pub cell: Cell,
    /// How many images are behind it.
    pub count: usize,
    /// The indices of the images that are shown.
    pub indices: Rc<Vec<u32>>,
    /// The images themselves; none until the worker has sent them.
    pub images: Option<Rc<Vec<DataImage>>>,
}

/// A number of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Images of the class `label` that the network classified as `answer`.
    Pair {
        /// The true class.
        label: u8,
        /// The network's answer.
        answer: u8,
    },
    /// Images of the class that the network classified as another class.
    Wrong(u8),
    /// Mistakes with the highest confidence.
    Surest,
    /// Images whose true class got the lowest probability.
    Hardest,
}

impl Cell {
    /// A title for the images: "Cat taken for dog" needs no plural.
    pub fn title(self) -> String {
        match self {
            Self::Pair { label, answer } if label == answer => {
                format!("{} classified correctly", words::title(label.into()))
            }
            Self::Pair { label, answer } => {
                format!("{} taken for {}", words::title(label.into()), CLASSES[usize::from(answer)])
            }
            Self::Wrong(label) => format!("{} taken for something else", words::title(label.into())),
            Self::Surest => "The most confident mistakes".into(),
            Self::Hardest => "The hardest pictures: the true class seemed least likely".into(),
        }
    }

    /// The indices of the images.
    pub fn behind(self, report: &TestReport) -> Vec<u32> {
        match self {
            Self::Pair { label, answer } => report.behind(label, answer),
            Self::Wrong(label) => {
                let answers = (0..CLASS_COUNT as u8).filter(|&answer| answer != label);
                sorted(answers.flat_map(|answer| report.behind(label, answer)).collect(), Ord::cmp)
            }
            Self::Surest => report.surest_mistakes(),
            Self::Hardest => report.hardest(),
        }
    }
}

impl ResultsState {
    /// Stores the result of a measurement.
    pub fn settle(&mut self, report: TestReport) {
        *self = Self { report: Some(Rc::new(report)), ..Self::default() };
    }

    /// Opens `cell`. The worker is then asked for its images.
    pub fn open(&mut self, cell: Cell) {
        let Some(report) = &self.report else { return };
        let mut indices = cell.behind(report);
        let count = indices.len();
        indices.truncate(SHOWN_LIMIT);
        self.opened = Some(Opened { cell, count, indices: Rc::new(indices), images: None });
    }

    /// Stores single images, if they are the ones that are opened.
    pub fn show(&mut self, split: Split, images: Vec<DataImage>) {
        let Some(opened) = &mut self.opened else { return };
        let are_those = images.iter().map(|image| image.index).eq(opened.indices.iter().copied());
        if split == Split::Test && are_those {
            opened.images = Some(Rc::new(images));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> ResultsState {
        let report = TestReport {
            network: "Cui 2017".into(),
            labels: vec![3, 3, 3, 5],
            answers: vec![5, 3, 8, 5],
            ..TestReport::default()
        };
        let mut results = ResultsState::default();
        results.settle(report);
        results
    }

    fn image(index: u32) -> DataImage {
        DataImage { index, label: 3, pixels: vec![0; DataImage::LEN] }
    }

    #[test]
    fn a_cell_opens_to_the_images_behind_it() {
        let mut results = measured();
        results.open(Cell::Pair { label: 3, answer: 8 });
        let opened = results.opened.as_ref().expect("it is open");
        assert_eq!((opened.count, opened.indices.as_slice()), (1, [2].as_slice()));
        results.show(Split::Test, vec![image(0)]);
        assert!(results.opened.as_ref().is_some_and(|opened| opened.images.is_none()), "these are others");
        results.show(Split::Test, vec![image(2)]);
        assert!(results.opened.as_ref().is_some_and(|opened| opened.images.is_some()));
    }

    #[test]
    fn a_class_opens_to_all_its_wrong_answers_in_their_order() {
        let mut results = measured();
        results.open(Cell::Wrong(3));
        assert_eq!(results.opened.map(|opened| opened.indices.to_vec()), Some(vec![0, 2]));
    }

    #[test]
    fn a_new_measurement_closes_what_was_open() {
        let mut results = measured();
        results.open(Cell::Wrong(3));
        results.settle(TestReport { network: "Cui 2017".into(), ..TestReport::default() });
        assert_eq!(results.opened, None);
    }
}
