//! Measures a run's network on images that it does not learn from, and lets it answer the watched pictures.

use super::{
    speed::Timer,
    watcher::{WATCH_MS, Watcher},
};
use crate::{
    domain::{Validation, settings::VALIDATION_IMAGES},
    engine::{host::Host, tasks::measuring::NO_TEST_IMAGES},
    infer::{Answers, answer, softmax},
    protocol::{Event, RequestKind, Watched},
    train::Run,
};
use std::ops::ControlFlow;

/// The most of the visitor's pictures that are watched; the newest ones are.
const WATCHED_PICTURES: usize = 24;

/// The least time from one prediction of the watched pictures to the next, as a multiple of the time that it takes.
const WATCH_SHARE: f64 = 25.0;

impl<H: Host> Watcher<'_, H> {
    /// Measures the network on training images that the run does not learn from, if there are any.
    pub(super) async fn validate(&mut self, run: &Run) {
        if self.is_early() {
            return;
        }
        let classifier = self.classifier(run);
        let images = self.images.clone();
        let start = run.settings.train_images.min(images.train().len());
        let range = start..(start + VALIDATION_IMAGES).min(images.train().len());
        if range.is_empty() {
            return;
        }
        let measured = answer(&classifier, images.train(), range, async |_| {
            self.attend(run).await;
            if self.ends.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Ok(Some(Answers { classes, loss, accuracy, .. })) = measured.await {
            let images = classes.len() as u32;
            let validation = Validation { step: run.step, loss: loss as f32, accuracy: accuracy as f32, images };
            self.logbook.history.validations.push(validation);
            self.post(Event::Validated(validation));
        }
    }

    /// Measures the network on all test images.
    pub(super) async fn test(&mut self, run: &Run) {
        let classifier = self.classifier(run);
        let images = self.images.clone();
        let total = images.test().len();
        if total == 0 {
            return self.session.host.refuse(RequestKind::Test, NO_TEST_IMAGES);
        }
        let tell = |done| Event::Testing { done: done as u32, total: total as u32 };
        self.post(tell(0));
        let measured = answer(&classifier, images.test(), 0..total, async |done| {
            self.post(tell(done));
            self.attend(run).await;
            if self.ends.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let measured = measured.await;
        let network = format!("{} after step {}", run.settings.network.title(), run.step);
        if let Some(accuracy) = self.session.tell_tested(network, &images, measured)
            && let Some(id) = self.session.runs.current()
        {
            self.session.runs.note_test(id, run.step, accuracy).await;
        }
    }

    /// Posts the network's current answers to the visitor's pictures and to the strip.
    pub(super) async fn watch(&mut self, run: &Run) {
        let start_ms = self.now_ms();
        let pictures = self.session.pictures.newest(WATCHED_PICTURES);
        let mut seen: Vec<_> = pictures.iter().map(|&(_, seen)| seen).collect();
        seen.extend(self.strip.iter().map(|&index| self.images.test().interleaved(index as usize)));
        if seen.is_empty() {
            return self.watch.reset(start_ms);
        }
        if let Ok(logits) = self.classifier(run).logits(&seen).await {
            let mut probabilities = logits.iter().map(softmax);
            let pictures = pictures.iter().zip(&mut probabilities).map(|(&(id, _), p)| (id, p)).collect();
            let strip: Vec<_> = logits.iter().skip(seen.len() - self.strip.len()).map(softmax).collect();
            let steps = self.facts(run).steps;
            self.logbook.history.film(run.step, steps, &strip);
            self.post(Event::Watched(Watched { step: run.step, pictures, strip }));
        }
        let end_ms = self.now_ms();
        self.watch = Timer::new(WATCH_MS.max(WATCH_SHARE * (end_ms - start_ms)), end_ms);
    }
}
