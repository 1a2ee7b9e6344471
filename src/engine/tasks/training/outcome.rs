//! How a run ends, and which network answers afterwards.

use super::watcher::Watcher;
use crate::{
    domain::{RunFacts, RunId, StartingWeights, WeightsOrigin},
    engine::host::{Host, Message},
    infer::Classifier,
    protocol::{End, Event, Request, RunStatus},
    train::{Diverged, Run, TrainError},
};

/// Why a run stops before its last epoch is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// The visitor stopped it, or asked for something that ends it.
    Asked,
    /// The device has stopped computing.
    DeviceLost,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All epochs are done.
    Completed,
    /// The visitor ended it.
    Stopped,
    /// The loss was no longer a finite number.
    Diverged,
    /// The device has stopped computing.
    DeviceLost,
}

impl Outcome {
    /// The outcome of a training loop that returned `trained`. `ends` is why it was stopped, if it was.
    pub fn new(trained: Result<(), TrainError>, ends: Option<Ends>) -> Self {
        match (trained, ends) {
            (_, Some(Ends::DeviceLost)) | (Err(TrainError::Device(_)), _) => Self::DeviceLost,
            (Err(TrainError::Diverged(Diverged { .. })), _) => Self::Diverged,
            (Ok(()), Some(Ends::Asked)) => Self::Stopped,
            (Ok(()), None) => Self::Completed,
        }
    }
}

impl<H: Host> Watcher<'_, H> {
    /// Tells the page how the run ended, and lets its network answer.
    pub(super) async fn finish(mut self, run: Run, outcome: Outcome) {
        self.send_progress(&run);
        match outcome {
            Outcome::Completed => self.end_with_network(run, End::Completed).await,
            Outcome::Stopped => self.end_with_network(run, End::Stopped).await,
            Outcome::Diverged => {
                let facts = self.facts(&run);
                drop(run);
                self.end_diverged(facts).await;
            }
            Outcome::DeviceLost => self.end_without_device(run).await,
        }
    }

    /// Keeps the run and lets its network answer. If all epochs are done, measures it on the test images.
    async fn end_with_network(mut self, run: Run, how: End) {
        let facts = self.facts(&run);
        let step = run.step;
        // At the end of an epoch it was kept already.
        if step > 0 && !step.is_multiple_of(facts.steps_per_epoch) {
            self.keep(&run).await;
        }
        let classifier = self.classifier(&run);
        drop(run);
        let is_complete = how == End::Completed;
        let ended = self.tell_end(facts, how, Some((step, classifier)));
        let session = self.session;
        // Before the test images are answered, which takes its time.
        session.runs.tell().await;
        if is_complete
            && let Some(accuracy) = session.test().await
            && let Some(id) = ended
        {
            session.runs.note_test(id, step, accuracy).await;
        }
    }

    /// Lets the last network answer whose loss was still a number.
    async fn end_diverged(mut self, facts: RunFacts) {
        let good = self.proven.take();
        let good_step = good.as_ref().map_or(0, |(step, _)| *step);
        let reason = format!(
            "The loss was no longer a number after step {}. The network is as it was after step {good_step}. Lower the \
             learning rates, or lengthen the warm-up, and train again.",
            facts.step
        );
        self.tell_end(facts, End::Diverged { reason }, good);
        self.session.runs.tell().await;
    }

    /// Lets the CPU replace the device. The run continues there from its kept state.
    async fn end_without_device(self, run: Run) {
        let (facts, settings) = (self.facts(&run), run.settings.clone());
        drop(run);
        let (kept, start) = (self.session.runs.kept().map(|kept| kept.step), self.logbook.start);
        let until = match (kept, start) {
            (Some(step), _) => format!(
                "The run is kept up to step {step}, and goes on from there on the CPU. Reload the page to try the GPU again."
            ),
            (None, StartingWeights::Scratch | StartingWeights::Shipped) => {
                "The run had not been kept yet, and begins again on the CPU. Reload the page to try the GPU again."
                    .into()
            }
            // The weights with which it began were lost with the GPU.
            (None, StartingWeights::Current) => "The run had not been kept yet; begin it again.".into(),
        };
        let reason = format!("The GPU was lost after step {}. {until}", facts.step);
        let session = self.session;
        let ended = session.runs.end();
        session.host.post(Event::Run(RunStatus::Ended { facts, how: End::DeviceLost { reason } }));
        if !session.fall_back().await {
            return;
        }
        let goes_on = match (kept, start) {
            (Some(_), _) => Request::Resume { run: ended },
            (None, StartingWeights::Scratch | StartingWeights::Shipped) => Request::Train { settings, start },
            (None, StartingWeights::Current) => return,
        };
        // The visitor's requests from the meantime come first; one of them may start something else.
        session.inbox.put_back(Message { request: goes_on, file: None });
    }

    /// Stops writing the run and tells the page how it ended. The network in `answers`, with its step, answers from now
    /// on. Returns the run's number.
    fn tell_end(&mut self, facts: RunFacts, how: End, answers: Option<(u64, Classifier)>) -> Option<RunId> {
        let session = &mut *self.session;
        let id = session.runs.end();
        if let (Some(predictor), Some((step, classifier))) = (&mut session.predictor, answers) {
            predictor.use_network(classifier, WeightsOrigin::Trained { step });
        }
        session.host.post(Event::Run(RunStatus::Ended { facts, how }));
        session.tell_network();
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_and_a_loss_that_is_no_number_come_before_the_visitors_wish() {
        let diverged = || Err(TrainError::Diverged(Diverged { step: 3 }));
        assert_eq!(Outcome::new(Ok(()), None), Outcome::Completed);
        assert_eq!(Outcome::new(Ok(()), Some(Ends::Asked)), Outcome::Stopped);
        assert_eq!(Outcome::new(diverged(), Some(Ends::Asked)), Outcome::Diverged);
        assert_eq!(Outcome::new(diverged(), Some(Ends::DeviceLost)), Outcome::DeviceLost);
        assert_eq!(Outcome::new(Ok(()), Some(Ends::DeviceLost)), Outcome::DeviceLost);
    }
}
