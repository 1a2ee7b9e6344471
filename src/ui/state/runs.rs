//! The kept runs that the page knows.

use std::rc::Rc;

use crate::domain::{KeptRun, RunUse, UnreadableFile};

/// The list of the shelf.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsState {
    /// The runs; the one that was kept last comes first.
    pub runs: Rc<Vec<KeptRun>>,
    /// The files that cannot be read.
    pub unreadable: Rc<Vec<UnreadableFile>>,
}

impl RunsState {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.unreadable.is_empty()
    }

    /// The run that was kept last, if it is not finished and can be resumed.
    pub fn unfinished(&self) -> Option<&KeptRun> {
        let newest = self.runs.iter().find(|run| run.usage == RunUse::Free)?;
        (newest.facts.step < newest.facts.steps).then_some(newest)
    }

    /// The runs that exist in the worker's memory only and end with it.
    pub fn in_memory(&self) -> impl Iterator<Item = &KeptRun> {
        self.runs.iter().filter(|run| run.not_kept.is_some())
    }

    /// Removes the runs that existed only in the memory of the worker that stopped.
    pub fn on_death(&mut self) {
        Rc::make_mut(&mut self.runs).retain(|run| run.not_kept.is_none());
    }

    /// Stores the step up to which this page's run is kept, and its last accuracy on validation images.
    pub fn advance(&mut self, step: u64, accuracy: Option<f32>) {
        if let Some(run) = Rc::make_mut(&mut self.runs).iter_mut().find(|run| run.usage == RunUse::Here) {
            (run.facts.step, run.accuracy) = (step, accuracy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RunFacts, RunId, Settings, StartingWeights};

    fn run(step: u64, usage: RunUse) -> KeptRun {
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step,
            steps_per_epoch: 10,
            steps: 20,
        };
        KeptRun {
            id: RunId(step),
            name: None,
            facts,
            accuracy: None,
            tested: None,
            trained_secs: 0.0,
            kept_at_ms: 0,
            size_bytes: 1,
            usage,
            passed_over: None,
            not_kept: None,
        }
    }

    #[test]
    fn the_newest_run_that_nobody_writes_is_offered_unless_it_is_done() {
        let shelf = |runs: Vec<KeptRun>| RunsState { runs: runs.into(), ..RunsState::default() };
        let offered = |runs| shelf(runs).unfinished().map(|run| run.facts.step);
        assert_eq!(offered(vec![run(5, RunUse::Elsewhere), run(3, RunUse::Free), run(2, RunUse::Free)]), Some(3));
        assert_eq!(offered(vec![run(20, RunUse::Free), run(3, RunUse::Free)]), None, "the newest one is done");
        assert_eq!(offered(Vec::new()), None);
    }

    #[test]
    fn a_run_that_could_not_be_kept_is_in_memory_only() {
        let held = KeptRun { not_kept: Some("this device has no room left for it".into()), ..run(4, RunUse::Free) };
        let shelf = RunsState { runs: vec![run(5, RunUse::Free), held].into(), ..RunsState::default() };
        assert_eq!(shelf.in_memory().map(|run| run.facts.step).collect::<Vec<_>>(), [4]);
        let mut after = shelf;
        after.on_death();
        assert_eq!(after.runs.iter().map(|run| run.facts.step).collect::<Vec<_>>(), [5], "it ended with the worker");
    }

    #[test]
    fn what_is_kept_of_this_pages_run_is_counted_on() {
        let mut shelf =
            RunsState { runs: vec![run(3, RunUse::Free), run(4, RunUse::Here)].into(), ..RunsState::default() };
        shelf.advance(9, Some(0.5));
        let shown: Vec<_> = shelf.runs.iter().map(|run| (run.facts.step, run.accuracy)).collect();
        assert_eq!(shown, [(3, None), (9, Some(0.5))]);
    }
}
