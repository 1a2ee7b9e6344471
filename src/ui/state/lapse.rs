//! The time lapse of the run: the moment that is shown, and what the network then said of the visitor's pictures.

use std::rc::Rc;

use super::pictures::Answer;
use super::{Picture, State, TrainingState};
use crate::domain::{CLASS_COUNT, lapse::Frame};
use crate::protocol::{PictureId, Prediction, Watched};

/// What the visitor, or time, does to the time lapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// Play it from the moment that is shown, or from the beginning, or stop it.
    Play,
    /// Show the next moment, and stop at the present.
    Next,
    /// Show the moment of this index.
    At(usize),
}

/// The probabilities of the visitor's pictures.
type Answers = Rc<[(PictureId, [f32; CLASS_COUNT])]>;

/// The state of the time lapse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LapseState {
    /// The index of the moment that is shown; none for the present.
    at: Option<usize>,
    /// Whether the moments follow each other by themselves.
    pub is_playing: bool,
    /// The answers to the visitor's pictures, by step. Unlike those to the test images, they are not kept with the run.
    pictures: Vec<(u64, Answers)>,
}

impl LapseState {
    /// Shows the present.
    pub(super) fn leave(&mut self) {
        (self.at, self.is_playing) = (None, false);
    }
}

impl TrainingState {
    /// Adds new answers to the time lapse, unless the last ones were shortly before.
    pub(super) fn film(&mut self, watched: &Watched) {
        let steps = self.facts().map_or(0, |facts| facts.steps);
        if Rc::make_mut(&mut self.curves).film(watched.step, steps, &watched.strip) {
            self.lapse.pictures.push((watched.step, watched.pictures.as_slice().into()));
        }
    }

    pub(super) fn change_lapse(&mut self, change: Lapse) {
        let last = self.curves.frames().len().saturating_sub(1);
        let lapse = &mut self.lapse;
        let at = match change {
            Lapse::Play => {
                lapse.is_playing = !lapse.is_playing;
                if lapse.is_playing { lapse.at.unwrap_or(0) } else { lapse.at.unwrap_or(last) }
            }
            Lapse::Next => lapse.at.map_or(last, |at| at + 1),
            Lapse::At(at) => {
                lapse.is_playing = false;
                at
            }
        };
        lapse.at = Some(at);
        if at >= last {
            lapse.leave();
        }
    }

    /// The step of the moment that is shown, its index, and the number of moments.
    pub fn moment(&self) -> (u64, usize, usize) {
        let frames = self.curves.frames();
        match self.lapse.at.and_then(|at| Some((frames.get(at)?.0, at))) {
            Some((step, at)) => (step, at, frames.len()),
            None => (self.facts().map_or(0, |facts| facts.step), frames.len().saturating_sub(1), frames.len()),
        }
    }

    fn frame(&self) -> Option<Frame> {
        self.curves.frames().into_iter().nth(self.lapse.at?)
    }

    /// The answers to the watched test images at the moment that is shown. Of an earlier one, only the likeliest class
    /// is known.
    pub fn watched_then(&self) -> Rc<Vec<[f32; CLASS_COUNT]>> {
        let Some((_, answers)) = self.frame() else { return self.watched.clone() };
        let answer = |(class, probability): (usize, f32)| {
            let mut probabilities = [0.0; CLASS_COUNT];
            probabilities[class] = probability;
            probabilities
        };
        Rc::new(answers.into_iter().map(answer).collect())
    }
}

impl State {
    /// `picture` with the network's answer at the moment that is shown. Without such an answer, it has the present one.
    pub fn then(&self, picture: &Picture) -> Picture {
        let mut picture = picture.clone();
        if let (Some((step, _)), Answer::Given { prediction, .. }) = (self.training.frame(), &mut picture.answer) {
            let filmed = self.training.lapse.pictures.iter().find(|(filmed, _)| *filmed == step);
            let answer = filmed.and_then(|(_, answers)| answers.iter().find(|(id, _)| *id == picture.id));
            if let Some((_, probabilities)) = answer {
                let then = Prediction { probabilities: *probabilities, is_none: false, ..(**prediction).clone() };
                *prediction = Rc::new(then);
            }
        }
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{History, RunFacts, Settings, StartingWeights, likeliest};
    use crate::protocol::{Event, RunStatus};
    use crate::ui::state::{Action, reduce};

    fn sure_of(class: usize) -> [f32; CLASS_COUNT] {
        let mut answer = [0.02; CLASS_COUNT];
        answer[class] = 0.82;
        answer
    }

    fn heard(state: &State, event: Event) -> State {
        reduce(state, Action::Heard { event, at_ms: 0.0 })
    }

    /// A run of three steps. After each, the watched image and the visitor's picture are another class.
    fn watched() -> State {
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 0,
            steps_per_epoch: 3,
            steps: 3,
        };
        let picture = Picture::new(PictureId(7), "cat.png", None);
        let state = reduce(&State::default(), Action::Arrived { pictures: vec![picture], notices: Vec::new() });
        let prediction = Prediction { probabilities: sure_of(9), is_none: false, milliseconds: 1.0, seen: Vec::new() };
        let state = heard(&state, Event::Classified { answers: vec![(PictureId(7), prediction)] });
        let mut state = heard(&state, Event::Run(RunStatus::Running(facts)));
        for step in 1..=3 {
            let answer = sure_of(step as usize);
            let watched = Watched { step, pictures: vec![(PictureId(7), answer)], strip: vec![answer] };
            state = heard(&state, Event::Watched(watched));
        }
        state
    }

    /// The step that is shown, and what the network then said of the test image and of the picture.
    fn shown(state: &State) -> (u64, usize, usize) {
        let class = |answer: &[f32; CLASS_COUNT]| likeliest(answer);
        let picture = state.then(state.selected_picture().expect("it is there"));
        let (step, ..) = state.training.moment();
        (step, class(&state.training.watched_then()[0]), class(&picture.prediction().expect("an answer").probabilities))
    }

    fn lapse(state: &State, change: Lapse) -> State {
        reduce(state, Action::Lapse(change))
    }

    #[test]
    fn a_run_is_played_from_its_beginning_to_the_present() {
        let mut state = lapse(&watched(), Lapse::Play);
        let mut seen = Vec::new();
        while state.training.lapse.is_playing {
            seen.push(shown(&state));
            state = lapse(&state, Lapse::Next);
        }
        assert_eq!(seen, [(1, 1, 1), (2, 2, 2)]);
        assert_eq!((shown(&state).1, shown(&state).2), (3, 3), "and then the present is shown");
    }

    #[test]
    fn the_slider_stops_it_and_the_last_moment_is_the_present_also_when_more_come() {
        let state = lapse(&lapse(&watched(), Lapse::Play), Lapse::At(1));
        assert!(!state.training.lapse.is_playing);
        assert_eq!(shown(&state), (2, 2, 2));
        assert_eq!(state.training.moment().2, 3);
        let state = lapse(&state, Lapse::At(2));
        assert_eq!(state.training.lapse.at, None);
        let state = lapse(&state, Lapse::Play);
        let again = lapse(&state, Lapse::Play);
        assert!(!again.training.lapse.is_playing && shown(&again).0 == 1, "it stops where it is");
    }

    #[test]
    fn a_kept_run_brings_its_lapse_and_shows_the_picture_as_it_is() {
        let state = heard(&watched(), Event::History(History { lapse: "5:255,9:381".into(), ..History::default() }));
        assert_eq!(shown(&lapse(&state, Lapse::At(0))), (5, 2, 3));
        let facts = state.training.facts().expect("a run").clone();
        let fresh = heard(&state, Event::Run(RunStatus::Running(RunFacts { step: 0, ..facts })));
        assert_eq!(fresh.training.moment(), (0, 0, 0), "a new run has none yet");
    }
}
