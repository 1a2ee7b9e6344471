//! What the network said of the test images, and which of them the visitor looks at.

use std::rc::Rc;

use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES, Split, order::sorted},
    protocol::{DataImage, TestReport},
};

/// Most images that are shown behind a number.
pub const SHOWN_LIMIT: usize = 100;

/// Everything about the measurement on the test images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultsState {
    /// How many images are done, of how many; none while nothing is measured.
    pub testing: Option<(u32, u32)>,
    /// What the last measurement gave.
    pub report: Option<Rc<TestReport>>,
    /// The images that the visitor looks at.
    pub opened: Option<Opened>,
}

/// The images behind a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Which number.
    pub cell: Cell,
    /// How many images are behind it.
    pub count: usize,
    /// The numbers of those that are shown.
    pub indices: Rc<Vec<u32>>,
    /// Those images; none until the worker has sent them.
    pub images: Option<Rc<Vec<DataImage>>>,
}

/// A number of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Images of the class `label` that were answered with `answer`.
    Pair {
        /// The true class.
        label: u8,
        /// The network's answer.
        answer: u8,
    },
    /// Images of the class that were answered with another.
    Wrong(u8),
    /// Images that were answered wrongly and surely.
    Surest,
    /// Images whose true class was held unlikely.
    Hardest,
}

impl Cell {
    /// What the images behind it are: "Cats taken for dogs" without knowing plurals.
    pub fn title(self) -> String {
        match self {
            Self::Pair { label, answer } if label == answer => {
                format!("{} answered rightly", words::title(label.into()))
            }
            Self::Pair { label, answer } => {
                format!("{} taken for {}", words::title(label.into()), CLASSES[usize::from(answer)])
            }
            Self::Wrong(label) => format!("{} taken for something else", words::title(label.into())),
            Self::Surest => "The most confident mistakes".into(),
            Self::Hardest => "The hardest pictures: it held the truth least likely".into(),
        }
    }

    /// The images behind it.
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
    /// Takes in what a measurement gave.
    pub fn settle(&mut self, report: TestReport) {
        *self = Self { report: Some(Rc::new(report)), ..Self::default() };
    }

    /// Opens `cell`, whose images the worker is then asked for.
    pub fn open(&mut self, cell: Cell) {
        let Some(report) = &self.report else { return };
        let mut indices = cell.behind(report);
        let count = indices.len();
        indices.truncate(SHOWN_LIMIT);
        self.opened = Some(Opened { cell, count, indices: Rc::new(indices), images: None });
    }

    /// Takes in single images, if they are those that are looked at.
    pub fn show(&mut self, half: Split, images: Vec<DataImage>) {
        let Some(opened) = &mut self.opened else { return };
        let are_those = images.iter().map(|image| image.index).eq(opened.indices.iter().copied());
        if half == Split::Test && are_those {
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
