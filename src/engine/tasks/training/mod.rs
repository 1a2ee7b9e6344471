//! A run in the worker: begun, resumed, watched, kept, and ended.

use super::{
    host::{Host, Message},
    library::pick,
    runs::Taken,
    session::{NO_TEST_IMAGES, Session},
    shipped::NotOpened,
};
use crate::{
    checkpoint::{Logbook, WriteError, read_snapshot, snapshot::read_facts, write_snapshot},
    data::{Collection, Normalisation, deal::deal},
    infer::{Answers, Classifier, answer, softmax},
    protocol::{
        CurvePoint, DeviceChoice, End, Event, History, NetworkName, Request, RequestKind, RunFacts, RunId, RunStatus,
        Settings, Start, Validation, Watched, Weights,
    },
    train::{Control, Diverged, Progress, Run, Sink, TrainError, train},
};
use std::{collections::VecDeque, ops::ControlFlow, rc::Rc};

/// Most images that a run is validated on.
const VALIDATION_IMAGES: usize = 5_000;

/// Test images of each class that are watched during a run.
const STRIP_PER_CLASS: usize = 2;

/// Most of the visitor's pictures that are watched, the newest ones.
const WATCHED_PICTURES: usize = 24;

/// Time between two checkpoints within an epoch.
const CHECKPOINT_MS: f64 = 60_000.0;

/// Least time between two messages with points of the curves.
const PROGRESS_MS: f64 = 100.0;

/// Least time between two predictions of what is watched.
const WATCH_MS: f64 = 1_000.0;

/// Most of a run's time that these predictions may take: one part in so many.
const WATCH_SHARE: f64 = 25.0;

/// Most time without looking for messages; looking takes part of a millisecond.
const BREATH_MS: f64 = 8.0;

/// A step that takes so many times the mean of those before, and [`FROZEN_MS`] at least, was interrupted: the computer
/// slept, or the browser froze a hidden page.
const FROZEN_TIMES: f64 = 20.0;

/// Least duration of a step that was interrupted.
const FROZEN_MS: f64 = 10_000.0;

/// Steps that the speed is a mean over.
const SPEED_STEPS: usize = 30;

/// A run and what belongs to it.
pub(super) struct ActiveRun {
    pub run: Run,
    pub logbook: Logbook,
}

impl<H: Host> Session<H> {
    /// Begins a run from `start` and carries it on to its end.
    pub(super) async fn train_anew(&mut self, settings: Settings, start: Start) {
        if let Err(error) = settings.check() {
            return self.refuse(RequestKind::Train, format!("The run cannot begin: {error}."));
        }
        let Some(engine) = &self.engine else {
            return self.refuse(RequestKind::Train, "There is no network to train yet.");
        };
        if start == Start::Shipped && settings.network == NetworkName::Own {
            let reason = "A network of your own comes with no weights: start the run from scratch.";
            return self.refuse(RequestKind::Train, reason);
        }
        let is_another =
            || engine.network() != settings.network || engine.classifier().network().spec() != settings.spec();
        if start == Start::Current && settings.network == NetworkName::Own && is_another() {
            let reason = "The current weights are those of another network: start the run from scratch.";
            return self.refuse(RequestKind::Train, reason);
        }
        if start == Start::Current && engine.network() != settings.network {
            return self.refuse(RequestKind::Train, format!(
                "The current weights are those of {}, and the run is of {}: start it from scratch or from the shipped \
                 weights.",
                engine.network().title(),
                settings.network.title()
            ));
        }
        let images = match self.library.load(&*self.host).await {
            Ok(images) if images.is_trainable() => images,
            Ok(images) => {
                return self
                    .refuse(RequestKind::Train, format!("Training needs {} too; drop it here.", images.missing()));
            }
            Err(reason) => return self.refuse_without_images(RequestKind::Train, reason),
        };
        let image_count = images.train().len();
        if settings.steps_per_epoch(image_count) == 0 {
            return self.refuse(
                RequestKind::Train,
                format!("A batch of {} is more than all training images.", settings.batch_size),
            );
        }
        if let Err(reason) = self.switch_to(settings.network).await {
            return self.refuse(RequestKind::Train, format!("The run cannot begin. {reason}"));
        }
        if let Err(reason) = self.trust_training(&settings).await {
            return self.refuse(RequestKind::Train, format!("The run cannot begin. {reason}"));
        }
        let engine = self.engine.as_ref().expect("it was there, or another has taken its place");
        let (device, classifier) = match start {
            Start::Scratch => (engine.device().clone(), None),
            Start::Shipped => (engine.device().clone(), Some(engine.shipped().clone())),
            Start::Current => (engine.device().clone(), Some(engine.classifier().clone())),
        };
        let (run, normalisation) = match classifier {
            None => (Run::new(settings, &device), Normalisation::of(images.train())),
            // It goes on with what its images were normalised with before.
            Some(classifier) => {
                (Run::from_network(classifier.network().clone().train(), settings), classifier.normalisation())
            }
        };
        let image_digest = Some(self.library.train_digest(&images));
        let logbook = Logbook { start, normalisation, image_count, image_digest, history: History::default() };
        self.runs.begin(&*self.host).await;
        self.go_on(ActiveRun { run, logbook }, images).await;
    }

    /// Takes up run `id`, from the shelf or from memory.
    pub(super) async fn resume(&mut self, id: RunId) {
        if self.engine.is_none() {
            return self.refuse(RequestKind::Resume, "There is no network to train yet.");
        }
        let Taken { bytes, passed_over } = match self.runs.take_up(&*self.host, id).await {
            Ok(taken) => taken,
            Err(because) => {
                return self.refuse(RequestKind::Resume, format!("The run cannot be resumed: {because}."));
            }
        };
        match self.ready_to_resume(&bytes).await {
            Ok((active, images)) => {
                drop(bytes);
                if let Some(why) = passed_over {
                    let step = active.run.step;
                    let sentence = format!(
                        "A copy of the run that may have been newer was passed over: {why}. It goes on from step {step}."
                    );
                    self.host.post(Event::Notice { sentence });
                }
                self.go_on(active, images).await;
            }
            Err(reason) => {
                self.runs.end();
                self.refuse_without_images(RequestKind::Resume, reason);
            }
        }
    }

    /// The run in `bytes`, and the images that it goes on with.
    ///
    /// # Errors
    /// If it cannot go on here and now: a sentence.
    async fn ready_to_resume(&mut self, bytes: &[u8]) -> Result<(ActiveRun, Rc<Collection>), String> {
        let cannot = |why: String| format!("The run cannot be resumed: {why}.");
        let (facts, _) = read_facts(bytes).map_err(|error| cannot(error.to_string()))?;
        let yet = |reason: String| format!("The run cannot be resumed yet. {reason}");
        let images = self.library.load(&*self.host).await.map_err(yet)?;
        self.switch_to(facts.settings.network).await.map_err(yet)?;
        self.trust_training(&facts.settings).await.map_err(yet)?;
        let device = self.engine.as_ref().expect("it was there, or another has taken its place").device();
        let (run, logbook) = read_snapshot(bytes, device).map_err(|error| cannot(error.to_string()))?;
        let found = images.train().len();
        if found != logbook.image_count {
            return Err(format!(
                "The run was trained on {} training images, and {found} are here. Fetch the same images again, or train \
                 a new run on these.",
                logbook.image_count
            ));
        }
        let is_other = |digest: &String| *digest != self.library.train_digest(&images);
        if logbook.image_digest.as_ref().is_some_and(is_other) {
            return Err(
                "The run was trained on other images than those that are here, though on as many. Bring the same images \
                 again, or train a new run on these."
                    .into(),
            );
        }
        Ok((ActiveRun { run, logbook }, images))
    }

    /// Says that the network of `run` answers, as after its last step.
    fn tell_training(&self, run: &Run) {
        if let Some(engine) = &self.engine {
            let weights = Weights::Trained { step: run.step };
            self.host.post(Event::Answering { network: engine.summary_of(run.network(), weights) });
        }
    }

    /// Carries `active` on to its end, or until the visitor ends it.
    async fn go_on(&mut self, active: ActiveRun, images: Rc<Collection>) {
        let ActiveRun { mut run, logbook } = active;
        let normalisation = logbook.normalisation;
        let strip = deal(images.test().labels(), STRIP_PER_CLASS, run.settings.seed);
        self.host.post(Event::Strip { images: pick(images.test(), &strip) });
        self.host.post(Event::History(logbook.history.clone()));
        self.host.post(Event::Run(RunStatus::Running(logbook.facts(&run.settings, run.step))));

        self.tell_training(&run);

        let now_ms = self.host.now_ms();
        let mut watcher = Watcher {
            session: self,
            images: images.clone(),
            strip,
            logbook,
            ends: None,
            is_paused: false,
            wants_validation: false,
            wants_test: false,
            unsent: Vec::new(),
            steps_ms: VecDeque::new(),
            step_began_ms: now_ms,
            breathed_ms: now_ms,
            sent_ms: now_ms,
            watched_ms: f64::NEG_INFINITY,
            watch_took_ms: 0.0,
            kept_ms: now_ms,
            is_unfit_said: false,
            proven: None,
            unproven: None,
        };
        let trained = train(&mut run, &[images.train().into()], &normalisation, &mut watcher).await;
        let how = match trained {
            _ if watcher.ends == Some(Ends::DeviceLost) => End::DeviceLost { reason: String::new() },
            Ok(()) if watcher.ends.is_none() => End::Completed,
            Ok(()) => End::Stopped,
            Err(TrainError::Diverged(Diverged { step })) => End::Diverged { reason: format!("{step}") },
            Err(TrainError::Device(error)) => End::DeviceLost { reason: error.to_string() },
        };
        watcher.finish(run, how).await;
    }
}

/// Why a run does not go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The visitor said so, or wants something that ends it.
    Asked,
    /// The device computes no more.
    DeviceLost,
}

/// Stands between the loop and the page: sends curves and predictions, keeps checkpoints, answers requests.
struct Watcher<'a, H: Host> {
    session: &'a mut Session<H>,
    images: Rc<Collection>,
    /// Which test images are watched.
    strip: Vec<u32>,
    logbook: Logbook,
    ends: Option<Ends>,
    is_paused: bool,
    wants_validation: bool,
    wants_test: bool,
    /// Points that the page has not been told.
    unsent: Vec<CurvePoint>,
    /// What the last steps took, without what is done between them.
    steps_ms: VecDeque<f64>,
    step_began_ms: f64,
    breathed_ms: f64,
    sent_ms: f64,
    watched_ms: f64,
    watch_took_ms: f64,
    kept_ms: f64,
    /// Whether it was said that its numbers are not worth keeping.
    is_unfit_said: bool,
    /// A network after which the loss was still a number.
    proven: Option<(u64, Classifier)>,
    /// The network at the last report, whose loss nobody has seen yet.
    unproven: Option<(u64, Classifier)>,
}

impl<H: Host> Sink for Watcher<'_, H> {
    async fn progress(&mut self, run: &Run, progress: Progress) -> Control {
        let Progress { step, loss, accuracy, .. } = progress;
        let point = CurvePoint { step, loss, accuracy };
        self.unsent.push(point);
        self.logbook.history.points.push(point);
        // The loss was that of the network before the step, so this one's is known at the next report only.
        self.proven = self.unproven.replace((step, self.classifier(run)));
        Control::Continue
    }

    async fn epoch_ended(&mut self, run: &Run) -> Control {
        self.send_progress(run);
        self.session.tell_training(run);
        self.validate(run).await;
        self.keep(run).await;
        self.control()
    }

    async fn step_ended(&mut self, run: &Run) -> Control {
        let now_ms = self.session.host.now_ms();
        let step_ms = now_ms - self.step_began_ms;
        // Time in which nothing could go on says nothing of the speed.
        if step_ms < FROZEN_MS || self.steps_ms.is_empty() || step_ms < FROZEN_TIMES * self.mean_step_ms() {
            self.steps_ms.push_back(step_ms);
        }
        if self.steps_ms.len() > SPEED_STEPS {
            self.steps_ms.pop_front();
        }
        if now_ms - self.sent_ms >= PROGRESS_MS || run.step == 1 {
            self.send_progress(run);
        }
        if now_ms - self.breathed_ms >= BREATH_MS {
            self.attend(run).await;
            self.breathed_ms = self.session.host.now_ms();
        }
        self.measure_if_asked(run).await;
        if self.is_paused && self.ends.is_none() {
            self.wait(run).await;
        }
        if now_ms - self.watched_ms >= WATCH_MS.max(WATCH_SHARE * self.watch_took_ms) {
            self.watch(run).await;
        }
        if self.session.host.now_ms() - self.kept_ms >= CHECKPOINT_MS {
            self.keep(run).await;
        }
        self.step_began_ms = self.session.host.now_ms();
        self.control()
    }
}

impl<H: Host> Watcher<'_, H> {
    fn control(&self) -> Control {
        if self.ends.is_some() { Control::Stop } else { Control::Continue }
    }

    fn classifier(&self, run: &Run) -> Classifier {
        Classifier::new(run.network().valid(), self.logbook.normalisation)
    }

    fn facts(&self, run: &Run) -> RunFacts {
        self.logbook.facts(&run.settings, run.step)
    }

    fn post(&self, event: Event) {
        self.session.host.post(event);
    }

    /// What the last steps took on average; 0 before the first.
    fn mean_step_ms(&self) -> f64 {
        self.steps_ms.iter().sum::<f64>() / self.steps_ms.len().max(1) as f64
    }

    fn send_progress(&mut self, run: &Run) {
        let mean_ms = self.mean_step_ms();
        let steps = self.facts(run).steps;
        let (images_per_sec, seconds_left) = if mean_ms > 0.0 {
            (run.settings.batch_size as f64 * 1000.0 / mean_ms, (steps - run.step) as f64 * mean_ms / 1000.0)
        } else {
            (0.0, 0.0)
        };
        let points = std::mem::take(&mut self.unsent);
        self.post(Event::Progress {
            points,
            step: run.step,
            images_per_sec: images_per_sec as f32,
            seconds_left: seconds_left as f32,
        });
        self.sent_ms = self.session.host.now_ms();
    }

    /// Lets messages arrive and serves them; notes whether the run is to end.
    async fn attend(&mut self, run: &Run) {
        self.session.host.breathe().await;
        if self.session.has_new_loss() {
            self.ends = Some(Ends::DeviceLost);
            return;
        }
        self.session.let_images_arrive().await;
        while self.ends.is_none() {
            let Some(message) = self.session.host.try_receive() else { return };
            self.serve(message, run).await;
        }
    }

    async fn serve(&mut self, message: Message<H::File>, run: &Run) {
        let live = self.classifier(run);
        let ControlFlow::Break(message) = self.session.answer(message, Some(&live)).await else { return };
        drop(live);
        match message.request {
            Request::Pause => self.is_paused = true,
            Request::Resume { run } if run.is_none_or(|run| self.session.runs.current() == Some(run)) => {
                self.is_paused = false;
            }
            Request::Stop => self.ends = Some(Ends::Asked),
            Request::Validate => self.wants_validation = true,
            Request::Export { format } => self.session.export(format, Some((run, &self.logbook))).await,
            // What needs the device for itself, or another run, ends this one, which stays on this device.
            Request::Start { .. }
            | Request::Train { .. }
            | Request::Resume { .. }
            | Request::Reset
            | Request::DeleteImages => {
                self.ends = Some(Ends::Asked);
                self.session.put_back.push_back(message);
            }
            Request::Import { .. } | Request::AddImages { .. } | Request::FetchImages => {
                self.session.refuse(message.request.kind(), "A run goes on; pause or stop it first.");
            }
            Request::Test => self.wants_test = true,
            Request::Compare { .. } | Request::Race => {
                self.session.refuse(message.request.kind(), "A run goes on; stop it first.");
            }
            _ => {}
        }
    }

    /// Waits until the visitor lets the run go on, or ends it.
    async fn wait(&mut self, run: &Run) {
        self.send_progress(run);
        self.keep(run).await;
        self.session.runs.pause();
        self.post(Event::Run(RunStatus::Paused(self.facts(run))));
        self.session.tell_runs().await;
        while self.is_paused && self.ends.is_none() {
            match self.session.receive().await {
                Some(message) => self.serve(message, run).await,
                None => self.ends = Some(Ends::Asked),
            }
            self.measure_if_asked(run).await;
        }
        if self.ends.is_none() {
            if let Some(sentence) = self.session.runs.unpause(&*self.session.host).await {
                self.post(Event::Notice { sentence });
            }
            self.post(Event::Run(RunStatus::Running(self.facts(run))));
            self.session.tell_runs().await;
        }
    }

    async fn measure_if_asked(&mut self, run: &Run) {
        if self.ends.is_none() && std::mem::take(&mut self.wants_validation) {
            self.validate(run).await;
        }
        if self.ends.is_none() && std::mem::take(&mut self.wants_test) {
            self.test(run).await;
        }
    }

    /// Measures the network on training images that the run does not learn from, if there are any.
    async fn validate(&mut self, run: &Run) {
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
    async fn test(&mut self, run: &Run) {
        let classifier = self.classifier(run);
        let images = self.images.clone();
        let total = images.test().len();
        if total == 0 {
            return self.session.refuse(RequestKind::Test, NO_TEST_IMAGES);
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
            self.session.note_test(id, run.step, accuracy).await;
        }
    }

    /// Tells the page what the network now makes of its pictures and of the strip.
    async fn watch(&mut self, run: &Run) {
        let start_ms = self.session.host.now_ms();
        let newest = self.session.watched.iter().rev().take(WATCHED_PICTURES);
        let pictures: Vec<_> = newest.map(|(&id, &seen)| (id, seen)).collect();
        let mut seen: Vec<_> = pictures.iter().map(|&(_, seen)| seen).collect();
        seen.extend(self.strip.iter().map(|&index| self.images.test().interleaved(index as usize)));
        if seen.is_empty() {
            self.watched_ms = start_ms;
            return;
        }
        if let Ok(logits) = self.classifier(run).logits(&seen).await {
            let mut probabilities = logits.iter().map(softmax);
            let pictures = pictures.iter().zip(&mut probabilities).map(|(&(id, _), p)| (id, p)).collect();
            let strip = logits.iter().skip(seen.len() - self.strip.len()).map(softmax).collect();
            self.post(Event::Watched(Watched { step: run.step, pictures, strip }));
        }
        self.watched_ms = self.session.host.now_ms();
        self.watch_took_ms = self.watched_ms - start_ms;
    }

    /// Keeps the run on this device, or else in memory.
    async fn keep(&mut self, run: &Run) {
        let session = &mut *self.session;
        let bytes = match write_snapshot(run, &self.logbook).await {
            Ok(bytes) => bytes,
            // A device that fails says so to the loop.
            Err(WriteError::Device(_)) => return,
            Err(because) => {
                if !std::mem::replace(&mut self.is_unfit_said, true) {
                    let kept = session.runs.kept().map_or("Nothing of it is kept".into(), |facts| {
                        format!("What is kept of it is as after step {}", facts.step)
                    });
                    let reason = format!("The run is not kept any more, because {because}. {kept}.");
                    session.host.post(Event::NotCheckpointed { reason });
                }
                self.kept_ms = session.host.now_ms();
                return;
            }
        };
        let facts = self.logbook.facts(&run.settings, run.step);
        let is_first = session.runs.kept().is_none();
        match session.runs.keep(&*session.host, bytes, (facts, &self.logbook)).await {
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
            session.tell_runs().await;
        }
        self.kept_ms = self.session.host.now_ms();
    }

    /// Tells how the run ended, and lets its network answer.
    async fn finish(mut self, run: Run, how: End) {
        self.send_progress(&run);
        let facts = self.facts(&run);
        let step = run.step;
        match how {
            End::Completed | End::Stopped => {
                // At an epoch's end it was kept already.
                if step > 0 && !run.step.is_multiple_of(facts.steps_per_epoch) {
                    self.keep(&run).await;
                }
                let classifier = self.classifier(&run);
                drop(run);
                let is_complete = how == End::Completed;
                let session = self.session;
                let id = session.runs.end();
                if let Some(engine) = &mut session.engine {
                    engine.use_network(classifier, Weights::Trained { step });
                }
                session.host.post(Event::Run(RunStatus::Ended { facts, how }));
                session.tell_network();
                if is_complete
                    && let Some(accuracy) = session.test().await
                    && let Some(id) = id
                {
                    session.note_test(id, step, accuracy).await;
                } else {
                    session.tell_runs().await;
                }
            }
            End::Diverged { .. } => {
                let good = self.proven.take();
                let session = self.session;
                let good_step = good.as_ref().map_or(0, |(step, _)| *step);
                let reason = format!(
                    "The loss is no longer a number after step {step}. The network is as it was after step {good_step}. \
                     Lower the learning rates, or lengthen the warm-up, and train again."
                );
                if let (Some(engine), Some((step, classifier))) = (&mut session.engine, good) {
                    engine.use_network(classifier, Weights::Trained { step });
                }
                session.runs.end();
                session.host.post(Event::Run(RunStatus::Ended { facts, how: End::Diverged { reason } }));
                session.tell_network();
                session.tell_runs().await;
            }
            End::DeviceLost { .. } => {
                drop(run);
                let session = self.session;
                let until = match session.runs.kept() {
                    Some(facts) => format!(
                        "The run is kept up to step {}, and goes on from there on the CPU. Reload the page to try the GPU \
                         again.",
                        facts.step
                    ),
                    None => "The run had not been kept yet; begin it again.".into(),
                };
                let reason = format!("The GPU was lost after step {step}. {until}");
                let is_kept = session.runs.kept().is_some();
                let kept = session.runs.end().filter(|_| is_kept);
                let network = session.engine.as_ref().map(|engine| engine.base());
                session.host.post(Event::Run(RunStatus::Ended { facts, how: End::DeviceLost { reason } }));
                // The CPU answers in its place.
                session.note_loss();
                session.others.clear();
                match session.open(DeviceChoice::Cpu, network).await {
                    Ok(mut engine) => {
                        engine.explain("the GPU was lost");
                        session.host.post(engine.ready());
                        session.engine = Some(engine);
                        session.answer_waiting().await;
                        session.tell_runs().await;
                        // After what the visitor has asked for meanwhile, which may be something else.
                        let resume = kept.map(|run| Request::Resume { run: Some(run) });
                        session.put_back.extend(resume.map(|request| Message { request, file: None }));
                    }
                    Err(NotOpened::Failed(reason)) => session.host.post(Event::Failed { reason }),
                    Err(NotOpened::Ended) => {}
                }
            }
        }
    }
}
