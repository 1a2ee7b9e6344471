//! The run, as far as the page knows: how it stands, its curves, and what the visitor wants next.

use std::rc::Rc;

use crate::{
    domain::{CLASS_COUNT, CurvePoint, History, RunFacts, Validation},
    protocol::{DataImage, End, RunStatus},
};

/// Everything about the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingState {
    /// How it stands.
    pub status: RunStatus,
    /// Its curves so far.
    pub curves: Rc<History>,
    /// How fast it goes; none before its first steps.
    pub pace: Option<Pace>,
    /// The test images that are watched.
    pub strip: Rc<Vec<DataImage>>,
    /// Probabilities of the strip's images, in the strip's order; empty before the first.
    pub watched: Rc<Vec<[f32; CLASS_COUNT]>>,
    /// Up to where it is kept on this device.
    pub checkpoint: Option<Checkpoint>,
    /// Why its end was not the planned one, as a sentence.
    pub trouble: Option<Rc<str>>,
    /// What the visitor asked for and the worker has not done yet.
    pub wish: Wish,
    /// Whether it was asked to pause, which it does after the step that it is in.
    pub is_pausing: bool,
    /// When the page first heard that it makes steps, in milliseconds of the page's clock; none of a run that was resumed.
    pub begun_at_ms: Option<f64>,
    /// How long it took from there to its end.
    pub took_secs: Option<f64>,
}

/// How fast a run goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Training images a second.
    pub images_per_sec: f32,
    /// Seconds to the run's end.
    pub secs_left: f32,
}

/// What of a run is kept on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Steps made then.
    pub step: u64,
    /// What it takes.
    pub size_bytes: u64,
}

/// What the visitor asked for and the worker has not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    #[default]
    None,
    /// To train, but the images would have to be fetched first, which the visitor has not agreed to yet.
    Confirm,
    /// To train as soon as the images are here.
    AfterImages,
    /// To begin or go on; the worker was asked.
    Asked,
}

impl TrainingState {
    /// The run, unless there is none.
    pub fn facts(&self) -> Option<&RunFacts> {
        match &self.status {
            RunStatus::None => None,
            RunStatus::Running(facts) | RunStatus::Paused(facts) | RunStatus::Ended { facts, .. } => Some(facts),
        }
    }

    fn facts_mut(&mut self) -> Option<&mut RunFacts> {
        match &mut self.status {
            RunStatus::None => None,
            RunStatus::Running(facts) | RunStatus::Paused(facts) | RunStatus::Ended { facts, .. } => Some(facts),
        }
    }

    /// Whether it makes steps.
    pub fn is_running(&self) -> bool {
        matches!(self.status, RunStatus::Running(_))
    }

    /// Whether it makes steps or could make more at once.
    pub fn is_under_way(&self) -> bool {
        matches!(self.status, RunStatus::Running(_) | RunStatus::Paused(_))
    }

    /// The newest point of the training curves.
    pub fn last_point(&self) -> Option<&CurvePoint> {
        self.curves.points.last()
    }

    /// The newest measurement on the validation images.
    pub fn last_validation(&self) -> Option<&Validation> {
        self.curves.validations.last()
    }

    /// Takes in how the run stands.
    pub fn settle(&mut self, status: RunStatus, at_ms: f64) {
        let was_under_way = self.is_under_way();
        let was_lost = matches!(self.status, RunStatus::Ended { how: End::DeviceLost { .. }, .. });
        match &status {
            RunStatus::Running(facts) if facts.step == 0 => (self.begun_at_ms, self.took_secs) = (Some(at_ms), None),
            RunStatus::Running(_) if was_under_way => {}
            // A pause, or time in which the page was not there, is none of the run's.
            RunStatus::Running(_) | RunStatus::Paused(_) | RunStatus::None => self.begun_at_ms = None,
            RunStatus::Ended { .. } => {
                self.took_secs = self.begun_at_ms.take().map(|begun_at_ms| (at_ms - begun_at_ms) / 1_000.0);
            }
        }
        self.status = status;
        self.wish = Wish::None;
        self.is_pausing = false;
        self.trouble = match &self.status {
            RunStatus::Ended { how: End::Diverged { reason } | End::DeviceLost { reason }, .. } => {
                Some(reason.as_str().into())
            }
            // It goes on by itself on another device, which the visitor may not have seen yet.
            RunStatus::Running(_) if was_lost => self.trouble.take(),
            _ => None,
        };
        let begins = self.facts().is_none_or(|facts| facts.step == 0);
        if begins {
            self.curves = Rc::default();
            self.watched = Rc::default();
            self.checkpoint = None;
        }
        if begins || !was_under_way {
            self.pace = None;
        }
    }

    /// Takes in new points and how fast the run goes.
    pub fn advance(&mut self, points: Vec<CurvePoint>, step: u64, pace: Pace) {
        Rc::make_mut(&mut self.curves).points.extend(points);
        self.pace = Some(pace);
        if let Some(facts) = self.facts_mut() {
            facts.step = step;
        }
    }

    /// Takes in a measurement on the validation images, in place of one of the same step.
    pub fn validate(&mut self, validation: Validation) {
        let validations = &mut Rc::make_mut(&mut self.curves).validations;
        validations.retain(|known| known.step != validation.step);
        validations.push(validation);
    }

    /// Takes in that the worker stopped, and gives a sentence on what that means for the run, if there was one.
    pub fn on_death(&mut self) -> Option<String> {
        self.wish = Wish::None;
        self.is_pausing = false;
        if !self.is_under_way() {
            return None;
        }
        let step = self.facts().map_or(0, |facts| facts.step);
        let sentence = match self.checkpoint {
            Some(Checkpoint { step: kept_step, .. }) => format!(
                "The run stopped after step {}; it is kept on this device up to step {}.",
                crate::ui::words::count(step),
                crate::ui::words::count(kept_step)
            ),
            None => "The run stopped before any of it was kept on this device.".into(),
        };
        self.status = RunStatus::None;
        self.pace = None;
        Some(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Settings, StartingWeights};

    fn facts(step: u64) -> RunFacts {
        RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step,
            steps_per_epoch: 351,
            steps: 4_212,
        }
    }

    fn advanced(step: u64) -> TrainingState {
        let mut training = TrainingState::default();
        training.settle(RunStatus::Running(facts(0)), 0.0);
        let pace = Pace { images_per_sec: 9_000.0, secs_left: 60.0 };
        training.advance(vec![CurvePoint { step, loss: 2.0, accuracy: 0.2 }], step, pace);
        training
    }

    #[test]
    fn a_new_run_begins_with_empty_curves_and_a_resumed_one_keeps_them() {
        let mut training = advanced(10);
        training.settle(RunStatus::Paused(facts(10)), 0.0);
        training.settle(RunStatus::Running(facts(10)), 0.0);
        assert_eq!(training.curves.points.len(), 1);
        training.settle(RunStatus::Running(facts(0)), 0.0);
        assert!(training.curves.points.is_empty());
    }

    #[test]
    fn only_a_run_that_was_seen_from_its_beginning_to_its_end_says_how_long_it_took() {
        let over = || RunStatus::Ended { facts: facts(40), how: End::Completed };
        let mut training = TrainingState::default();
        training.settle(RunStatus::Running(facts(0)), 1_000.0);
        training.settle(over(), 181_000.0);
        assert_eq!(training.took_secs, Some(180.0));
        training.settle(RunStatus::Running(facts(10)), 0.0);
        training.settle(over(), 5_000.0);
        assert_eq!(training.took_secs, None, "it began before");
        training.settle(RunStatus::Running(facts(0)), 0.0);
        training.settle(RunStatus::Paused(facts(9)), 1_000.0);
        training.settle(RunStatus::Running(facts(9)), 90_000.0);
        training.settle(over(), 95_000.0);
        assert_eq!(training.took_secs, None, "it paused meanwhile");
    }

    #[test]
    fn progress_moves_the_runs_step() {
        assert_eq!(advanced(20).facts().map(|facts| facts.step), Some(20));
    }

    #[test]
    fn a_death_says_up_to_where_the_run_is_kept() {
        let mut training = advanced(1_300);
        training.checkpoint = Some(Checkpoint { step: 1_200, size_bytes: 1 });
        let sentence = training.on_death().expect("there was a run");
        assert_eq!(sentence, "The run stopped after step 1,300; it is kept on this device up to step 1,200.");
        assert_eq!(training.status, RunStatus::None);
        assert_eq!(training.on_death(), None);
    }

    #[test]
    fn a_run_that_diverged_leaves_its_reason_until_the_next_begins() {
        let mut training = advanced(30);
        let how = End::Diverged { reason: "The loss was infinite after step 30. Lower the learning rates.".into() };
        training.settle(RunStatus::Ended { facts: facts(30), how }, 0.0);
        assert!(training.trouble.is_some());
        training.settle(RunStatus::Running(facts(0)), 0.0);
        assert_eq!(training.trouble, None);
    }

    #[test]
    fn a_measurement_of_the_same_step_takes_the_place_of_the_one_before() {
        let mut training = advanced(30);
        let validation = |accuracy| Validation { step: 30, loss: 1.0, accuracy, images: 5_000 };
        training.validate(validation(0.4));
        training.validate(validation(0.5));
        assert_eq!(training.curves.validations, [validation(0.5)]);
    }
}
