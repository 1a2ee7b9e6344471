//! Stands between the training loop and the page: posts curves and predictions, and answers requests.

use super::{
    outcome::Ends,
    speed::{Speed, Timer},
};
use crate::{
    checkpoint::Logbook,
    data::{Collection, deal::deal},
    domain::{CurvePoint, RunFacts},
    engine::{
        data_set::pick,
        host::{Host, Message},
        session::Session,
    },
    infer::Classifier,
    protocol::{Event, Request, RequestKind, RunStatus},
    train::{Control, Progress, Run, Sink},
};
use std::{ops::ControlFlow, rc::Rc};

/// Time between two checkpoints within an epoch.
const CHECKPOINT_MS: f64 = 60_000.0;

/// The least time between two messages with points of the curves.
const PROGRESS_MS: f64 = 100.0;

/// The least time between two predictions of the watched pictures.
pub(super) const WATCH_MS: f64 = 1_000.0;

/// Test images of each class that are watched during a run.
const STRIP_PER_CLASS: usize = 2;

/// The most time that arriving images take at once during a run.
const MOST_CATCH_UP_MS: f64 = 1_000.0;

/// Messages are looked for after a step, if this much time has passed since the last look. A look takes part of a
/// millisecond.
const BREATH_MS: f64 = 8.0;

/// Watches a run. The training loop calls it after each step.
pub(super) struct Watcher<'a, H: Host> {
    pub session: &'a mut Session<H>,
    pub images: Rc<Collection>,
    /// The test images that are watched.
    pub strip: Vec<u32>,
    pub logbook: Logbook,
    /// Why the run must stop.
    pub ends: Option<Ends>,
    /// Whether the last images have arrived since the training loop was called. Then it must be called again, with all.
    pub has_grown: bool,
    is_paused: bool,
    wants_validation: bool,
    wants_test: bool,
    /// Settings that the visitor has changed, by name, with the new values.
    changes: Vec<(String, String)>,
    /// Points of the curves that the page does not have yet.
    unsent: Vec<CurvePoint>,
    speed: Speed,
    /// When progress is posted again.
    progress: Timer,
    /// When messages are looked for again.
    breath: Timer,
    /// When the watched pictures are predicted again.
    pub watch: Timer,
    /// When the run is kept again.
    pub checkpoint: Timer,
    /// Whether the page was told that the run's numbers are not worth keeping.
    pub is_unfit_said: bool,
    /// The last network known to have a finite loss, and its step.
    pub proven: Option<(u64, Classifier)>,
    /// The network at the last report, whose loss is not known yet, and its step.
    unproven: Option<(u64, Classifier)>,
}

impl<'a, H: Host> Watcher<'a, H> {
    /// Watches a run on `images` that begins or resumes now.
    pub fn new(session: &'a mut Session<H>, images: Rc<Collection>, logbook: Logbook) -> Self {
        let now_ms = session.host.now_ms();
        Self {
            session,
            images,
            strip: Vec::new(),
            logbook,
            ends: None,
            has_grown: false,
            is_paused: false,
            wants_validation: false,
            wants_test: false,
            changes: Vec::new(),
            unsent: Vec::new(),
            speed: Speed::new(now_ms),
            progress: Timer::new(PROGRESS_MS, now_ms),
            breath: Timer::new(BREATH_MS, now_ms),
            watch: Timer::due_now(WATCH_MS),
            checkpoint: Timer::new(CHECKPOINT_MS, now_ms),
            is_unfit_said: false,
            proven: None,
            unproven: None,
        }
    }
}

impl<H: Host> Sink for Watcher<'_, H> {
    async fn progress(&mut self, run: &Run, progress: Progress) -> Control {
        let Progress { step, loss, accuracy, .. } = progress;
        let point = CurvePoint { step, loss, accuracy };
        self.unsent.push(point);
        self.logbook.history.points.push(point);
        // The loss is that of the network before this step. The network after it is judged by the next report.
        self.proven = self.unproven.replace((step, self.classifier(run)));
        Control::Continue
    }

    async fn epoch_ended(&mut self, run: &Run) -> Control {
        self.send_progress(run);
        self.session.tell_training(run);
        let is_last = run.step == self.facts(run).steps;
        if is_last {
            self.wait_for_images(run).await;
        }
        self.validate(run).await;
        if is_last {
            // The time lapse ends with the last answers.
            self.watch(run).await;
        }
        self.keep(run).await;
        self.control()
    }

    async fn step_ended(&mut self, run: &mut Run) -> Control {
        let now_ms = self.now_ms();
        self.logbook.history.trained_secs += self.speed.end(now_ms) / 1_000.0;
        if self.is_early() {
            self.logbook.history.early_steps = run.step;
        }
        if self.progress.is_due(now_ms) || run.step == 1 {
            self.send_progress(run);
        }
        if self.breath.is_due(now_ms) {
            self.attend(run).await;
            self.breath.reset(self.now_ms());
        }
        self.measure_if_asked(run).await;
        if self.change(run) {
            self.post(Event::Run(RunStatus::Running(self.facts(run))));
        }
        if self.is_paused && self.ends.is_none() {
            self.wait(run).await;
        }
        if self.watch.is_due(now_ms) {
            self.watch(run).await;
        }
        if self.checkpoint.is_due(self.now_ms()) {
            self.keep(run).await;
        }
        self.speed.begin(self.now_ms());
        self.control()
    }
}

impl<H: Host> Watcher<'_, H> {
    fn control(&self) -> Control {
        if self.ends.is_some() || self.has_grown { Control::Stop } else { Control::Continue }
    }

    /// Whether the run learns from the first training batch only, because the other images are still arriving.
    pub(super) fn is_early(&self) -> bool {
        self.images.train().len() < self.logbook.image_count
    }

    /// The network as it is now.
    pub(super) fn classifier(&self, run: &Run) -> Classifier {
        Classifier::new(run.network().valid(), self.logbook.normalisation)
    }

    pub(super) fn facts(&self, run: &Run) -> RunFacts {
        self.logbook.facts(&run.settings, run.step)
    }

    pub(super) fn now_ms(&self) -> f64 {
        self.session.host.now_ms()
    }

    pub(super) fn post(&self, event: Event) {
        self.session.host.post(event);
    }

    /// Posts new points of the curves and the speed of the run.
    pub(super) fn send_progress(&mut self, run: &Run) {
        let mean_ms = self.speed.mean_ms();
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
        self.progress.reset(self.now_ms());
    }

    /// Lets messages arrive and serves them. Notes whether the run must end.
    pub(super) async fn attend(&mut self, run: &Run) {
        self.session.host.breathe().await;
        if self.session.device_watch.has_new_loss() {
            self.ends = Some(Ends::DeviceLost);
            return;
        }
        if self.is_early() {
            // Images may arrive for about the time of a step, at least 0.1 s and at most 1 s. Requests wait as long.
            self.session.data_set.catch_up(self.speed.mean_ms().clamp(MOST_CATCH_UP_MS / 10.0, MOST_CATCH_UP_MS)).await;
            self.grow(run).await;
        } else {
            self.session.data_set.let_arrive().await;
        }
        while self.ends.is_none() {
            let Some(message) = self.session.inbox.try_receive() else { return };
            self.serve(message, run).await;
        }
    }

    async fn serve(&mut self, message: Message<H::File>, run: &Run) {
        let live = self.classifier(run);
        let ControlFlow::Break(message) = self.session.answer(message, Some(&live)).await else { return };
        drop(live);
        match message.request {
            Request::Pause => self.is_paused = true,
            Request::Change { name, value } => self.changes.push((name, value)),
            Request::Resume { run } if run.is_none_or(|run| self.session.runs.current() == Some(run)) => {
                self.is_paused = false;
            }
            Request::Stop => self.ends = Some(Ends::Asked),
            Request::Validate => self.wants_validation = true,
            Request::Export { format } => self.session.export(format, Some((run, &self.logbook))).await,
            // These need the device, another run or other images, so they end this run. It stays kept.
            Request::Start { .. }
            | Request::Train { .. }
            | Request::Resume { .. }
            | Request::Reset
            | Request::DeleteImages => {
                self.ends = Some(Ends::Asked);
                self.session.inbox.put_back(message);
            }
            // A run that began with the first training batch needs the others.
            Request::FetchImages if self.is_early() => self.session.data_set.fetch().await,
            Request::Import { .. } | Request::LoadFitted | Request::AddImages { .. } | Request::FetchImages => {
                self.session.host.refuse(message.request.kind(), "A run is in progress; pause or stop it first.");
            }
            Request::Test => self.wants_test = true,
            Request::Compare { .. } | Request::Race | Request::TimeStep(_) => {
                self.session.host.refuse(message.request.kind(), "A run is in progress; stop it first.");
            }
            _ => {}
        }
    }

    /// Goes on with all images, if they have arrived.
    async fn grow(&mut self, run: &Run) {
        if let Ok((images, total)) = self.session.data_set.load_to_train().await
            && total == self.logbook.image_count
            && images.train().len() == total
        {
            self.logbook.image_digest = Some(self.session.data_set.train_digest(&images));
            self.logbook.history.early_steps = run.step;
            self.images = images;
            self.has_grown = true;
            self.show_strip(run);
            // The page gets all points at once.
            self.unsent.clear();
            self.post(Event::History(self.logbook.history.clone()));
        }
    }

    /// Chooses the test images that are watched, and sends them to the page.
    pub fn show_strip(&mut self, run: &Run) {
        let test = self.images.test();
        self.strip = deal(test.labels(), STRIP_PER_CLASS, run.settings.seed);
        self.post(Event::Strip { images: pick(test, &self.strip) });
    }

    /// After the run's last step, waits for the images that are still arriving. They are needed to measure the network.
    async fn wait_for_images(&mut self, run: &Run) {
        while self.is_early() && self.ends.is_none() && self.session.data_set.is_under_way() {
            match self.session.receive_or_take_in().await {
                Some(message) => self.serve(message, run).await,
                None => self.grow(run).await,
            }
        }
    }

    /// Waits until the visitor resumes the run or ends it.
    async fn wait(&mut self, run: &mut Run) {
        self.send_progress(run);
        self.keep(run).await;
        self.session.runs.pause();
        self.post(Event::Run(RunStatus::Paused(self.facts(run))));
        self.session.runs.tell().await;
        while self.is_paused && self.ends.is_none() {
            match self.session.receive().await {
                Some(message) => self.serve(message, run).await,
                None => self.ends = Some(Ends::Asked),
            }
            self.measure_if_asked(run).await;
            if self.change(run) {
                self.post(Event::Run(RunStatus::Paused(self.facts(run))));
                // The page may be closed during the pause.
                self.keep(run).await;
                self.session.runs.tell().await;
            }
        }
        if self.ends.is_none() {
            if let Some(sentence) = self.session.runs.unpause().await {
                self.session.host.notice(sentence);
            }
            self.post(Event::Run(RunStatus::Running(self.facts(run))));
            self.session.runs.tell().await;
        }
    }

    /// Applies the visitor's changes of settings, from the next step on. Returns whether there were any.
    fn change(&mut self, run: &mut Run) -> bool {
        let changes = std::mem::take(&mut self.changes);
        for (name, value) in &changes {
            if let Err(error) = run.settings.change(run.step, name, value) {
                self.session.host.refuse(RequestKind::Change, format!("Nothing changes: {error}."));
            }
        }
        !changes.is_empty()
    }

    async fn measure_if_asked(&mut self, run: &Run) {
        if self.ends.is_none() && std::mem::take(&mut self.wants_validation) {
            self.validate(run).await;
        }
        if self.ends.is_none() && std::mem::take(&mut self.wants_test) {
            self.test(run).await;
        }
    }
}
