//! Keeps a run after each epoch, once a minute, and at its end.

use super::watcher::Watcher;
use crate::{
    checkpoint::{WriteError, write_snapshot},
    engine::host::Host,
    protocol::Event,
    train::Run,
};

impl<H: Host> Watcher<'_, H> {
    /// Keeps the run on this device, or else in memory.
    pub(super) async fn keep(&mut self, run: &Run) {
        let session = &mut *self.session;
        let bytes = match write_snapshot(run, &self.logbook).await {
            Ok(bytes) => bytes,
            // If the device fails, the training loop notices it too.
            Err(WriteError::Device(_)) => return,
            Err(because) => {
                if !std::mem::replace(&mut self.is_unfit_said, true) {
                    let kept = session.runs.kept().map_or("Nothing of it is kept".into(), |facts| {
                        format!("Its state after step {} is still kept", facts.step)
                    });
                    let reason = format!("The run is not kept any more, because {because}. {kept}.");
                    session.host.post(Event::NotCheckpointed { reason });
                }
                self.checkpoint.reset(session.host.now_ms());
                return;
            }
        };
        let facts = self.logbook.facts(&run.settings, run.step);
        let is_first = session.runs.kept().is_none();
        match session.runs.keep(bytes, (facts, &self.logbook)).await {
            Ok(size_bytes) => session.host.post(Event::Checkpointed { step: run.step, size_bytes }),
            Err((because, is_news)) => {
                // Said once, not every minute.
                if is_news {
                    let reason = format!(
                        "The run is not kept on this device, because {because}. It goes on in memory; export it \
                         before you close the page."
                    );
                    session.host.post(Event::NotCheckpointed { reason });
                }
            }
        }
        if is_first {
            session.runs.tell().await;
        }
        self.checkpoint.reset(self.now_ms());
    }
}
