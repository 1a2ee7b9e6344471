//! The networks beside each other: what is known of them, and about which picture they are to be asked.

use std::rc::Rc;

use crate::protocol::{Compared, PictureId, RunStatus};

use super::pictures::Freshness;
use super::{Answer, Phase, State};
use crate::ui::view::View;

/// Everything about the comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparisonState {
    /// Whether the visitor wants it; then it follows the picture on the stage.
    pub is_wanted: bool,
    /// The question that the worker has not answered yet: about a picture, or about none.
    pub asked: Option<Option<PictureId>>,
    /// What the last answer was about; none where other weights answer since.
    pub about: Option<Option<PictureId>>,
    /// What the networks are, and said last.
    pub networks: Rc<Vec<Compared>>,
}

impl ComparisonState {
    /// Takes in what the networks are, and say of the picture `id`.
    pub fn settle(&mut self, id: Option<PictureId>, networks: Vec<Compared>) {
        self.asked = None;
        self.about = Some(id);
        self.networks = Rc::new(networks);
    }

    /// Takes in that the worker will not answer what it was asked, if it was asked.
    pub fn give_up(&mut self) {
        if self.asked.take().is_some() {
            self.is_wanted = false;
        }
    }

    /// Takes in that other weights answer, or the same worker anew.
    pub fn doubt(&mut self) {
        self.asked = None;
        self.about = None;
    }
}

impl State {
    /// What to ask of all networks now: about the picture on the stage, once it is answered, or about none; not while a
    /// run goes on.
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
