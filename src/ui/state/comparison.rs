//! The comparison of networks: what is known of them, and the picture to compare them on next.

use std::rc::Rc;

use crate::protocol::{Compared, PictureId, RunStatus};

use super::pictures::Freshness;
use super::{Answer, Phase, State};
use crate::ui::view::View;

/// The state of the comparison of networks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparisonState {
    /// Whether the visitor wants the comparison. It then follows the picture on the stage.
    pub is_wanted: bool,
    /// The question that the worker has not answered yet: about a picture, or about none.
    pub asked: Option<Option<PictureId>>,
    /// The subject of the last answer; none if other weights answer since.
    pub about: Option<Option<PictureId>>,
    /// The networks and their last answers.
    pub networks: Rc<Vec<Compared>>,
}

impl ComparisonState {
    /// Stores the networks and their answers about the picture `id`.
    pub fn settle(&mut self, id: Option<PictureId>, networks: Vec<Compared>) {
        self.asked = None;
        self.about = Some(id);
        self.networks = Rc::new(networks);
    }

    /// Handles that the worker will not answer its question, if it was asked one.
    pub fn give_up(&mut self) {
        if self.asked.take().is_some() {
            self.is_wanted = false;
        }
    }

    /// Handles that other weights answer, or that the worker was started again.
    pub fn doubt(&mut self) {
        self.asked = None;
        self.about = None;
    }
}

impl State {
    /// The next question to all networks: about the picture on the stage, once it is classified, or about no picture.
    /// There is none during a run.
    pub fn to_compare(&self) -> Option<Option<PictureId>> {
        let comparison = &self.comparison;
        let has_run = matches!(self.training.status, RunStatus::Running(_) | RunStatus::Paused(_));
        let is_shown = self.view == View::Look;
        if !is_shown || !comparison.is_wanted || comparison.asked.is_some() || self.phase != Phase::Ready || has_run {
            return None;
        }
        let about = match self.selected_picture() {
            Some(picture) => match picture.answer {
                Answer::Given { freshness: Freshness::Current, .. } => Some(picture.id),
                _ => return None,
            },
            None => None,
        };
        (comparison.about != Some(about)).then_some(about)
    }
}
