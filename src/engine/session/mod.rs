//! Serves the page's requests, one after the other.

use super::{
    benchmark::Bench,
    fetching::{Fetching, Step},
    host::{First, Host, Message, first},
    inspection::Gathered,
    library::Library,
    network::{Engine, classify},
    race::race,
    runs::Runs,
    shipped::{NotOpened, Shipped},
};
use crate::{
    bmp,
    data::{Collection, Look, Seen, look},
    infer::{Answers, Classifier, ExecutionError},
    model::tensors::deadline,
    protocol::{DeviceChoice, Event, NetworkName, PictureId, Request, RequestKind, RunStatus, TestReport},
};
use std::{
    collections::{BTreeMap, VecDeque},
    ops::ControlFlow,
    pin::pin,
    rc::Rc,
};

/// Most images that one request is shown.
const SHOWN_LIMIT: usize = 1000;

/// Why nothing is measured where the training images came alone.
pub(super) const NO_TEST_IMAGES: &str =
    "There are no test images here, so the accuracy cannot be measured. Add test_batch.bin, or fetch CIFAR-10.";

/// What goes on between the page and the worker, from the first request to the last.
pub struct Session<H: Host> {
    pub(super) host: Rc<H>,
    pub(super) engine: Option<Engine>,
    /// Other networks beside it, while they are compared.
    pub(super) others: Vec<Engine>,
    pub(super) library: Library,
    /// Images on their way, beside everything else.
    pub(super) fetching: Fetching<H>,
    /// What the visitor's pictures look like to the network, for fresh predictions during a run.
    pub(super) watched: BTreeMap<PictureId, Seen>,
    /// Messages that were received and are to be served before new ones.
    pub(super) put_back: VecDeque<Message<H::File>>,
    /// Pictures that came before there was a network.
    waiting: Vec<(PictureId, H::File)>,
    /// Where the host may have CIFAR-10's files.
    pub(super) data_url: String,
    /// The runs of this device.
    pub(super) runs: Runs<H::Files>,
    /// What images of the data set look like to the network.
    pub(super) gathered: Gathered,
    /// What a benchmark goes on with.
    pub(super) bench: Option<Bench>,
    /// Whether it is known that the GPU was lost, so that the CPU is not blamed for it.
    loss_is_known: bool,
    /// Whether the device of the engine failed, and the CPU has not taken its place yet.
    pub(super) has_failed: bool,
    /// The networks that come with the page.
    pub(super) shipped: Shipped,
}

impl<H: Host> Session<H> {
    /// A session on `host` in which nothing has happened yet.
    pub fn new(host: H) -> Self {
        Self {
            host: Rc::new(host),
            engine: None,
            others: Vec::new(),
            library: Library::default(),
            fetching: Fetching::default(),
            watched: BTreeMap::new(),
            put_back: VecDeque::new(),
            waiting: Vec::new(),
            data_url: String::new(),
            runs: Runs::default(),
            gathered: Gathered::default(),
            bench: None,
            loss_is_known: false,
            has_failed: false,
            shipped: Shipped::default(),
        }
    }

    /// Whether the GPU was lost, and nobody has noticed yet.
    pub(super) fn has_new_loss(&self) -> bool {
        !self.loss_is_known && self.lost_device().is_some()
    }

    /// Why the GPU computes no more, as a clause, if it was lost or waited for in vain.
    pub(super) fn lost_device(&self) -> Option<String> {
        let silent = || deadline::has_passed().then(|| "it stopped answering".into());
        self.host.lost_device().or_else(silent)
    }

    /// Notes a loss, if there was one: from now on nothing computes on the GPU.
    pub(super) fn note_loss(&mut self) {
        self.loss_is_known = self.lost_device().is_some();
        self.has_failed = false;
    }

    /// Whether the engine's GPU computes no more, and the CPU has not taken its place yet.
    fn is_to_fall_back(&self) -> bool {
        self.engine.as_ref().is_some_and(Engine::is_on_gpu) && (self.has_failed || self.has_new_loss())
    }

    /// Lets the CPU answer in the place of a GPU that computes no more, with the weights that came with the page, and
    /// answers the pictures that wait.
    async fn fall_back(&mut self) {
        let because = match self.lost_device() {
            Some(_) => "the GPU was lost",
            None => "the GPU failed",
        };
        self.note_loss();
        self.others.clear();
        let Some(network) = self.engine.take().map(|engine| engine.base()) else { return };
        match self.open(DeviceChoice::Cpu, Some(network)).await {
            Ok(mut engine) => {
                engine.explain(because);
                self.host.post(engine.ready());
                self.engine = Some(engine);
                self.answer_waiting().await;
                self.tell_runs().await;
            }
            Err(NotOpened::Failed(reason)) => self.host.post(Event::Failed { reason }),
            // Another choice came first, and is served next.
            Err(NotOpened::Ended) => {}
        }
    }

    /// Answers the pictures that came while no network could; tells whether there were any.
    pub(super) async fn answer_waiting(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.waiting);
        let has_some = !waiting.is_empty();
        for (id, file) in waiting {
            self.classify_and_prepare(id, file).await;
        }
        has_some
    }

    /// Serves requests until there will be no more.
    pub async fn serve(mut self) {
        while let Some(message) = self.receive().await {
            if let ControlFlow::Break(message) = self.answer(message, None).await {
                self.begin(message).await;
            }
            if self.is_to_fall_back() {
                self.fall_back().await;
            }
        }
    }

    /// The next message, once there is one; images arrive meanwhile.
    pub(super) async fn receive(&mut self) -> Option<Message<H::File>> {
        loop {
            if let Some(message) = self.put_back.pop_front() {
                return Some(message);
            }
            match self.news().await {
                News::Message(Some(message)) => return Some(message),
                News::Images(step) => self.take_step(step).await,
                News::Message(None) if self.fetching.is_under_way() => {
                    let step = self.fetching.advance(&self.host).await;
                    self.take_step(step).await;
                }
                News::Message(None) => return None,
            }
        }
    }

    /// What comes next: a message, which goes first, or a piece of images. Whoever waits may give up and ask again.
    async fn news(&mut self) -> News<H> {
        match first(self.host.receive(), self.fetching.advance(&self.host)).await {
            First::A(message) => News::Message(message),
            First::B(step) => News::Images(step),
        }
    }

    /// Waits for `future` and serves meanwhile what can be served; what cannot is put back. None where a request `ends` the
    /// waiting.
    pub(super) async fn meanwhile<T>(
        &mut self,
        future: impl Future<Output = T>,
        ends: impl Fn(&Request) -> bool,
    ) -> Option<T> {
        let mut future = pin!(future);
        loop {
            match first(future.as_mut(), self.news()).await {
                First::A(value) => return Some(value),
                First::B(News::Images(step)) => self.take_step(step).await,
                First::B(News::Message(Some(message))) => {
                    if self.answer_or_put_back(message, None, &ends).await.is_break() {
                        return None;
                    }
                }
                First::B(News::Message(None)) => return Some(future.await),
            }
        }
    }

    /// Says why nothing was done of what was `asked`.
    pub(super) fn refuse(&self, asked: RequestKind, reason: impl Into<String>) {
        self.host.post(Event::NotDone { asked, reason: reason.into() });
    }

    /// Serves a message that can be served at any time, with `live` in place of the network that answers otherwise; gives
    /// the others back.
    pub(super) async fn answer(
        &mut self,
        message: Message<H::File>,
        live: Option<&Classifier>,
    ) -> ControlFlow<Message<H::File>> {
        let Message { request, file } = message;
        match (request, file) {
            (Request::Classify { id }, Some(file)) => match (live, &self.engine) {
                (Some(live), _) => {
                    // A device that fails says so to the run, and the picture is asked about again.
                    if self.classify(live, id, &file).await.is_err() {
                        self.has_failed = true;
                        self.waiting.push((id, file));
                    }
                }
                (None, Some(_)) if !self.is_to_fall_back() => self.classify_and_prepare(id, file).await,
                (None, _) => self.waiting.push((id, file)),
            },
            (Request::Classify { id }, None) => {
                let reason = "The picture did not arrive; drop it again.".into();
                self.host.post(Event::Refused { id, reason });
            }
            (Request::Forget { ids }, _) => self.watched.retain(|id, _| !ids.contains(id)),
            // A run leaves no room for a file that is read beside it.
            (Request::FetchImages, _) if live.is_none() => {
                self.fetch_images();
                // The first place is asked at once.
                self.let_images_arrive().await;
            }
            (Request::AddImages { name }, Some(file)) if live.is_none() => self.add_images(name, file),
            (Request::CancelImages, _) => self.cancel_images(),
            (Request::Deal { seed }, _) => match self.library.deal(&*self.host, seed).await {
                Ok(images) => self.host.post(Event::Dealt { images }),
                Err(reason) => self.refuse_without_images(RequestKind::Deal, reason),
            },
            (Request::Show { half, mut indices }, _) => {
                indices.truncate(SHOWN_LIMIT);
                match self.library.show(&*self.host, half, &indices).await {
                    Ok(images) => self.host.post(Event::Shown { half, images }),
                    Err(reason) => self.refuse_without_images(RequestKind::Show, reason),
                }
            }
            (Request::AddImages { name }, None) => self.refuse(RequestKind::AddImages, not_arrived(&name)),
            (Request::Inspect(question), _) => self.inspect(question, live).await,
            (Request::ListRuns, _) => self.tell_runs().await,
            (Request::RenameRun { run, name }, _) => self.rename_run(run, name).await,
            (Request::ExportItem(item), _) => self.export_item(&item).await,
            (Request::DeleteItem(item), _) => self.delete_item(&item).await,
            (request, file) => return ControlFlow::Break(Message { request, file }),
        }
        ControlFlow::Continue(())
    }

    /// Serves what waits while something else goes on, and puts back what has to wait for its end; breaks where a request
    /// `ends` it.
    pub(super) async fn attend(
        &mut self,
        live: Option<&Classifier>,
        ends: impl Fn(&Request) -> bool,
    ) -> ControlFlow<()> {
        self.host.breathe().await;
        self.let_images_arrive().await;
        while let Some(message) = self.host.try_receive() {
            if self.answer_or_put_back(message, live, &ends).await.is_break() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// Serves `message`, or puts it back; breaks where its request `ends` what goes on.
    pub(super) async fn answer_or_put_back(
        &mut self,
        message: Message<H::File>,
        live: Option<&Classifier>,
        ends: impl Fn(&Request) -> bool,
    ) -> ControlFlow<()> {
        let ControlFlow::Break(message) = self.answer(message, live).await else { return ControlFlow::Continue(()) };
        let is_end = ends(&message.request);
        self.put_back.push_back(message);
        if is_end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Carries out what takes its time, and needs that nothing else goes on.
    async fn begin(&mut self, Message { request, file }: Message<H::File>) {
        match (request, file) {
            (Request::Start { device, network, weights_url, data_url }, _) => {
                self.data_url = data_url;
                self.shipped.url = weights_url;
                self.shipped.choice = device;
                self.start(device, network).await;
            }
            (Request::DeleteImages, _) => self.delete_images().await,
            (Request::Train { settings, start }, _) => self.train_anew(settings, start).await,
            (Request::Resume { run: Some(run) }, _) => self.resume(run).await,
            (Request::Reset, _) => self.reset(),
            (Request::Validate, _) => {
                self.refuse(RequestKind::Validate, "Only a run that goes on has images to validate on.");
            }
            (Request::Test, _) => {
                self.test().await;
            }
            (Request::Export { format }, _) => self.export(format, None).await,
            (Request::Import { name }, Some(file)) => self.import(&name, &file).await,
            (Request::Import { name }, None) => self.refuse(RequestKind::Import, not_arrived(&name)),
            (Request::Compare { id }, _) => self.compare(id).await,
            (Request::Race, _) => race(self).await,
            (Request::Benchmark(benchmark), _) => self.benchmark(benchmark).await,
            // What they would end has ended by itself.
            (Request::Pause | Request::Resume { run: None } | Request::Stop | Request::CancelRace, _) => {}
            (
                Request::Classify { .. }
                | Request::Forget { .. }
                | Request::Deal { .. }
                | Request::Show { .. }
                | Request::FetchImages
                | Request::AddImages { .. }
                | Request::CancelImages
                | Request::Inspect(_)
                | Request::ListRuns
                | Request::RenameRun { .. }
                | Request::ExportItem(_)
                | Request::DeleteItem(_),
                _,
            ) => unreachable!("served at any time"),
        }
    }

    /// Downloads a network and starts it, and says what is kept on this device.
    async fn start(&mut self, device: DeviceChoice, network: Option<NetworkName>) {
        self.note_loss();
        self.others.clear();
        match self.open(device, network).await {
            Ok(engine) => {
                self.host.post(engine.ready());
                self.engine = Some(engine);
                let has_answered = self.answer_waiting().await;
                self.find_images().await;
                self.runs.adopt(&*self.host).await;
                self.tell_runs().await;
                if let Some(engine) = self.engine.as_ref().filter(|_| !has_answered) {
                    engine.rehearse().await;
                }
            }
            Err(NotOpened::Failed(reason)) => self.host.post(Event::Failed { reason }),
            // Another choice came first, and is served next.
            Err(NotOpened::Ended) => {}
        }
    }

    /// Lets the engine answer, and has it prepared for more answers once this one was posted.
    async fn classify_and_prepare(&mut self, id: PictureId, file: H::File) {
        let engine = self.engine.as_ref().expect("there is a network");
        let (classifier, is_on_gpu) = (engine.classifier().clone(), engine.is_on_gpu());
        match self.classify(&classifier, id, &file).await {
            Ok(true) => self.engine.as_mut().expect("it just answered").prepare().await,
            Ok(false) => {}
            // The CPU answers in its place.
            Err(_) if is_on_gpu => {
                self.has_failed = true;
                self.waiting.push((id, file));
            }
            Err(error) => {
                let reason = format!("The device stopped computing ({error}). Reload the page to try again.");
                self.host.post(Event::Failed { reason });
            }
        }
    }

    /// Posts what `classifier` says of a picture, or why it says nothing; tells whether it answered.
    ///
    /// # Errors
    /// If the device fails; then nothing is posted.
    async fn classify(
        &mut self,
        classifier: &Classifier,
        id: PictureId,
        file: &H::File,
    ) -> Result<bool, ExecutionError> {
        let event = match self.look(id, file).await {
            Ok(seen) => classify(classifier, id, seen, || self.host.now_ms()).await?,
            Err(reason) => Event::Refused { id, reason },
        };
        let has_answered = matches!(event, Event::Classified { .. });
        self.host.post(event);
        Ok(has_answered)
    }

    /// What the network sees of a picture; the page gets, once, what that was made of.
    ///
    /// # Errors
    /// Why the file cannot be seen, as a sentence.
    async fn look(&mut self, id: PictureId, file: &H::File) -> Result<Seen, String> {
        if let Some(&seen) = self.watched.get(&id) {
            return Ok(seen);
        }
        let unreadable =
            |detail| format!("The file cannot be read ({detail}); was it moved or deleted? Drop it again.");
        let bytes = self.host.read(file).await.map_err(unreadable)?;
        let Look { seen, shown } = look(&bytes).map_err(|error| error.to_string())?;
        self.host.post_with(Event::Decoded { id }, bmp::encode(&shown, shown.width() as usize));
        self.watched.insert(id, seen);
        Ok(seen)
    }

    /// Lets the shipped weights answer again.
    fn reset(&mut self) {
        self.host.post(Event::Run(RunStatus::None));
        if let Some(engine) = &mut self.engine {
            engine.use_shipped();
        }
        self.tell_network();
    }

    /// Says what answers.
    pub(super) fn tell_network(&self) {
        if let Some(engine) = &self.engine {
            self.host.post(Event::Answering { network: engine.summary() });
        }
    }

    /// Measures the network that answers on all test images; gives its share of right answers, if it came to that.
    pub(super) async fn test(&mut self) -> Option<f32> {
        let Some(engine) = &self.engine else {
            self.refuse(RequestKind::Test, "There is no network to measure yet.");
            return None;
        };
        let (classifier, network) = (engine.classifier().clone(), engine.summary().title);
        let images = match self.library.load(&*self.host).await {
            Ok(images) => images,
            Err(reason) => {
                self.refuse_without_images(RequestKind::Test, reason);
                return None;
            }
        };
        let total = images.test().len() as u32;
        if total == 0 {
            self.refuse(RequestKind::Test, NO_TEST_IMAGES);
            return None;
        }
        self.host.post(Event::Testing { done: 0, total });
        let measured = crate::infer::answer(&classifier, images.test(), 0..total as usize, async |done| {
            self.host.post(Event::Testing { done: done as u32, total });
            self.attend(Some(&classifier), |request| {
                matches!(request, Request::Stop | Request::Reset | Request::Start { .. })
            })
            .await
        });
        let measured = measured.await;
        self.tell_tested(network, &images, measured)
    }

    /// Posts what came of measuring `network`, as it is called now, on all test images; gives its share of right answers.
    pub(super) fn tell_tested(
        &mut self,
        network: String,
        images: &Collection,
        measured: Result<Option<Answers>, ExecutionError>,
    ) -> Option<f32> {
        match measured {
            Ok(Some(answers)) => {
                let labels = images.test().labels().to_vec();
                self.host.post(Event::Tested(TestReport { network, labels, answers: answers.classes }));
                return Some(answers.accuracy as f32);
            }
            Ok(None) => {
                self.refuse(RequestKind::Test, "The measurement was ended before all test images were seen.");
            }
            Err(error) => {
                self.has_failed = true;
                let reason = format!("The device stopped computing ({error}). Measure again.");
                self.refuse(RequestKind::Test, reason);
            }
        }
        None
    }
}

/// What comes to a session by itself.
enum News<H: Host> {
    /// A message; none when there will be no more.
    Message(Option<Message<H::File>>),
    /// A piece of images.
    Images(Step),
}

/// Why nothing is done with the file `name`, which should have come beside its request.
fn not_arrived(name: &str) -> String {
    format!("{name} did not arrive; drop it again.")
}
