//! Kept runs beside each other: how the table is sorted, whose curves are drawn, and what is known of these.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::{History, KeptRun, RunId, RunUse, order::sorted};
use crate::ui::view::View;

use super::{Phase, State};

/// Most runs whose curves are drawn: more hues could not be told apart.
pub const DRAWN_RUNS: usize = 6;

/// What the table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// What the run is called.
    Name,
    /// Its share of right answers on validation images.
    Validation,
    /// The same on the test images.
    Test,
    /// Epochs made.
    Epochs,
    /// When it was kept.
    #[default]
    Kept,
}

/// What the visitor, or the page for the visitor, changes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The curves of this run are drawn, or no more.
    Chosen(RunId),
    /// The table is sorted by this column; the other way round where it is already.
    Sorted(Column),
    /// The worker was asked for the curves of this run, which is kept up to this step.
    Asked(RunId, u64),
}

/// Everything about the comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompareState {
    /// The runs whose curves are drawn, in the order in which they were chosen.
    chosen: Vec<RunId>,
    /// Their curves, and the step up to which they go.
    curves: HashMap<RunId, (u64, Rc<History>)>,
    /// What the worker was asked for and has not answered.
    asked: Option<(RunId, u64)>,
    /// What the table is sorted by.
    pub column: Column,
    /// Whether the lowest comes first.
    pub is_ascending: bool,
}

impl CompareState {
    /// Which of the drawn runs this is, if it is one.
    pub fn place(&self, run: RunId) -> Option<usize> {
        self.chosen.iter().position(|&chosen| chosen == run)
    }

    /// Whether no more runs can be drawn.
    pub fn is_full(&self) -> bool {
        self.chosen.len() >= DRAWN_RUNS
    }

    /// The runs that are drawn and their curves, as far as they are known.
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
                None => self.chosen.push(run),
            },
            Beside::Sorted(column) if self.column == column => self.is_ascending = !self.is_ascending,
            // Names are looked up from the first on, figures from the best.
            Beside::Sorted(column) => (self.column, self.is_ascending) = (column, column == Column::Name),
            Beside::Asked(run, step) => self.asked = Some((run, step)),
        }
    }

    pub(super) fn take(&mut self, run: RunId, history: History) {
        if let Some((_, step)) = self.asked.take_if(|(asked, _)| *asked == run) {
            self.curves.insert(run, (step, Rc::new(history)));
        }
    }

    /// Takes in that the worker cannot give the curves that it was asked for: that run is drawn no more.
    pub(super) fn give_up(&mut self) {
        if let Some((run, _)) = self.asked.take() {
            self.chosen.retain(|&chosen| chosen != run);
        }
    }

    /// Takes in which runs there are now, and that another worker was asked nothing yet.
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

/// What a run is called.
pub fn title(run: &KeptRun) -> String {
    run.name.clone().unwrap_or_else(|| run.facts.settings.network.title().into())
}

/// Its network's share of right answers on the test images, if it is known.
pub fn tested(run: &KeptRun) -> Option<f32> {
    run.tested.filter(|(step, _)| *step == run.facts.step).map(|(_, share)| share)
}

/// How many epochs it has made.
pub fn epochs(run: &KeptRun) -> f32 {
    run.facts.step as f32 / run.facts.steps_per_epoch.max(1) as f32
}

impl State {
    /// The run whose curves the worker is to be asked for next, and up to which step it is kept: one at a time, and none while
    /// they are out of view.
    pub fn to_draw(&self) -> Option<(RunId, u64)> {
        if self.phase != Phase::Ready || self.view != View::Runs || self.compare.asked.is_some() {
            return None;
        }
        let run = |id: &RunId| self.runs.runs.iter().find(|run| run.id == *id);
        self.compare.chosen.iter().filter_map(run).find_map(|run| {
            let known = self.compare.curves.get(&run.id).map(|(step, _)| *step);
            // A run that goes on is read once, not after each time that it is kept.
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
