//! The page's state, and the only function that changes it.

use std::rc::Rc;

use crate::platform::gestures::Step;
use crate::protocol::{DeviceReport, Event, NetworkSummary, PictureId, Prediction};

use super::progress::Progress;

/// Everything that the page shows, but for the theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// What the worker is doing.
    pub phase: Phase,
    /// The device that computes, or last did.
    pub device: Option<DeviceReport>,
    /// The network that answers, or last did.
    pub network: Option<NetworkSummary>,
    /// The pictures, in the order in which they came.
    pub pictures: Vec<Picture>,
    /// The picture on the stage; there is one whenever there are pictures.
    pub selected: Option<PictureId>,
    /// Sentences about what could not be done, until dismissed or until more pictures come.
    pub notices: Vec<Rc<str>>,
    /// After a death pictures go one at a time, so that one that kills the worker is known.
    pub is_careful: bool,
}

/// What the worker is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Its program or the weights are on their way.
    Loading(Option<Progress>),
    /// It answers.
    Ready,
    /// It could not start, for a reason that is a sentence.
    Failed(Rc<str>),
    /// It stopped.
    Died,
}

impl Default for Phase {
    fn default() -> Self {
        Self::Loading(None)
    }
}

/// One picture of the visitor's, or a drawn scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its identity with the worker.
    pub id: PictureId,
    /// Its file name.
    pub name: Rc<str>,
    /// Where the page shows it from.
    pub url: Rc<str>,
    /// How far its classification is.
    pub answer: Answer,
    /// How often the worker died while it looked at this picture.
    pub deaths: u8,
}

/// How far a picture's classification is.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The worker has not been asked yet.
    Waiting,
    /// The worker is looking.
    Asked,
    /// The worker has said what it is.
    Given {
        /// What it said.
        prediction: Rc<Prediction>,
        /// Where it computed that.
        device_name: &'static str,
    },
}

/// What can happen to the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Pictures came, the first of them to be shown, and `notices` about those that did not come in.
    Arrived {
        /// The new pictures.
        pictures: Vec<Picture>,
        /// Why others were left out.
        notices: Vec<Rc<str>>,
    },
    /// The worker was asked about these pictures.
    Asked(Vec<PictureId>),
    /// The worker said something, at a time of the page's clock.
    Heard {
        /// What it said.
        event: Event,
        /// When.
        at_ms: f64,
    },
    /// The worker stopped.
    Died,
    /// A new worker was started.
    Restarted,
    /// The visitor chose a picture of the strip.
    Selected(PictureId),
    /// The visitor cleared the strip.
    Cleared,
    /// The visitor has read a notice.
    Dismissed(usize),
}

impl State {
    /// The picture on the stage.
    pub fn selected_picture(&self) -> Option<&Picture> {
        let id = self.selected?;
        self.pictures.iter().find(|picture| picture.id == id)
    }

    /// What the network said about the picture on the stage.
    pub fn prediction(&self) -> Option<&Rc<Prediction>> {
        self.selected_picture()?.prediction()
    }

    /// Where an arrow key leads from the picture on the stage; none where the strip ends.
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

    /// The pictures to ask the worker about now: few at a time, so that it stays free to answer the one that
    /// the visitor looks at, which goes first.
    pub fn to_ask(&self) -> Vec<PictureId> {
        if self.phase != Phase::Ready {
            return Vec::new();
        }
        let at_once = if self.is_careful { 1 } else { 4 };
        let asked = self.pictures.iter().filter(|picture| picture.answer == Answer::Asked).count();
        let mut waiting: Vec<_> = self.pictures.iter().filter(|picture| picture.answer == Answer::Waiting).collect();
        waiting.sort_by_key(|picture| Some(picture.id) != self.selected);
        waiting.iter().take(at_once - asked.min(at_once)).map(|picture| picture.id).collect()
    }

    fn picture_mut(&mut self, id: PictureId) -> Option<&mut Picture> {
        self.pictures.iter_mut().find(|picture| picture.id == id)
    }

    /// Takes picture `id` out, says why, and shows its neighbour if it was on the stage.
    fn refuse(&mut self, id: PictureId, reason: &str) {
        let Some(index) = self.pictures.iter().position(|picture| picture.id == id) else { return };
        let refused = self.pictures.remove(index);
        self.notices.push(format!("{}: {reason}", refused.name).into());
        if self.selected == Some(id) {
            let neighbour = self.pictures.get(index).or(self.pictures.last());
            self.selected = neighbour.map(|picture| picture.id);
        }
    }
}

impl yew::Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(reduce(&self, action))
    }
}

impl Picture {
    /// A picture that nobody has looked at yet.
    pub fn new(id: PictureId, name: &str, url: &str) -> Self {
        Self { id, name: name.into(), url: url.into(), answer: Answer::Waiting, deaths: 0 }
    }

    /// What the network said about it.
    pub fn prediction(&self) -> Option<&Rc<Prediction>> {
        match &self.answer {
            Answer::Given { prediction, .. } => Some(prediction),
            Answer::Waiting | Answer::Asked => None,
        }
    }
}

/// The state after `action`.
pub fn reduce(state: &State, action: Action) -> State {
    let mut next = state.clone();
    match action {
        Action::Arrived { pictures, notices } => {
            if let Some(first) = pictures.first() {
                next.selected = Some(first.id);
            }
            next.pictures.extend(pictures);
            next.notices = notices;
        }
        Action::Asked(ids) => {
            for id in ids {
                if let Some(picture) = next.picture_mut(id) {
                    picture.answer = Answer::Asked;
                }
            }
        }
        Action::Heard { event, at_ms } => hear(&mut next, event, at_ms),
        Action::Died => die(&mut next),
        Action::Restarted => {
            next.phase = Phase::default();
            ask_again(&mut next);
        }
        Action::Selected(id) => next.selected = Some(id),
        Action::Cleared => {
            next.pictures.clear();
            next.notices.clear();
            next.selected = None;
        }
        Action::Dismissed(index) => {
            if index < next.notices.len() {
                next.notices.remove(index);
            }
        }
    }
    next
}

fn hear(next: &mut State, event: Event, at_ms: f64) {
    match event {
        // A late count of the program's bytes must not undo what came after it.
        Event::Loading { part, received_bytes, total_bytes } => {
            if let Phase::Loading(before) = next.phase {
                next.phase = Phase::Loading(Some(Progress::after(before, part, received_bytes, total_bytes, at_ms)));
            }
        }
        Event::Ready { device, network } => {
            next.phase = Phase::Ready;
            next.device = Some(device);
            next.network = Some(network);
        }
        Event::Classified { id, prediction } => {
            let device_name = next.device.as_ref().map_or("the CPU", super::words::device_name);
            if let Some(picture) = next.picture_mut(id) {
                picture.answer = Answer::Given { prediction: Rc::new(prediction), device_name };
            }
        }
        Event::Refused { id, reason } => next.refuse(id, &reason),
        Event::Failed { reason } => {
            next.phase = Phase::Failed(reason.into());
            ask_again(next);
        }
        Event::Answering { network } => next.network = Some(network),
        _ => {}
    }
}

/// A picture that was being looked at in two deaths is taken out, or every restart would end the same way.
fn die(next: &mut State) {
    match next.phase {
        Phase::Loading(_) => next.phase = Phase::Failed("The network stopped while it was starting.".into()),
        Phase::Ready => next.phase = Phase::Died,
        // The first word on why there is no network is the one that says most.
        Phase::Failed(_) | Phase::Died => {}
    }
    next.is_careful = true;
    let suspects: Vec<_> = next.pictures.iter().filter(|picture| picture.answer == Answer::Asked).cloned().collect();
    for suspect in suspects {
        if suspect.deaths > 0 {
            next.refuse(suspect.id, "the network stopped twice while it looked at this picture, so it was taken out.");
        } else if let Some(picture) = next.picture_mut(suspect.id) {
            picture.deaths += 1;
        }
    }
    ask_again(next);
}

fn ask_again(next: &mut State) {
    for picture in next.pictures.iter_mut().filter(|picture| picture.answer == Answer::Asked) {
        picture.answer = Answer::Waiting;
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
