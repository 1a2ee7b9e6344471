//! The comparison of kept runs: the table's order, the runs whose curves are drawn, and the curves that are loaded.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::{History, KeptRun, RunId, RunUse, order::sorted};
use crate::ui::view::View;

use super::{Phase, State};

/// The most runs whose curves are drawn. With more, their hues could not be told apart.
pub const DRAWN_RUNS: usize = 6;

/// The column that the table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The run's name.
    Name,
    /// The accuracy on the validation images.
    Validation,
    /// The accuracy on the test images.
    Test,
    /// The epochs that are done.
    Epochs,
    /// The time at which it was kept.
    #[default]
    Kept,
}

/// A change to the comparison, by the visitor or by the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Draw the curves of this run, or remove them.
    Chosen(RunId),
    /// Sort the table by this column; in the other order if it is sorted by it already.
    Sorted(Column),
    /// The worker was asked for the curves of this run, which is kept up to this step.
    Asked(RunId, u64),
}

/// The state of the comparison of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompareState {
    /// The runs whose curves are drawn, in the order in which they were chosen.
    chosen: Vec<RunId>,
    /// The curves by run, each with the step up to which it goes.
    curves: HashMap<RunId, (u64, Rc<History>)>,
    /// The curves that the worker was asked for and has not sent yet.
    asked: Option<(RunId, u64)>,
    /// The column that the table is sorted by.
    pub column: Column,
    /// Whether the lowest value comes first.
    pub is_ascending: bool,
}

impl CompareState {
    /// The place of `run` among the drawn runs, if it is one of them.
    pub fn place(&self, run: RunId) -> Option<usize> {
        self.chosen.iter().position(|&chosen| chosen == run)
    }

    /// Whether no further run can be drawn.
    pub fn is_full(&self) -> bool {
        self.chosen.len() >= DRAWN_RUNS
    }

    /// The drawn runs, each with its curves if they are loaded.
    pub fn drawn(&self) -> impl Iterator<Item = (RunId, Option<&Rc<History>>)> {
        self.chosen.iter().map(|id| (*id, self.curves.get(id).map(|(_, curves)| curves)))
    }

    pub(super) fn change(&mut self, change: Beside) {
        match change {
            Beside::Chosen(run) => match self.place(run) {
                Some(place) => {
                    self.chosen.remove(place);
                }
                None if self.is_full() => {}
                None => {
                    self.chosen.push(run);
                    // Curves that could not be read are asked for again.
                    self.curves.retain(|id, (_, curves)| *id != run || !curves.points.is_empty());
                }
            },
            Beside::Sorted(column) if self.column == column => self.is_ascending = !self.is_ascending,
            // A new column starts with the first name or with the highest figure.
            Beside::Sorted(column) => (self.column, self.is_ascending) = (column, column == Column::Name),
            Beside::Asked(run, step) => self.asked = Some((run, step)),
        }
    }

    pub(super) fn take(&mut self, run: RunId, history: History) {
        if let Some((_, step)) = self.asked.take_if(|(asked, _)| *asked == run) {
            self.curves.insert(run, (step, Rc::new(history)));
        }
    }

    /// Handles that the worker cannot give the curves that it was asked for: that run is no longer drawn, and has no
    /// curves for a task either.
    pub(super) fn give_up(&mut self) {
        if let Some((run, step)) = self.asked.take() {
            self.chosen.retain(|&chosen| chosen != run);
            self.curves.insert(run, (step, Rc::default()));
        }
    }

    /// The curves of `run`, if they are loaded.
    pub(super) fn known(&self, run: RunId) -> Option<&History> {
        self.curves.get(&run).map(|(_, curves)| &**curves)
    }

    /// Forgets all runs that are not in `runs`.
    pub(super) fn keep_only(&mut self, runs: &[KeptRun]) {
        self.chosen.retain(|id| runs.iter().any(|run| run.id == *id));
        self.curves.retain(|id, _| runs.iter().any(|run| run.id == *id));
    }

    pub(super) fn doubt(&mut self) {
        self.asked = None;
    }

    /// The runs in the table's order.
    pub fn sorted<'a>(&self, runs: &'a [KeptRun]) -> Vec<&'a KeptRun> {
        let figure = |a: Option<f32>, b: Option<f32>| a.partial_cmp(&b).unwrap_or(Ordering::Equal);
        sorted(runs.iter().collect(), |a, b| {
            let ordering = match self.column {
                Column::Name => title(a).to_ascii_lowercase().cmp(&title(b).to_ascii_lowercase()),
                Column::Validation => figure(a.accuracy, b.accuracy),
                Column::Test => figure(tested(a), tested(b)),
                Column::Epochs => figure(Some(epochs(a)), Some(epochs(b))),
                Column::Kept => a.kept_at_ms.cmp(&b.kept_at_ms),
            };
            if self.is_ascending { ordering } else { ordering.reverse() }
        })
    }
}

/// The name that is shown for a run.
pub fn title(run: &KeptRun) -> String {
    run.name.clone().unwrap_or_else(|| run.facts.settings.network.title().into())
}

/// The accuracy on the test images, if the run was tested at its last step.
pub fn tested(run: &KeptRun) -> Option<f32> {
    run.tested.filter(|(step, _)| *step == run.facts.step).map(|(_, share)| share)
}

/// The epochs that a run has done.
pub fn epochs(run: &KeptRun) -> f32 {
    run.facts.step as f32 / run.facts.steps_per_epoch.max(1) as f32
}

impl State {
    /// The run whose curves the page asks the worker for next, and the step up to which it is kept. The page asks for
    /// one run at a time, and for none while neither the comparison nor a task that needs them is in view.
    pub fn to_draw(&self) -> Option<(RunId, u64)> {
        if self.phase != Phase::Ready || self.compare.asked.is_some() {
            return None;
        }
        let run = |id: &RunId| self.runs.runs.iter().find(|run| run.id == *id);
        let wanted: Vec<_> = match self.view {
            View::Runs => self.compare.chosen.iter().filter_map(run).collect(),
            View::Learn => self.to_see().collect(),
            View::Look | View::About => Vec::new(),
        };
        wanted.into_iter().find_map(|run| {
            let known = self.compare.curves.get(&run.id).map(|(step, _)| *step);
            // The curves of a run in progress are read once, not again each time that the run is kept.
            let is_known = if run.usage == RunUse::Free { known == Some(run.facts.step) } else { known.is_some() };
            (!is_known).then_some((run.id, run.facts.step))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::state::{Action, reduce};
    use crate::{
        domain::{DeviceReport, NetworkName, NetworkSummary, RunFacts, Settings, Spec, StartingWeights, WeightsOrigin},
        protocol::Event,
    };

    fn run(id: u64, step: u64, accuracy: Option<f32>, name: &str) -> KeptRun {
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step,
            steps_per_epoch: 10,
            steps: 20,
        };
        KeptRun {
            id: RunId(id),
            name: Some(name.into()),
            facts,
            accuracy,
            tested: None,
            kept_at_ms: id,
            size_bytes: 1,
            usage: RunUse::Free,
            trained_secs: 0.0,
            passed_over: None,
            not_kept: None,
        }
    }

    fn runs() -> Vec<KeptRun> {
        vec![run(3, 5, Some(0.3), "wide"), run(2, 20, None, "Narrow"), run(1, 10, Some(0.5), "deep")]
    }

    fn shown() -> State {
        let device = DeviceReport::Cpu { because: String::new() };
        let (name, weights) = (NetworkName::Cui2017, WeightsOrigin::Trained { step: 3 });
        let network =
            NetworkSummary { name, title: String::new(), parameters: 1, layers: Spec::shipped(name), weights };
        let state = heard(&State::default(), Event::Ready { device, network });
        let state = heard(&state, Event::Runs { runs: runs(), unreadable: Vec::new() });
        reduce(&state, Action::Went(View::Runs))
    }

    fn heard(state: &State, event: Event) -> State {
        reduce(state, Action::Heard { event, at_ms: 0.0 })
    }

    fn beside(state: &State, change: Beside) -> State {
        reduce(state, Action::Beside(change))
    }

    fn names(state: &CompareState) -> Vec<String> {
        state.sorted(&runs()).into_iter().map(title).collect()
    }

    #[test]
    fn the_table_is_sorted_by_any_column_and_the_other_way_round_by_a_second_click() {
        let mut state = CompareState::default();
        assert_eq!(names(&state), ["wide", "Narrow", "deep"], "the one that was kept last first");
        state.change(Beside::Sorted(Column::Name));
        assert_eq!(names(&state), ["deep", "Narrow", "wide"]);
        state.change(Beside::Sorted(Column::Validation));
        assert_eq!(names(&state), ["deep", "wide", "Narrow"], "what nobody measured comes last");
        state.change(Beside::Sorted(Column::Validation));
        assert_eq!(names(&state), ["Narrow", "wide", "deep"]);
        state.change(Beside::Sorted(Column::Epochs));
        assert_eq!(names(&state), ["Narrow", "deep", "wide"]);
    }

    #[test]
    fn curves_are_asked_for_one_after_the_other_and_again_once_the_run_has_gone_on() {
        let mut state = beside(&shown(), Beside::Chosen(RunId(1)));
        state = beside(&state, Beside::Chosen(RunId(3)));
        assert_eq!(state.to_draw(), Some((RunId(1), 10)));
        state = beside(&state, Beside::Asked(RunId(1), 10));
        assert_eq!(state.to_draw(), None, "one at a time");
        state = heard(&state, Event::Curves { run: RunId(1), history: History::default() });
        assert_eq!(state.to_draw(), Some((RunId(3), 5)));
        assert_eq!(reduce(&state, Action::Went(View::Look)).to_draw(), None);
        let mut later = runs();
        later[2].facts.step = 12;
        state = heard(&state, Event::Runs { runs: later, unreadable: Vec::new() });
        assert_eq!(state.to_draw(), Some((RunId(1), 12)));
        state = beside(&state, Beside::Chosen(RunId(1)));
        assert_eq!(state.compare.drawn().map(|(id, _)| id).collect::<Vec<_>>(), [RunId(3)]);
    }

    #[test]
    fn a_run_whose_curves_cannot_be_read_or_that_is_gone_is_drawn_no_more() {
        use crate::protocol::RequestKind;
        let chosen = beside(&beside(&shown(), Beside::Chosen(RunId(1))), Beside::Chosen(RunId(2)));
        let asked = beside(&chosen, Beside::Asked(RunId(1), 10));
        let refused = heard(&asked, Event::NotDone { asked: RequestKind::Curves, reason: "It is damaged.".into() });
        assert_eq!(refused.compare.place(RunId(1)), None);
        assert_eq!(refused.to_draw(), Some((RunId(2), 20)));
        let gone = heard(&refused, Event::Runs { runs: vec![runs().remove(0)], unreadable: Vec::new() });
        assert_eq!((gone.compare.place(RunId(2)), gone.to_draw()), (None, None));
    }
}
