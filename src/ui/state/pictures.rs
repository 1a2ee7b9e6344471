//! The visitor's pictures: the questions to the worker about them, and its answers.

use std::rc::Rc;

use crate::platform::gestures::Step;
use crate::{
    domain::CLASS_COUNT,
    protocol::{ANSWERED_TOGETHER, PictureId, Prediction},
};

use super::{Phase, State};

/// A picture of the visitor, a drawn scene, or an image of the data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The picture's id in the messages to the worker.
    pub id: PictureId,
    /// Its file name.
    pub name: Rc<str>,
    /// The address from which the page shows it; none for a file that the worker has not decoded yet.
    pub url: Option<Rc<str>>,
    /// The state of its classification.
    pub answer: Answer,
    /// How often the worker died while it classified this picture.
    pub deaths: u8,
    /// The true class of an image of the data set.
    pub label: Option<usize>,
    /// Whether it is the scene that the page shows until the visitor's first picture comes.
    pub is_greeting: bool,
}

/// The state of a picture's classification.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The worker has not been asked yet.
    Waiting,
    /// The worker was asked.
    Asked,
    /// The worker has answered.
    Given {
        /// The answer.
        prediction: Rc<Prediction>,
        /// The device that computed it.
        device_name: &'static str,
        /// Whether it is from the network that answers now.
        freshness: Freshness,
    },
}

impl PartialEq for Answer {
    /// Compares predictions by their addresses first. Each event compares those of all pictures, and the pixels take long.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Waiting, Self::Waiting) | (Self::Asked, Self::Asked) => true,
            (
                Self::Given { prediction, device_name, freshness },
                Self::Given { prediction: its, device_name: its_device, freshness: its_freshness },
            ) => {
                (Rc::ptr_eq(prediction, its) || prediction == its)
                    && device_name == its_device
                    && freshness == its_freshness
            }
            _ => false,
        }
    }
}

/// Whether an answer is from the network that answers now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It is from that network.
    Current,
    /// Other weights answer now.
    Stale,
    /// Other weights answer now, and they were asked.
    AskedAgain,
}

impl Picture {
    /// A picture that is not classified yet.
    pub fn new(id: PictureId, name: &str, url: Option<&str>) -> Self {
        Self {
            id,
            name: name.into(),
            url: url.map(Rc::from),
            answer: Answer::Waiting,
            deaths: 0,
            label: None,
            is_greeting: false,
        }
    }

    /// The network's answer about it.
    pub fn prediction(&self) -> Option<&Rc<Prediction>> {
        match &self.answer {
            Answer::Given { prediction, .. } => Some(prediction),
            Answer::Waiting | Answer::Asked => None,
        }
    }

    fn is_asked(&self) -> bool {
        matches!(self.answer, Answer::Asked | Answer::Given { freshness: Freshness::AskedAgain, .. })
    }

    fn is_to_ask(&self) -> bool {
        matches!(self.answer, Answer::Waiting | Answer::Given { freshness: Freshness::Stale, .. })
    }

    /// Sets `renewed` on an answer that was given; sets the answer to `blank` otherwise.
    fn turn(&mut self, blank: Answer, renewed: Freshness) {
        match &mut self.answer {
            Answer::Given { freshness, .. } => *freshness = renewed,
            answer => *answer = blank,
        }
    }
}

impl State {
    /// Sets the address from which a picture is shown.
    pub(super) fn show(&mut self, id: PictureId, url: Rc<str>) {
        if let Some(picture) = self.pictures.iter_mut().find(|picture| picture.id == id) {
            picture.url = Some(url);
        }
    }

    /// The picture on the stage.
    pub fn selected_picture(&self) -> Option<&Picture> {
        let id = self.selected?;
        self.pictures.iter().find(|picture| picture.id == id)
    }

    /// The pictures that the visitor brought or chose, with the answers at the moment of the run that is shown.
    pub fn own_pictures(&self) -> Vec<Picture> {
        self.pictures.iter().filter(|picture| !picture.is_greeting).map(|picture| self.then(picture)).collect()
    }

    /// Whether the page is to show a picture by itself: once, as soon as the network could answer, if no picture came.
    pub fn is_to_greet(&self) -> bool {
        self.phase == Phase::Ready && self.view.has_answer() && !self.has_greeted && self.pictures.is_empty()
    }

    /// The network's answer about the picture on the stage.
    pub fn prediction(&self) -> Option<&Rc<Prediction>> {
        self.selected_picture()?.prediction()
    }

    /// The picture that an arrow key leads to; none at the end of the strip.
    pub fn neighbour(&self, step: Step) -> Option<PictureId> {
        let current = self.pictures.iter().position(|picture| Some(picture.id) == self.selected)?;
        let index = match step {
            Step::Back => current.checked_sub(1)?,
            Step::Forward => current + 1,
            Step::First => 0,
            Step::Last => self.pictures.len() - 1,
        };
        self.pictures.get(index).map(|picture| picture.id)
    }

    /// The pictures to ask the worker about now. The picture on the stage goes first and alone, so that its answer comes
    /// soonest. While the worker answers some of the others together, the next ones wait there.
    pub fn to_ask(&self) -> Vec<PictureId> {
        if self.phase != Phase::Ready {
            return Vec::new();
        }
        let at_once = if self.is_careful { 1 } else { 2 * ANSWERED_TOGETHER };
        let asked = self.pictures.iter().filter(|picture| picture.is_asked()).count();
        let room = at_once - asked.min(at_once);
        match self.selected_picture() {
            Some(selected) if selected.is_asked() => Vec::new(),
            Some(selected) if selected.is_to_ask() => [selected.id].into_iter().take(room).collect(),
            _ => {
                let waiting = self.pictures.iter().filter(|picture| picture.is_to_ask());
                waiting.take(room).map(|picture| picture.id).collect()
            }
        }
    }

    pub(super) fn picture_mut(&mut self, id: PictureId) -> Option<&mut Picture> {
        self.pictures.iter_mut().find(|picture| picture.id == id)
    }

    /// Marks that the worker was asked about `ids`.
    pub(super) fn mark_asked(&mut self, ids: &[PictureId]) {
        for picture in self.pictures.iter_mut().filter(|picture| ids.contains(&picture.id)) {
            picture.turn(Answer::Asked, Freshness::AskedAgain);
        }
    }

    /// Stores the network's answer about picture `id`.
    pub(super) fn answer(&mut self, id: PictureId, prediction: Prediction) {
        let device_name = self.device.as_ref().map_or("the CPU", crate::ui::words::device_name);
        if let Some(picture) = self.picture_mut(id) {
            let freshness = Freshness::Current;
            picture.answer = Answer::Given { prediction: Rc::new(prediction), device_name, freshness };
        }
    }

    /// Stores new probabilities of pictures during a run. Each answer keeps the picture that was seen and the time that
    /// it took.
    pub(super) fn renew(&mut self, fresh: &[(PictureId, [f32; CLASS_COUNT])]) {
        for (id, probabilities) in fresh {
            let Some(picture) = self.picture_mut(*id) else { continue };
            if let Answer::Given { prediction, freshness, .. } = &mut picture.answer {
                *prediction =
                    Rc::new(Prediction { probabilities: *probabilities, is_none: false, ..(**prediction).clone() });
                *freshness = Freshness::Current;
            }
        }
    }

    /// Marks all answers as stale, because other weights answer now.
    pub(super) fn doubt_answers(&mut self) {
        for picture in &mut self.pictures {
            if let Answer::Given { freshness, .. } = &mut picture.answer {
                *freshness = Freshness::Stale;
            }
        }
    }

    /// Removes picture `id` and notes the reason.
    pub(super) fn refuse(&mut self, id: PictureId, reason: &str) {
        if let Some(refused) = self.remove(id) {
            self.notices.push(format!("{}: {reason}", refused.name).into());
        }
    }

    /// Removes picture `id`. If it was on the stage, its neighbour takes its place.
    pub(super) fn remove(&mut self, id: PictureId) -> Option<Picture> {
        let index = self.pictures.iter().position(|picture| picture.id == id)?;
        let removed = self.pictures.remove(index);
        if self.selected == Some(id) {
            let neighbour = self.pictures.get(index).or(self.pictures.last());
            self.selected = neighbour.map(|picture| picture.id);
        }
        Some(removed)
    }

    /// Removes a picture that was being classified in two deaths of the worker. Every restart would end the same way
    /// otherwise.
    pub(super) fn suspect_pictures(&mut self) {
        self.is_careful = true;
        let suspects: Vec<_> = self.pictures.iter().filter(|picture| picture.is_asked()).cloned().collect();
        for suspect in suspects {
            if suspect.deaths > 0 {
                let reason = "the network stopped twice on this picture, so the page removed it.";
                self.refuse(suspect.id, reason);
            } else if let Some(picture) = self.picture_mut(suspect.id) {
                picture.deaths += 1;
            }
        }
    }

    /// Marks every picture that was being classified as waiting again.
    pub(super) fn ask_again(&mut self) {
        for picture in self.pictures.iter_mut().filter(|picture| picture.is_asked()) {
            picture.turn(Answer::Waiting, Freshness::Stale);
        }
    }
}
