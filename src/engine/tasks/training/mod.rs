//! Begins, resumes and carries on a run.
//!
//! [`watcher`] stands between the training loop and the page. It [measures](measuring), [times](speed),
//! [keeps](keeping) and [ends](outcome) the run. [`trust`] checks a GPU before its first run.

mod keeping;
mod measuring;
mod outcome;
mod speed;
mod trust;
mod watcher;

use crate::{
    checkpoint::{Logbook, read_snapshot, snapshot::read_facts},
    data::{Collection, Normalisation},
    domain::{History, NetworkName, RunId, Settings, StartingWeights, WeightsOrigin},
    engine::{host::Host, runs::Taken, session::Session},
    protocol::{Event, RequestKind, RunStatus},
    train::{Run, batches::View, train},
};
use outcome::Outcome;
use std::rc::Rc;
use watcher::Watcher;

/// A run with its logbook.
struct ActiveRun {
    run: Run,
    logbook: Logbook,
}

impl<H: Host> Session<H> {
    /// Begins a run from `start`, and carries it on to its end.
    pub(in crate::engine) async fn begin_run(&mut self, settings: Settings, start: StartingWeights) {
        if let Err(error) = settings.check() {
            return self.host.refuse(RequestKind::Train, format!("The run cannot begin: {error}."));
        }
        let Some(predictor) = &self.predictor else {
            return self.host.refuse(RequestKind::Train, "There is no network to train yet.");
        };
        if start == StartingWeights::Shipped && settings.network == NetworkName::Own {
            let reason = "A network of your own comes with no weights: start the run from scratch.";
            return self.host.refuse(RequestKind::Train, reason);
        }
        let is_another =
            || predictor.network() != settings.network || predictor.classifier().network().spec() != settings.spec();
        if start == StartingWeights::Current && settings.network == NetworkName::Own && is_another() {
            let reason = "The current weights are those of another network: start the run from scratch.";
            return self.host.refuse(RequestKind::Train, reason);
        }
        if start == StartingWeights::Current && predictor.network() != settings.network {
            return self.host.refuse(RequestKind::Train, format!(
                "The current weights are those of {}, and the run is of {}: start it from scratch or from the shipped \
                 weights.",
                predictor.network().title(),
                settings.network.title()
            ));
        }
        let (images, image_count) = match self.data_set.load_to_train().await {
            Ok((images, total)) if images.is_trainable() || images.train().len() < total => (images, total),
            Ok((images, _)) => {
                return self
                    .host
                    .refuse(RequestKind::Train, format!("Training needs {} too; drop it here.", images.missing()));
            }
            Err(reason) => return self.data_set.refuse(RequestKind::Train, reason),
        };
        if settings.steps_per_epoch(image_count) == 0 {
            return self.host.refuse(
                RequestKind::Train,
                format!("A batch of {} is more than all training images.", settings.batch_size),
            );
        }
        if let Err(reason) = self.switch_to(settings.network).await {
            return self.host.refuse(RequestKind::Train, format!("The run cannot begin. {reason}"));
        }
        if let Err(reason) = self.trust_training(&settings).await {
            return self.host.refuse(RequestKind::Train, format!("The run cannot begin. {reason}"));
        }
        let predictor = self.predictor.as_ref().expect("it was there, or another has taken its place");
        let (device, classifier) = match start {
            StartingWeights::Scratch => (predictor.device().clone(), None),
            StartingWeights::Shipped => (predictor.device().clone(), Some(predictor.shipped().clone())),
            StartingWeights::Current => (predictor.device().clone(), Some(predictor.classifier().clone())),
        };
        let (run, normalisation) = match classifier {
            None => (Run::new(settings, &device), Normalisation::of(images.train())),
            // The run keeps the normalisation with which the weights were trained.
            Some(classifier) => {
                (Run::from_network(classifier.network().clone().train(), settings), classifier.normalisation())
            }
        };
        if let Err(error) = run.check_batch() {
            return self.host.refuse(RequestKind::Train, format!("The run cannot begin: {error}."));
        }
        let is_whole = images.train().len() == image_count;
        let image_digest = is_whole.then(|| self.data_set.train_digest(&images));
        let logbook = Logbook { start, normalisation, image_count, image_digest, history: History::default() };
        self.runs.begin().await;
        self.go_on(ActiveRun { run, logbook }, images).await;
    }

    /// Resumes run `id`, from the shelf or from memory.
    pub(in crate::engine) async fn resume(&mut self, id: RunId) {
        if self.predictor.is_none() {
            return self.host.refuse(RequestKind::Resume, "There is no network to train yet.");
        }
        let Taken { bytes, passed_over } = match self.runs.take_up(id).await {
            Ok(taken) => taken,
            Err(because) => {
                return self.host.refuse(RequestKind::Resume, format!("The run cannot be resumed: {because}."));
            }
        };
        match self.ready_to_resume(&bytes).await {
            Ok((active, images)) => {
                drop(bytes);
                if let Some(why) = passed_over {
                    let step = active.run.step;
                    let sentence = format!(
                        "Another copy of the run, perhaps a newer one, cannot be used: {why}. The run goes on from step {step}."
                    );
                    self.host.notice(sentence);
                }
                self.go_on(active, images).await;
            }
            Err(reason) => {
                self.runs.end();
                self.data_set.refuse(RequestKind::Resume, reason);
            }
        }
    }

    /// The run in `bytes`, and the images on which it continues.
    ///
    /// # Errors
    /// If it cannot be continued now: a sentence.
    async fn ready_to_resume(&mut self, bytes: &[u8]) -> Result<(ActiveRun, Rc<Collection>), String> {
        let cannot = |why: String| format!("The run cannot be resumed: {why}.");
        let (facts, _) = read_facts(bytes).map_err(|error| cannot(error.to_string()))?;
        let yet = |reason: String| format!("The run cannot be resumed yet. {reason}");
        let (images, found) = self.data_set.load_to_train().await.map_err(yet)?;
        self.switch_to(facts.settings.network).await.map_err(yet)?;
        self.trust_training(&facts.settings).await.map_err(yet)?;
        let device = self.predictor.as_ref().expect("it was there, or another has taken its place").device();
        let (run, mut logbook) = read_snapshot(bytes, device).map_err(|error| cannot(error.to_string()))?;
        run.check_batch().map_err(|error| cannot(error.to_string()))?;
        if found != logbook.image_count {
            return Err(format!(
                "The run was trained on {} training images, and {found} are here. Fetch the same images again, or train \
                 a new run on these.",
                logbook.image_count
            ));
        }
        let is_whole = images.train().len() == found;
        if !is_whole && logbook.history.early_steps < run.step {
            return Err("The run cannot be resumed yet: its images are still arriving.".into());
        }
        let digest = is_whole.then(|| self.data_set.train_digest(&images));
        if logbook.history.early_steps == run.step {
            // Until now, the run has learnt from the first training batch only. It goes on with these images.
            logbook.image_digest.clone_from(&digest);
        }
        if logbook.image_digest.is_some() && logbook.image_digest != digest {
            return Err(
                "The run was trained on other images than those here, although their number is the same. Add the images \
                 of the run again, or train a new run on these."
                    .into(),
            );
        }
        Ok((ActiveRun { run, logbook }, images))
    }

    /// Tells the page that the network of `run` answers, as it is after its last step.
    fn tell_training(&self, run: &Run) {
        if let Some(predictor) = &self.predictor {
            let weights = WeightsOrigin::Trained { step: run.step };
            self.host.post(Event::Answering { network: predictor.summary_of(run.network(), weights) });
        }
    }

    /// Carries `active` on to its end, or until the visitor ends it.
    async fn go_on(&mut self, active: ActiveRun, images: Rc<Collection>) {
        let ActiveRun { mut run, logbook } = active;
        let (normalisation, total) = (logbook.normalisation, logbook.image_count);
        let mut watcher = Watcher::new(self, images, logbook);
        watcher.show_strip(&run);
        watcher.post(Event::History(watcher.logbook.history.clone()));
        watcher.post(Event::Run(RunStatus::Running(watcher.facts(&run))));
        watcher.session.tell_training(&run);
        let trained = loop {
            watcher.has_grown = false;
            let images = watcher.images.clone();
            let view = View { total, ..images.train().into() };
            let trained = train(&mut run, &[view], &normalisation, &mut watcher).await;
            // If the other images have arrived meanwhile, the run goes on with all of them.
            if !(watcher.has_grown && watcher.ends.is_none() && trained.is_ok()) {
                break trained;
            }
        };
        let outcome = Outcome::new(trained, watcher.ends);
        watcher.finish(run, outcome).await;
    }
}
