//! The training run: its status, its curves, and the visitor's next wish.

use std::rc::Rc;

use super::LapseState;
use crate::{
    domain::{CLASS_COUNT, CurvePoint, History, RunFacts, Validation},
    protocol::{DataImage, End, RunStatus},
};

/// The state of the training run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingState {
    /// The run's status.
    pub status: RunStatus,
    /// The curves so far.
    pub curves: Rc<History>,
    /// The run's speed; none before its first steps.
    pub pace: Option<Pace>,
    /// The test images that the page watches during the run.
    pub strip: Rc<Vec<DataImage>>,
    /// Probabilities of the watched images, in the same order; empty before the first.
    pub watched: Rc<Vec<[f32; CLASS_COUNT]>>,
    /// The time lapse of the run.
    pub lapse: LapseState,
    /// The state that is kept on this device.
    pub checkpoint: Option<Checkpoint>,
    /// The reason why it ended early, as a sentence.
    pub trouble: Option<Rc<str>>,
    /// The visitor's wish that the worker has not carried out yet.
    pub wish: Wish,
    /// Whether the run was asked to pause. It pauses after the present step.
    pub is_pausing: bool,
    /// The time at which the page first heard of the running run, in milliseconds of the page's clock; none for a
    /// resumed run.
    pub begun_at_ms: Option<f64>,
    /// The seconds from then to the run's end.
    pub took_secs: Option<f64>,
}

/// The speed of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Training images per second.
    pub images_per_sec: f32,
    /// The seconds that are left until the run ends.
    pub secs_left: f32,
}

/// The state of a run that is kept on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The steps that were done then.
    pub step: u64,
    /// The file's size in bytes.
    pub size_bytes: u64,
}

/// The visitor's wish that the worker has not carried out yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// No wish.
    #[default]
    None,
    /// To train. The visitor has not agreed yet to download the images.
    Confirm,
    /// To train as soon as the images are here.
    AfterImages,
    /// To train or resume. The worker was asked.
    Asked,
}

impl TrainingState {
    /// The run's facts; none without a run.
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

    /// Whether the run is training.
    pub fn is_running(&self) -> bool {
        matches!(self.status, RunStatus::Running(_))
    }

    /// Whether the run is training or paused.
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

    /// Stores a new status of the run. `at_ms` is the page's clock.
    pub fn settle(&mut self, status: RunStatus, at_ms: f64) {
        let was_under_way = self.is_under_way();
        let was_lost = matches!(self.status, RunStatus::Ended { how: End::DeviceLost { .. }, .. });
        match &status {
            RunStatus::Running(facts) if facts.step == 0 => (self.begun_at_ms, self.took_secs) = (Some(at_ms), None),
            RunStatus::Running(_) if was_under_way => {}
            // A pause must not count as training time. Neither must time in which the page did not hear of the run.
            RunStatus::Running(_) | RunStatus::Paused(_) | RunStatus::None => self.begun_at_ms = None,
            RunStatus::Ended { .. } => {
                self.took_secs = self.begun_at_ms.take().map(|begun_at_ms| (at_ms - begun_at_ms) / 1_000.0);
            }
        }
        // A change of a setting does not end a wish to pause.
        self.is_pausing &= self.is_running() && matches!(status, RunStatus::Running(_));
        self.status = status;
        self.wish = Wish::None;
        self.lapse.leave();
        self.trouble = match &self.status {
            RunStatus::Ended { how: End::Diverged { reason } | End::DeviceLost { reason }, .. } => {
                Some(reason.as_str().into())
            }
            // The run goes on by itself on another device. The visitor may not have read the reason yet.
            RunStatus::Running(_) if was_lost => self.trouble.take(),
            _ => None,
        };
        let begins = self.facts().is_none_or(|facts| facts.step == 0);
        if begins {
            self.curves = Rc::default();
            self.watched = Rc::default();
            self.lapse = LapseState::default();
            self.checkpoint = None;
        }
        if begins || !was_under_way {
            self.pace = None;
        }
    }

    /// Stores new points, the step and the speed.
    pub fn advance(&mut self, points: Vec<CurvePoint>, step: u64, pace: Pace) {
        Rc::make_mut(&mut self.curves).points.extend(points);
        self.pace = Some(pace);
        if let Some(facts) = self.facts_mut() {
            facts.step = step;
        }
    }

    /// Stores a measurement on the validation images. It replaces one of the same step.
    pub fn validate(&mut self, validation: Validation) {
        let validations = &mut Rc::make_mut(&mut self.curves).validations;
        validations.retain(|known| known.step != validation.step);
        validations.push(validation);
    }

    /// Handles that the worker stopped. Returns a sentence on what that means for the run, if there was one.
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
