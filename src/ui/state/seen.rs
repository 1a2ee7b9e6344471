//! The runs that the guided tasks are checked from: the run here, and the kept ones.

use crate::domain::{KeptRun, RunUse};
use crate::protocol::{End, RunStatus};
use crate::ui::tasks::Seen;

use super::State;

/// The most kept runs whose curves are read for a task. Each is a file of many megabytes.
const READ_RUNS: usize = 4;

impl State {
    /// What is known of all runs: the run here first, then the kept ones from the newest on.
    pub fn seen(&self) -> Vec<Seen<'_>> {
        let training = &self.training;
        let here = training.facts().map(|facts| Seen {
            facts,
            curves: Some(&training.curves),
            accuracy: training.last_validation().map(|validation| validation.accuracy),
            has_diverged: matches!(training.status, RunStatus::Ended { how: End::Diverged { .. }, .. }),
        });
        let kept = self.runs.runs.iter().filter(|run| run.usage != RunUse::Here).map(|run| Seen {
            facts: &run.facts,
            curves: self.compare.known(run.id),
            accuracy: run.accuracy,
            has_diverged: false,
        });
        here.into_iter().chain(kept).collect()
    }

    /// The kept runs whose curves the task that is shown needs.
    pub(super) fn to_see(&self) -> impl Iterator<Item = &KeptRun> {
        let needs = |run: &&KeptRun| self.task.is_some_and(|task| task.needs_curves(&run.facts));
        self.runs.runs.iter().filter(|run| run.usage == RunUse::Free).filter(needs).take(READ_RUNS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        CurvePoint, DeviceReport, History, NetworkName, NetworkSummary, RunFacts, RunId, Settings, Spec,
        StartingWeights, Validation, WeightsOrigin,
    };
    use crate::protocol::{Event, RequestKind};
    use crate::ui::state::{Action, Beside, reduce};
    use crate::ui::tasks::Task;
    use crate::ui::view::View;

    fn heard(state: &State, event: Event) -> State {
        reduce(state, Action::Heard { event, at_ms: 0.0 })
    }

    fn facts(settings: Settings) -> RunFacts {
        RunFacts { settings, start: StartingWeights::Scratch, step: 300, steps_per_epoch: 25, steps: 300 }
    }

    fn kept(id: u64, settings: Settings) -> KeptRun {
        KeptRun {
            id: RunId(id),
            name: None,
            facts: facts(settings),
            accuracy: Some(0.36),
            tested: None,
            trained_secs: 0.0,
            kept_at_ms: 0,
            size_bytes: 1,
            usage: RunUse::Free,
            passed_over: None,
            not_kept: None,
        }
    }

    fn by_heart() -> History {
        let points = vec![CurvePoint { step: 300, loss: 0.2, accuracy: 0.97 }];
        let validations = vec![Validation { step: 300, loss: 4.0, accuracy: 0.36, images: 5_000 }];
        History { points, validations, ..History::default() }
    }

    /// A page after a reload: a kept run that overfits, another one with all images, and the first task open.
    fn reloaded() -> State {
        let device = DeviceReport::Cpu { because: String::new() };
        let (name, weights) = (NetworkName::Cui2017, WeightsOrigin::Trained { step: 3 });
        let network =
            NetworkSummary { name, title: String::new(), parameters: 1, layers: Spec::shipped(name), weights };
        let state = heard(&State::default(), Event::Ready { device, network });
        let runs = vec![kept(2, name.page_settings()), kept(1, Task::Overfit.settings())];
        let state = heard(&state, Event::Runs { runs, unreadable: Vec::new() });
        let state = reduce(&state, Action::Went(View::Learn));
        assert_eq!(state.to_draw(), None, "nothing is read before a task is opened");
        reduce(&state, Action::TaskOpened(Some(Task::Overfit)))
    }

    #[test]
    fn after_a_reload_a_task_is_checked_from_the_curves_of_the_kept_runs_that_it_is_about() {
        let state = reloaded();
        assert_eq!(Task::Overfit.check(&state.seen()).0, [true, false, false]);
        assert_eq!(state.to_draw(), Some((RunId(1), 300)));
        let asked = reduce(&state, Action::Beside(Beside::Asked(RunId(1), 300)));
        let known = heard(&asked, Event::Curves { run: RunId(1), history: by_heart() });
        assert_eq!(Task::Overfit.check(&known.seen()).0, [true; 3]);
        assert_eq!(known.to_draw(), None);
        assert_eq!(known.compare.drawn().count(), 0, "no curve is drawn for that");
    }

    #[test]
    fn curves_that_cannot_be_read_are_asked_for_once() {
        let asked = reduce(&reloaded(), Action::Beside(Beside::Asked(RunId(1), 300)));
        let refused = heard(&asked, Event::NotDone { asked: RequestKind::Curves, reason: "It is damaged.".into() });
        assert_eq!(refused.to_draw(), None);
        // Who chooses the run in the comparison asks for them again.
        let chosen = reduce(&reduce(&refused, Action::Went(View::Runs)), Action::Beside(Beside::Chosen(RunId(1))));
        assert_eq!(chosen.to_draw(), Some((RunId(1), 300)));
    }

    #[test]
    fn the_run_here_counts_with_its_own_curves_and_diverges_by_its_end() {
        let mut state = State::default();
        let diverged = End::Diverged { reason: "The loss was no longer a number.".into() };
        let ended = RunStatus::Ended { facts: facts(Task::Rate.settings()), how: diverged };
        state = heard(&state, Event::Run(ended));
        state.training.validate(Validation { step: 300, loss: 4.0, accuracy: 0.36, images: 5_000 });
        let seen = state.seen();
        assert_eq!((seen.len(), seen[0].accuracy, seen[0].has_diverged), (1, Some(0.36), true));
        assert_eq!(seen[0].curves.map(|curves| curves.validations.len()), Some(1));
    }
}
