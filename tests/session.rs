//! The engine does what the page asks for, on a host that belongs to the test: runs, checkpoints, images, files.

#[path = "common/disk.rs"]
mod disk;

use disk::{Disk, Fault};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use tenfold::{
    checkpoint::{Card, export_weights, write_weights},
    data::{Normalisation, batch::RECORD_LEN},
    domain::arithmetic::Unit,
    domain::{
        DeviceChoice, DeviceReport, KeptRun, LearningRates, NetworkName, OptimiserChoice, RunId, RunUse, Settings,
        ShelfItem, Split, StartingWeights, UnreadableFile, WeightsOrigin,
    },
    engine::{FetchFailure, Host, Message, NoAdapter, Pieces, Session},
    model::Network,
    protocol::{
        BUILD, End, Event, ExportFormat, ImagesStatus, Kept, Measured, PictureId, Request, RequestKind, RunStatus,
        Setup,
        inspect::{Found, Question, View},
    },
    shelf::runs::{claim_name, pair},
    spec::{Spec, tenfold2026},
};

/// The page's requests after an event.
type Reply<'a> = Box<dyn FnMut(&Event) -> Vec<Message<Vec<u8>>> + 'a>;

/// A host whose page answers each event with the test's requests.
struct Desk<'a> {
    inbox: RefCell<VecDeque<Message<Vec<u8>>>>,
    events: RefCell<Vec<Event>>,
    exported: RefCell<Vec<Vec<u8>>>,
    reply: RefCell<Reply<'a>>,
    disk: Rc<Place>,
    /// The host's time. Each look at the clock moves it on.
    now_ms: Cell<f64>,
    is_lost: Rc<Cell<bool>>,
}

/// What is left when a page is closed, and what its host offers.
#[derive(Default)]
struct Place {
    files: Disk,
    /// How many unique numbers were drawn.
    drawn: Cell<u64>,
    /// Networks whose files the host lacks.
    missing: RefCell<Vec<NetworkName>>,
    /// Endings of addresses that never answer.
    silent: RefCell<Vec<&'static str>>,
    /// The requested addresses.
    asked: RefCell<Vec<String>>,
    /// Time that passes before the next look at the clock, in which nothing happens.
    jump_ms: Rc<Cell<f64>>,
    /// How often the WebGPU adapter was requested.
    adapter_tries: Cell<u32>,
    /// Whether the browser never answers that request.
    is_adapter_silent: Cell<bool>,
    /// Whether each wait ends at once, as if its time had passed.
    is_time_short: Cell<bool>,
    /// How many more times weights arrive damaged.
    damaging: Cell<u32>,
    /// The pieces of CIFAR-10's archive, and whether it breaks off after them.
    archive: RefCell<(Vec<Vec<u8>>, bool)>,
}

/// The host's card and weights of `network`. Those of `cui2017` are the shipped ones. Any other network has fresh
/// weights and a card made from the shipped one.
fn shipped(network: NetworkName) -> (Vec<u8>, Vec<u8>) {
    let read = |name: &str| {
        std::fs::read(format!("{}/assets/weights/cui2017/{name}", env!("CARGO_MANIFEST_DIR"))).expect("it is shipped")
    };
    let (card, weights) = (read("card.json"), read("weights.safetensors"));
    if network == NetworkName::Cui2017 {
        return (card, weights);
    }
    let fresh = Network::init(network, 1, &burn::tensor::Device::flex().autodiff());
    let mut card: Card = serde_json::from_slice(&card).expect("a model card");
    (card.network, card.title, card.parameters) = (network, network.title().into(), fresh.parameter_count() as u64);
    let weights = pollster::block_on(write_weights(&fresh)).expect("the CPU does not fail");
    let card = card.of(&weights);
    (serde_json::to_vec(&card).expect("plain data"), weights)
}

/// A file in pieces, and its end.
enum Slices {
    Coming(VecDeque<Result<Vec<u8>, FetchFailure>>),
    /// Nothing ever comes.
    Silent,
}

impl Slices {
    fn of(pieces: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::Coming(pieces.into_iter().map(Ok).collect())
    }
}

impl Pieces for Slices {
    fn total_bytes(&self) -> Option<u64> {
        None
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchFailure> {
        match self {
            Self::Coming(pieces) => pieces.pop_front().transpose(),
            Self::Silent => std::future::pending().await,
        }
    }
}

impl Host for Desk<'_> {
    type File = Vec<u8>;
    type Pieces = Slices;
    type Files = Disk;

    fn post(&self, event: Event) {
        let replies = (self.reply.borrow_mut())(&event);
        self.inbox.borrow_mut().extend(replies);
        self.events.borrow_mut().push(event);
    }

    fn post_with(&self, event: Event, bytes: Vec<u8>) {
        self.exported.borrow_mut().push(bytes);
        self.post(event);
    }

    fn now_ms(&self) -> f64 {
        self.now_ms.set(self.now_ms.get() + 200.0 + self.disk.jump_ms.take());
        self.now_ms.get()
    }

    async fn receive(&self) -> Option<Message<Vec<u8>>> {
        self.try_receive()
    }

    fn try_receive(&self) -> Option<Message<Vec<u8>>> {
        self.inbox.borrow_mut().pop_front()
    }

    async fn breathe(&self) {}

    async fn sleep(&self, milliseconds: u32) {
        if !self.disk.is_time_short.get() {
            std::future::pending::<()>().await;
        }
        self.now_ms.set(self.now_ms.get() + f64::from(milliseconds));
    }

    fn lost_device(&self) -> Option<String> {
        self.is_lost.get().then(|| "pulled out".into())
    }

    async fn adapter(&self) -> Result<String, NoAdapter> {
        let tries = self.disk.adapter_tries.get() + 1;
        self.disk.adapter_tries.set(tries);
        if self.disk.is_adapter_silent.get() {
            std::future::pending::<()>().await;
        }
        Err(NoAdapter::NotNow("a test has none".into()))
    }

    async fn read(&self, file: &Vec<u8>) -> Result<Vec<u8>, String> {
        Ok(file.clone())
    }

    fn open(&self, _: &str, file: &Vec<u8>) -> Slices {
        Slices::of(file.chunks(100_000).map(<[u8]>::to_vec))
    }

    fn fetch(&self, url: &str) -> Slices {
        self.disk.asked.borrow_mut().push(url.into());
        let path = url.split('?').next().unwrap_or_default();
        if self.disk.silent.borrow().iter().any(|end| path.ends_with(end)) {
            return Slices::Silent;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let (archive, is_broken) = &*self.disk.archive.borrow();
        if name == "cifar-10-binary.tar.gz" && !archive.is_empty() {
            let broken = is_broken.then(|| Err(FetchFailure::Broken("The download broke off.".into())));
            return Slices::Coming(archive.iter().cloned().map(Ok).chain(broken).collect());
        }
        let network =
            NetworkName::ALL.into_iter().find(|network| path.contains(&format!("/weights/{}/", network.id())));
        let bytes = network.filter(|network| !self.disk.missing.borrow().contains(network)).map(|network| {
            let (card, weights) = shipped(network);
            let is_card = name == "card.json";
            let mut bytes = if is_card { card } else { weights };
            if !is_card && self.disk.damaging.get() > 0 {
                self.disk.damaging.set(self.disk.damaging.get() - 1);
                let middle = bytes.len() / 2;
                bytes[middle..middle + 2_400].iter_mut().for_each(|byte| *byte ^= 0x55);
            }
            bytes
        });
        match bytes {
            Some(bytes) => Slices::of([bytes]),
            None => Slices::Coming([Err(FetchFailure::Absent(format!("{name} is not there.")))].into()),
        }
    }

    fn files(&self) -> &Disk {
        &self.disk.files
    }

    fn unique(&self) -> u64 {
        self.disk.drawn.set(self.disk.drawn.get() + 1);
        self.disk.drawn.get()
    }

    fn unix_ms(&self) -> u64 {
        1_795_000_000_000 + self.now_ms() as u64
    }
}

/// To take a file of this name, with the article's network in the builder.
fn import_of(name: String) -> Request {
    Request::Import { name, layers: Spec::shipped(NetworkName::Cui2017) }
}

fn ask(request: Request) -> Message<Vec<u8>> {
    Message { request, file: None }
}

fn start() -> Message<Vec<u8>> {
    start_with(Some(NetworkName::Cui2017))
}

fn start_with(network: Option<NetworkName>) -> Message<Vec<u8>> {
    start_on(DeviceChoice::Cpu, network)
}

fn start_on(device: DeviceChoice, network: Option<NetworkName>) -> Message<Vec<u8>> {
    let (weights_url, data_url) = ("https://x/weights/".into(), "https://x/data/".into());
    ask(Request::Start { device, network, weights_url, data_url })
}

/// Images as a binary batch. The classes differ in brightness.
fn batch_file(count: usize) -> Vec<u8> {
    let record = |i: usize| {
        let label = (i * 7 % 10) as u8;
        let shade = move |at: usize| label * 20 + (at * (i + 3) % 13) as u8;
        std::iter::once(label).chain((0..RECORD_LEN - 1).map(shade))
    };
    (0..count).flat_map(record).collect()
}

/// A disk with images in CIFAR-10's format, as an earlier page has left them.
fn disk() -> Rc<Place> {
    let disk = Rc::new(Place::default());
    put_images(&disk.files);
    disk
}

/// Puts some images on the disk.
fn put_images(files: &Disk) {
    // As a download, so few images would be refused. So they are written as earlier versions did.
    for (name, count) in [("cifar-10-train.images", 80), ("cifar-10-test.images", 30)] {
        let batch = batch_file(count);
        let records = batch.chunks_exact(RECORD_LEN);
        let header = tenfold::data::stored::Header { count, batches: [true; 5], is_published: false };
        let labels: Vec<u8> = records.clone().map(|record| record[0]).collect();
        let pixels: Vec<u8> = records.flat_map(|record| record[1..].to_vec()).collect();
        files.put(name, [&header.to_bytes()[..], &labels, &pixels].concat());
    }
}

/// An archive with as many images as CIFAR-10 has, in pieces.
fn archive() -> Vec<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let batch = batch_file(10_000);
    for name in ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(batch.len() as u64);
        header.set_cksum();
        archive.append_data(&mut header, format!("{name}.bin"), &batch[..]).expect("memory takes everything");
    }
    let bytes = archive.into_inner().expect("memory takes everything");
    bytes.chunks(4_000_000).map(<[u8]>::to_vec).collect()
}

/// A small run on images that are downloaded. It is asked for as soon as the first training batch is here.
fn train_early(event: &Event) -> Vec<Message<Vec<u8>>> {
    let settings = Settings { epochs: 2, train_images: 400, ..settings() };
    let settings = settings.with_network("flat-dense10".parse().expect("a network"));
    match event {
        Event::Images(ImagesStatus::Arriving { train: 10_000 }) => {
            vec![ask(Request::Train { settings, start: StartingWeights::Scratch })]
        }
        _ => Vec::new(),
    }
}

/// The curves of a run when its page was last told all of them.
fn early_steps(events: &[Event]) -> u64 {
    let told = events.iter().rev().find_map(|event| match event {
        Event::Curves { history, .. } => Some(history.early_steps),
        _ => None,
    });
    told.expect("the curves were asked for")
}

/// The events of a page that begins with `messages` and answers events with `reply`, and the files that it exported.
fn page(
    disk: &Rc<Place>,
    messages: impl IntoIterator<Item = Message<Vec<u8>>>,
    reply: impl FnMut(&Event) -> Vec<Message<Vec<u8>>>,
) -> (Vec<Event>, Vec<Vec<u8>>) {
    losing_page(disk, Rc::default(), messages, reply)
}

/// As [`page`]; the device is lost once `is_lost`.
fn losing_page(
    disk: &Rc<Place>,
    is_lost: Rc<Cell<bool>>,
    messages: impl IntoIterator<Item = Message<Vec<u8>>>,
    reply: impl FnMut(&Event) -> Vec<Message<Vec<u8>>>,
) -> (Vec<Event>, Vec<Vec<u8>>) {
    let inbox = std::iter::once(start()).chain(messages).collect();
    let desk = Rc::new(Desk {
        inbox: RefCell::new(inbox),
        events: RefCell::default(),
        exported: RefCell::default(),
        reply: RefCell::new(Box::new(reply)),
        disk: disk.clone(),
        now_ms: Cell::new(0.0),
        is_lost,
    });
    pollster::block_on(Session::new(Shared(desk.clone())).serve());
    let desk = Rc::try_unwrap(desk).unwrap_or_else(|_| panic!("the session is over"));
    (desk.events.into_inner(), desk.exported.into_inner())
}

/// Lets the test look at a desk after its session.
struct Shared<'a>(Rc<Desk<'a>>);

impl<'a> Host for Shared<'a> {
    type File = Vec<u8>;
    type Pieces = Slices;
    type Files = Disk;

    fn post(&self, event: Event) {
        self.0.post(event);
    }
    fn post_with(&self, event: Event, bytes: Vec<u8>) {
        self.0.post_with(event, bytes);
    }
    fn now_ms(&self) -> f64 {
        self.0.now_ms()
    }
    async fn receive(&self) -> Option<Message<Vec<u8>>> {
        self.0.receive().await
    }
    fn try_receive(&self) -> Option<Message<Vec<u8>>> {
        self.0.try_receive()
    }
    async fn breathe(&self) {}
    async fn sleep(&self, milliseconds: u32) {
        self.0.sleep(milliseconds).await;
    }
    fn lost_device(&self) -> Option<String> {
        self.0.lost_device()
    }
    async fn adapter(&self) -> Result<String, NoAdapter> {
        self.0.adapter().await
    }
    async fn read(&self, file: &Vec<u8>) -> Result<Vec<u8>, String> {
        self.0.read(file).await
    }
    fn open(&self, name: &str, file: &Vec<u8>) -> Slices {
        self.0.open(name, file)
    }
    fn fetch(&self, url: &str) -> Slices {
        self.0.fetch(url)
    }
    fn files(&self) -> &Disk {
        self.0.files()
    }
    fn unique(&self) -> u64 {
        self.0.unique()
    }
    fn unix_ms(&self) -> u64 {
        self.0.unix_ms()
    }
}

fn settings() -> Settings {
    Settings {
        epochs: 2,
        batch_size: 8,
        train_images: 48,
        learning_rates: LearningRates { convolution: 3e-3, dense: 1e-3 },
        ..Settings::default()
    }
}

fn train(start: StartingWeights) -> Message<Vec<u8>> {
    ask(Request::Train { settings: settings(), start })
}

fn resume(run: RunId) -> Message<Vec<u8>> {
    ask(Request::Resume { run: Some(run) })
}

/// The run that a page would offer first for resuming, if the event lists one whose step satisfies `is_it`.
fn offered(event: &Event, is_it: impl Fn(u64) -> bool) -> Option<RunId> {
    let Event::Runs { runs, .. } = event else { return None };
    let run = runs.iter().find(|run| run.usage == RunUse::Free)?;
    is_it(run.facts.step).then_some(run.id)
}

/// The runs and unreadable files that were last told.
fn shelf(events: &[Event]) -> (Vec<KeptRun>, Vec<UnreadableFile>) {
    let told = events.iter().rev().find_map(|event| match event {
        Event::Runs { runs, unreadable } => Some((runs.clone(), unreadable.clone())),
        _ => None,
    });
    told.expect("a page is told what is there")
}

fn quiet(_: &Event) -> Vec<Message<Vec<u8>>> {
    Vec::new()
}

/// The points of the curves, however they were bundled.
fn curve(events: &[Event]) -> Vec<(u64, f32, f32)> {
    let points = events.iter().flat_map(|event| match event {
        Event::Progress { points, .. } => points.clone(),
        Event::History(history) => history.points.clone(),
        _ => Vec::new(),
    });
    points.map(|point| (point.step, point.loss, point.accuracy)).collect()
}

fn has(events: &[Event], is_it: impl Fn(&Event) -> bool) -> bool {
    events.iter().any(is_it)
}

#[test]
fn a_run_tells_its_curves_validates_each_epoch_is_kept_and_ends_with_a_test() {
    let disk = disk();
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], quiet);
    let present = |event: &Event| {
        matches!(event, Event::Images(ImagesStatus::Present { train: 80, test: 30, kept: Kept::OnDevice, .. }))
    };
    assert!(has(&events, present), "{:?}", &events[..5]);
    assert_eq!(curve(&events).iter().map(|point| point.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]);
    let validations: Vec<_> = events
        .iter()
        .filter_map(|event| if let Event::Validated(v) = event { Some((v.step, v.images)) } else { None })
        .collect();
    assert_eq!(validations, [(6, 32), (12, 32)]);
    assert!(has(&events, |event| matches!(event, Event::Checkpointed { step: 12, .. })));
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    let answering = |event: &Event| matches!(event, Event::Answering { network } if network.weights == WeightsOrigin::Trained { step: 12 });
    assert!(has(&events, answering));
    // While the test images are answered, the list already has what the last epoch came to.
    let place = |is_it: fn(&Event) -> bool| events.iter().position(is_it).expect("it is told");
    let ended = place(|event| matches!(event, Event::Run(RunStatus::Ended { .. })));
    let testing = place(|event| matches!(event, Event::Testing { .. }));
    let last =
        events.iter().rev().find_map(|event| if let Event::Validated(v) = event { Some(v.accuracy) } else { None });
    assert_eq!(shelf(&events[ended..testing]).0[0].accuracy, last);
    let tested = |event: &Event| matches!(event, Event::Tested(report) if report.answers.len() == 30);
    assert!(has(&events, tested));
    assert!(!has(&events, |event| matches!(event, Event::NotDone { .. } | Event::NotCheckpointed { .. })));
}

fn inspect(ticket: u32, pixels: Vec<u8>, view: View) -> Message<Vec<u8>> {
    ask(Request::Inspect(Question { ticket, pixels, view }))
}

/// The answers about the inside, by ticket.
fn inspected(events: &[Event]) -> Vec<(u32, Found)> {
    let found = events.iter().filter_map(|event| match event {
        Event::Inspected(inspected) => Some((inspected.ticket, inspected.found.clone())),
        _ => None,
    });
    found.collect()
}

#[test]
fn the_inside_is_told_of_the_picture_that_comes_with_the_question_and_keeps_nothing() {
    let pixels = |shade: u8| (0..3072).map(|at| shade.wrapping_add((at % 61) as u8)).collect::<Vec<u8>>();
    let unit = Unit { layer: 0, channel: 99, row: 0, column: 0 };
    let questions = [
        inspect(1, pixels(40), View::Layers),
        inspect(2, pixels(90), View::Answer),
        inspect(3, pixels(40), View::Answer),
        inspect(4, pixels(40), View::Unit(unit)),
        inspect(5, vec![0; 7], View::Answer),
        inspect(6, pixels(40), View::Gradient { class: 10 }),
    ];
    let (events, _) = page(&disk(), questions, quiet);
    let found = inspected(&events);
    assert_eq!(found.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let [
        (_, Found::Layers { layers, outputs: first }),
        (_, Found::Answer(other)),
        (_, Found::Answer(again)),
        (_, Found::Nothing(no_unit)),
        (_, Found::Nothing(no_picture)),
        (_, Found::Nothing(no_class)),
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(layers.len(), 4);
    assert_ne!(first.logits, other.logits);
    let worst = first.logits.iter().zip(again.logits).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "off by {worst}");
    assert_eq!(no_unit, "This network has no such unit.");
    assert_eq!(no_picture, "This is no picture of 32x32 pixels.");
    assert_eq!(no_class, "This network has no such class.");
}

#[test]
fn the_test_images_pass_once_and_then_tell_the_plane_with_all_pictures_and_what_excites_each_map() {
    let scene = std::fs::read(format!("{}/assets/scenes/cat.png", env!("CARGO_MANIFEST_DIR"))).expect("a scene");
    let classify = Message { request: Request::Classify { id: PictureId(5) }, file: Some(scene) };
    let pixels: Vec<u8> = (0..3072).map(|at| (at % 61) as u8).collect();
    let pass = |ticket| inspect(ticket, pixels.clone(), View::Gather { split: Split::Test, count: 20, weights: 1 });
    let questions = [
        classify,
        inspect(1, pixels.clone(), View::Patches { layer: 0, channel: 2 }),
        pass(2),
        pass(3),
        inspect(4, pixels.clone(), View::Plane),
        inspect(5, pixels.clone(), View::Patches { layer: 0, channel: 2 }),
        inspect(6, pixels.clone(), View::Patches { layer: 3, channel: 9 }),
        inspect(7, pixels.clone(), View::Patches { layer: 3, channel: 10 }),
    ];
    let (events, _) = page(&disk(), questions, quiet);
    let found = inspected(&events);
    let [
        (1, Found::Nothing(too_soon)),
        (2, Found::Gathered { done: 20, total: 30 }),
        (3, Found::Gathered { done: 30, total: 30 }),
        (4, Found::Plane(plane)),
        (5, Found::Patches(first)),
        (6, Found::Patches(last)),
        (7, Found::Nothing(_)),
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(too_soon, "The test images have not passed through this network yet.");
    assert_eq!(plane.points.len(), 30);
    let [(PictureId(5), place)] = plane.pictures[..] else { panic!("{:?}", plane.pictures) };
    assert_ne!(place, plane.here);
    for patches in [first, last] {
        assert_eq!(patches.len(), 9);
        assert!(patches.is_sorted_by(|a, b| a.value >= b.value));
        let mut images: Vec<u32> = patches.iter().map(|patch| patch.image.index).collect();
        images.sort_unstable();
        images.dedup();
        assert_eq!(images.len(), 9, "each image once");
    }
    let sizes: Vec<_> = last.iter().map(|patch| (patch.window.height, patch.window.width)).collect();
    assert_eq!(sizes, [(32, 32); 9], "the last layer sees all of a picture");
    assert!(first.iter().all(|patch| patch.window.height <= 4 && patch.window.width <= 4));
}

#[test]
fn during_a_run_the_inside_is_that_of_the_network_as_it_is_and_the_run_goes_on() {
    let pixels: Vec<u8> = (0..3072).map(|at| (at % 61) as u8).collect();
    let (events, _) = page(&disk(), [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 1, .. } => vec![inspect(1, pixels.clone(), View::Filters)],
        Event::Progress { step: 8, .. } => vec![
            inspect(2, pixels.clone(), View::Filters),
            inspect(3, pixels.clone(), View::Occlusion { first: 0, count: 2 }),
        ],
        _ => Vec::new(),
    });
    let found = inspected(&events);
    let [(1, Found::Filters(early)), (2, Found::Filters(late)), (3, Found::Occlusion(logits))] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!((early.channels, early.height, early.width), (18, 12, 4));
    assert_ne!(early.limits, late.limits, "filters change while the network learns");
    assert_eq!(logits.len(), 2);
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
}

#[test]
fn a_paused_run_that_is_resumed_after_a_reload_continues_as_an_uninterrupted_one_would() {
    let (whole, _) = page(&disk(), [train(StartingWeights::Shipped)], quiet);

    let disk = disk();
    // The page pauses after the third step, and is closed.
    let (first, _) = page(&disk, [train(StartingWeights::Shipped)], |event| match event {
        Event::Progress { step: 3, .. } => vec![ask(Request::Pause)],
        _ => Vec::new(),
    });
    let paused = |event: &Event| matches!(event, Event::Run(RunStatus::Paused(facts)) if facts.step < 6);
    assert!(has(&first, paused));

    let (second, _) = page(&disk, [], |event| offered(event, |step| step < 6).map(resume).into_iter().collect());
    assert!(has(&second, |event| offered(event, |step| step < 6).is_some()));
    assert_eq!(curve(&second), curve(&whole));
    let answers = |events: &[Event]| {
        events.iter().find_map(|event| if let Event::Tested(report) = event { Some(report.clone()) } else { None })
    };
    assert_eq!(answers(&second), answers(&whole));
}

#[test]
fn a_pause_ends_where_the_visitor_goes_on() {
    let (whole, _) = page(&disk(), [train(StartingWeights::Scratch)], quiet);
    let (paused, _) = page(&disk(), [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 4, .. } => vec![ask(Request::Pause)],
        Event::Run(RunStatus::Paused(_)) => vec![ask(Request::Validate), ask(Request::Resume { run: None })],
        _ => Vec::new(),
    });
    assert!(has(&paused, |event| matches!(event, Event::Run(RunStatus::Paused(_)))));
    assert_eq!(curve(&paused), curve(&whole));
}

#[test]
fn a_run_is_measured_on_the_test_images_while_it_waits_and_while_it_goes_on() {
    let (whole, _) = page(&disk(), [train(StartingWeights::Scratch)], quiet);
    let (measured, _) = page(&disk(), [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 2, .. } => vec![ask(Request::Test)],
        Event::Progress { step: 4, .. } => vec![ask(Request::Pause)],
        Event::Run(RunStatus::Paused(_)) => vec![ask(Request::Test), ask(Request::Resume { run: None })],
        _ => Vec::new(),
    });
    let tested = |event: &Event| matches!(event, Event::Tested(report) if report.answers.len() == 30);
    assert_eq!(measured.iter().filter(|event| tested(event)).count(), 3, "{measured:?}");
    assert!(!has(&measured, |event| matches!(event, Event::NotDone { .. })));
    assert_eq!(curve(&measured), curve(&whole));
}

#[test]
fn pictures_are_answered_during_a_run_and_their_predictions_move() {
    let picture = std::fs::read(format!("{}/assets/scenes/cat.png", env!("CARGO_MANIFEST_DIR"))).expect("a scene");
    let classify = Message { request: Request::Classify { id: PictureId(5) }, file: Some(picture) };
    let mut classify = Some(classify);
    let (events, _) = page(&disk(), [train(StartingWeights::Scratch)], |event| match event {
        Event::Run(RunStatus::Running(_)) => classify.take().into_iter().collect(),
        _ => Vec::new(),
    });
    let probabilities: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Watched(watched) => watched.pictures.first().map(|(id, p)| (*id, *p)),
            Event::Classified { answers } => answers.first().map(|(id, prediction)| (*id, prediction.probabilities)),
            _ => None,
        })
        .collect();
    assert!(probabilities.len() >= 2, "{events:?}");
    assert!(probabilities.iter().all(|(id, p)| *id == PictureId(5) && (p.iter().sum::<f32>() - 1.0).abs() < 1e-4));
    assert_ne!(probabilities.first(), probabilities.last());
    let strip = |event: &Event| matches!(event, Event::Strip { images } if images.len() == 20);
    assert!(has(&events, strip));
}

#[test]
fn a_kept_run_has_a_time_lapse_from_its_first_answers_to_its_last() {
    let disk = disk();
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], quiet);
    let mut watched: Vec<u64> = events
        .iter()
        .filter_map(|event| if let Event::Watched(watched) = event { Some(watched.step) } else { None })
        .collect();
    watched.dedup();
    assert_eq!(watched.last(), Some(&12), "the trained network answers, too");
    let run = shelf(&events).0[0].id;
    let (events, _) = page(&disk, [ask(Request::Curves { run })], quiet);
    let told = events.iter().find_map(|event| match event {
        Event::Curves { history, .. } => Some(history.frames()),
        _ => None,
    });
    let frames = told.expect("it is kept");
    assert!(frames.iter().all(|(_, answers)| answers.len() == 20), "{frames:?}");
    let steps: Vec<u64> = frames.into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, watched, "so short a run loses none");
}

fn change(name: &str, value: &str) -> Message<Vec<u8>> {
    ask(Request::Change { name: name.into(), value: value.into() })
}

#[test]
fn a_setting_changed_during_a_run_or_its_pause_holds_from_the_next_step_on_and_a_run_of_these_changes_is_the_same() {
    let disk = disk();
    let mut is_first = true;
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step, .. } if *step >= 2 && std::mem::take(&mut is_first) => {
            vec![change("dropout", "0.2"), change("dropout", "7"), change("epochs", "9"), ask(Request::Pause)]
        }
        Event::Run(RunStatus::Paused(facts)) if !facts.settings.changes.contains("flip") => {
            vec![change("flip", "off"), change("conv-rate", "0.0001"), ask(Request::Resume { run: None })]
        }
        _ => Vec::new(),
    });
    let ended = events.iter().find_map(|event| match event {
        Event::Run(RunStatus::Ended { facts, how: End::Completed }) => Some(facts.settings.clone()),
        _ => None,
    });
    let changed = ended.expect("it went on to its end");
    let steps: Vec<u64> = changed.changed().iter().map(|(step, _)| *step).collect();
    let at = steps[0];
    assert_eq!(changed.changes, format!("{at}:dropout=0.2,{at}:flip=off,{at}:conv-rate=0.0001"));
    let refusals: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::NotDone { asked: RequestKind::Change, reason } => Some(reason.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(refusals.len(), 2, "{refusals:?}");
    assert_eq!(refusals[0], "Nothing changes: Dropout must be 0 to 0.95.");
    assert!(refusals[1].contains("the length of a run stay as they are"), "{refusals:?}");
    assert_eq!(shelf(&events).0[0].facts.settings, changed, "it is kept");

    let again = ask(Request::Train { settings: changed.clone(), start: StartingWeights::Scratch });
    let (repeated, _) = page(&self::disk(), [again], quiet);
    assert_eq!(curve(&repeated), curve(&events));
    let (unchanged, _) = page(&self::disk(), [train(StartingWeights::Scratch)], quiet);
    let until = |events: &[Event]| curve(events).into_iter().take_while(|point| point.0 <= at).collect::<Vec<_>>();
    assert_eq!(until(&unchanged), until(&events));
    assert_ne!(curve(&unchanged), curve(&events));
}

#[test]
fn what_is_changed_in_a_pause_is_kept_at_once() {
    let disk = disk();
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        // At the end of an epoch, a run that ends is not kept once more.
        Event::Progress { step: 6, .. } => vec![ask(Request::Pause)],
        Event::Run(RunStatus::Paused(facts)) if facts.settings.changes.is_empty() => vec![change("shift", "2")],
        _ => Vec::new(),
    });
    // The page was closed in the pause.
    assert!(!has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    let (runs, _) = shelf(&page(&disk, [], quiet).0);
    assert!(runs[0].facts.settings.changes.ends_with(":shift=2"), "{runs:?}");
}

#[test]
fn a_run_that_diverges_keeps_the_last_good_network_and_says_what_to_lower() {
    let learning_rates = LearningRates { convolution: 1.0, dense: 1.0 };
    let settings = Settings { optimiser: OptimiserChoice::Momentum, learning_rates, epochs: 20, ..settings() };
    let disk = disk();
    let request = Request::Train { settings, start: StartingWeights::Scratch };
    let (events, _) = page(&disk, [ask(request)], quiet);
    let reason = events.iter().find_map(|event| match event {
        Event::Run(RunStatus::Ended { how: End::Diverged { reason }, .. }) => Some(reason.clone()),
        _ => None,
    });
    let reason = reason.expect("the weights overflow");
    assert!(reason.contains("Lower the learning rates"), "{reason}");
    assert!(!has(&events, |event| matches!(event, Event::Failed { .. })));
}

#[test]
fn a_full_disk_is_said_once_and_the_run_goes_on_in_memory_until_there_is_room() {
    let disk = disk();
    disk.files.limit(Some(0));
    let (events, files) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Tested(_) => {
            disk.files.limit(None);
            vec![ask(Request::Export { format: ExportFormat::Run })]
        }
        _ => Vec::new(),
    });
    let said = events.iter().filter(|event| matches!(event, Event::NotCheckpointed { .. })).count();
    assert_eq!(said, 1);
    assert!(!has(&events, |event| matches!(event, Event::Checkpointed { .. })), "it was not kept");
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    let (runs, _) = shelf(&events);
    assert_eq!(runs[0].facts.step, 12);
    assert!(runs[0].not_kept.as_ref().is_some_and(|because| because.contains("no room")), "{runs:?}");
    assert_eq!(files.len(), 1, "it can be taken away");

    // In the next visit the disk is still full, and an imported file says so.
    let disk = self::disk();
    disk.files.limit(Some(0));
    let import = Message { request: import_of("mine.tenfold".into()), file: Some(files[0].clone()) };
    let (events, _) = page(&disk, [import], quiet);
    let said = |event: &Event| matches!(event, Event::Notice { sentence } if sentence.starts_with("mine.tenfold is in memory only, because this device has no room"));
    assert!(has(&events, said), "{events:?}");
    assert!(shelf(&events).0[0].not_kept.is_some());
}

#[test]
fn a_new_run_leaves_all_others_as_they_are_and_each_can_be_resumed_named_exported_and_deleted() {
    let disk = disk();
    let stopped_at = |step: u64| {
        page(&disk, [train(StartingWeights::Scratch)], move |event| match event {
            Event::Progress { step: now, .. } if *now >= step => vec![ask(Request::Stop)],
            _ => Vec::new(),
        })
    };
    let first = shelf(&stopped_at(3).0).0[0].clone();
    let (runs, _) = shelf(&stopped_at(8).0);
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[1], first, "nothing of it has changed");
    let second = runs[0].clone();
    assert!(first.facts.step < 6 && second.facts.step >= 8);

    let item = |run: &KeptRun| ShelfItem::Run(run.id);
    let (events, files) = page(
        &disk,
        [
            ask(Request::RenameRun { run: first.id, name: " the first ".into() }),
            ask(Request::ExportItem(item(&first))),
            resume(first.id),
            ask(Request::DeleteItem(item(&second))),
        ],
        quiet,
    );
    assert_eq!(files.len(), 1);
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    let (runs, unreadable) = shelf(&events);
    assert_eq!((runs.len(), unreadable.len()), (1, 0));
    assert_eq!((runs[0].id, runs[0].name.as_deref(), runs[0].facts.step), (first.id, Some("the first"), 12));
    assert!(runs[0].tested.is_some_and(|(step, _)| step == 12), "{runs:?}");
    assert_eq!(curve(&events).last(), curve(&page(&self::disk(), [train(StartingWeights::Scratch)], quiet).0).last());
}

#[test]
fn two_tabs_do_not_touch_each_others_runs() {
    let disk = disk();
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 3, .. } => vec![ask(Request::Stop)],
        _ => Vec::new(),
    });
    let run = shelf(&events).0[0].clone();
    // Another tab continues the run.
    disk.files.take(&claim_name(run.id));
    let (events, _) = page(&disk, [resume(run.id), ask(Request::DeleteItem(ShelfItem::Run(run.id)))], quiet);
    let refused = |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.contains("another tab of Tenfold is writing it"));
    assert_eq!(events.iter().filter(|event| refused(event)).count(), 2, "{events:?}");
    assert_eq!(shelf(&events).0[0].usage, RunUse::Elsewhere);
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], quiet);
    assert!(has(&events, |event| matches!(event, Event::Checkpointed { step: 12, .. })), "its own is kept beside it");
    let (runs, _) = shelf(&events);
    assert_eq!((runs.len(), &runs[1].facts), (2, &run.facts));
}

#[test]
fn a_run_that_another_tab_went_on_with_during_a_pause_goes_on_as_another_one() {
    let disk = disk();
    let mut id = None;
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 3, .. } => vec![ask(Request::Pause)],
        Event::Runs { runs, .. } => {
            id = id.or(runs.first().map(|run| run.id));
            Vec::new()
        }
        Event::Run(RunStatus::Paused(_)) => {
            disk.files.take(&claim_name(id.expect("it was kept")));
            vec![ask(Request::Resume { run: None })]
        }
        _ => Vec::new(),
    });
    let said = |event: &Event| matches!(event, Event::Notice { sentence } if sentence.starts_with("Another tab has continued this run"));
    assert!(has(&events, said), "{events:?}");
    let (runs, _) = shelf(&events);
    assert_eq!(runs.iter().map(|run| run.facts.step).collect::<Vec<_>>()[0], 12);
    assert_eq!(runs.len(), 2);
    assert!(runs[1].facts.step < 6, "the other one is as it was");
}

#[test]
fn wherever_a_page_is_closed_its_run_is_there_as_it_was_last_said_to_be_kept() {
    let settings = Settings { epochs: 2, batch_size: 8, train_images: 16, ..NetworkName::Tenfold2026.settings() };
    let train = || ask(Request::Train { settings: settings.clone(), start: StartingWeights::Scratch });
    let mut found = Vec::new();
    for (fault, at) in
        [Fault::Crash, Fault::Fails, Fault::CrashHalfway, Fault::PowerCut].into_iter().cycle().zip((0..).step_by(2))
    {
        let disk = disk();
        disk.files.break_at(at, fault);
        let (events, _) = page(&disk, [train()], quiet);
        let kept = events.iter().rev().find_map(|event| match event {
            Event::Checkpointed { step, .. } => Some(*step),
            _ => None,
        });
        let is_broken = disk.files.mend();
        let next = Rc::new(Place { files: disk.files.reopened(), ..Place::default() });
        let (events, _) = page(&next, [], quiet);
        let (runs, _) = shelf(&events);
        let step = runs.first().map(|run| run.facts.step);
        // It can have been kept without the time to tell the page.
        assert!(step >= kept, "{fault:?} at {at}: {step:?} is there, {kept:?} was said");
        found.push(step);
        if !is_broken {
            break;
        }
    }
    assert_eq!((found.first(), found.last()), (Some(&None), Some(&Some(4))));
    assert!(found.contains(&Some(2)), "{found:?}");
}

/// The cause that ends a run.
#[derive(Debug)]
enum Ending {
    /// The visitor, by this request.
    Asked(Request),
    /// A lost GPU; the page goes on without it.
    GpuLost,
    /// A device without room from now on.
    DiskFull,
    /// The page, by this fault at its next file operation.
    Breaks(Fault),
}

#[test]
fn a_run_that_is_ended_in_ten_ways_is_there_in_the_next_visit_and_comes_to_the_same_end() {
    let own = NetworkName::Own.settings().with_network("flat-dense10".parse().expect("layers"));
    let settings = Settings { epochs: 2, batch_size: 8, train_images: 48, ..own };
    let train = || Request::Train { settings: settings.clone(), start: StartingWeights::Scratch };
    let (whole, _) = page(&disk(), [ask(train())], quiet);
    let endings = [
        Ending::Asked(Request::Stop),
        Ending::Asked(Request::Pause),
        Ending::Asked(Request::Reset),
        Ending::Asked(Request::DeleteImages),
        Ending::Asked(train()),
        Ending::Asked(start_with(Some(NetworkName::Tenfold2026)).request),
        Ending::GpuLost,
        Ending::DiskFull,
        Ending::Breaks(Fault::Crash),
        Ending::Breaks(Fault::PowerCut),
    ];
    for ending in endings {
        let (disk, is_lost) = (disk(), Rc::new(Cell::new(false)));
        let (mut id, mut is_over) = (None, false);
        let (mut events, _) = losing_page(&disk, is_lost.clone(), [ask(train())], |event| {
            if let Event::Runs { runs, .. } = event {
                id = id.or(runs.first().map(|run| run.id));
            }
            // It was kept after its sixth step.
            if is_over || !matches!(event, Event::Progress { step: 8, .. }) {
                return Vec::new();
            }
            is_over = true;
            match &ending {
                Ending::Asked(request) => return vec![ask(request.clone())],
                Ending::GpuLost => is_lost.set(true),
                Ending::DiskFull => disk.files.limit(Some(0)),
                Ending::Breaks(fault) => disk.files.break_at(0, *fault),
            }
            Vec::new()
        });
        let id = id.expect("it was kept");
        let next = Rc::new(Place { files: disk.files.reopened(), ..Place::default() });
        put_images(&next.files);
        let step_of = |events: &[Event]| shelf(events).0.iter().find(|run| run.id == id).map(|run| run.facts.step);
        let step = step_of(&page(&next, [], quiet).0);
        assert!(step >= Some(6), "{ending:?}: {step:?} is there");
        if step < Some(12) {
            events = page(&next, [resume(id)], quiet).0;
            assert_eq!(step_of(&events), Some(12), "{ending:?}");
        }
        assert_eq!(curve(&events).last(), curve(&whole).last(), "{ending:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said_and_can_be_taken_away_and_deleted() {
    let disk = disk();
    page(&disk, [train_2026(StartingWeights::Scratch)], quiet);
    let (events, _) = page(&disk, [], quiet);
    let id = shelf(&events).0[0].id;
    let [file, other] = pair(id).files();
    assert_eq!(disk.files.content(&other), None, "it was kept once");
    disk.files.change(&file, |bytes| bytes[200] ^= 1);
    disk.files.put("run.tenfold", b"not a run".to_vec());
    let (events, _) = page(&disk, [resume(id)], quiet);
    let (runs, unreadable) = shelf(&events);
    assert_eq!(runs, []);
    let reasons: Vec<_> = unreadable.iter().map(|file| (file.file.as_str(), file.reason.as_str())).collect();
    assert!(reasons.iter().any(|(name, why)| *name == file && why.contains("damaged")), "{reasons:?}");
    assert!(reasons.iter().any(|(name, _)| *name == "run.tenfold"), "{reasons:?}");
    assert!(has(&events, |event| matches!(event, Event::NotDone { reason, .. } if reason.contains("damaged"))));

    let items = unreadable.iter().map(|file| ShelfItem::File(file.file.clone()));
    let requests = items.flat_map(|item| [ask(Request::ExportItem(item.clone())), ask(Request::DeleteItem(item))]);
    let (events, files) = page(&disk, requests, quiet);
    assert_eq!(files.len(), 2);
    assert!(files.contains(&b"not a run".to_vec()));
    assert_eq!(shelf(&events), (Vec::new(), Vec::new()));
}

#[test]
fn a_run_on_other_images_is_refused_with_the_reason() {
    let disk = disk();
    let (events, _) = page(&disk, [train_2026(StartingWeights::Scratch)], quiet);
    let id = shelf(&events).0[0].id;
    // As many images, with one pixel changed.
    disk.files.change("cifar-10-train.images", |bytes| *bytes.last_mut().expect("images") ^= 1);
    let (events, _) = page(&disk, [resume(id)], quiet);
    let said =
        |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.contains("trained on other images"));
    assert!(has(&events, said), "{events:?}");
    assert_eq!(shelf(&events).0.len(), 1, "it stays");
}

#[test]
fn images_that_were_changed_on_the_device_are_said_to_be_damaged() {
    let disk: Rc<Place> = Rc::default();
    let add = |name: &str, count| Message {
        request: Request::AddImages { name: name.into() },
        file: Some(batch_file(count)),
    };
    page(&disk, [add("data_batch_1.bin", 10_000), add("test_batch.bin", 10_000)], quiet);
    let file = disk.files.names_now().into_iter().find(|name| name.starts_with("cifar-10-train")).expect("it is kept");
    disk.files.change(&file, |bytes| *bytes.last_mut().expect("images") ^= 1);
    let (events, _) = page(&disk, [train_2026(StartingWeights::Scratch)], quiet);
    let said = |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.contains("images on this device are damaged"));
    assert!(has(&events, said), "{events:?}");
}

#[test]
fn a_run_whose_figures_are_no_longer_finite_stays_listed_and_its_weights_are_kept_while_they_are_finite() {
    let learning_rates = LearningRates { convolution: 1.0, dense: 1.0 };
    let settings = Settings {
        optimiser: OptimiserChoice::Momentum,
        learning_rates,
        warm_up_epochs: 0.0,
        dropout_rate: 0.0,
        epochs: 200,
        ..settings()
    };
    let disk = disk();
    let (events, _) = page(&disk, [ask(Request::Train { settings, start: StartingWeights::Scratch })], quiet);
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Diverged { .. }, .. }))));
    let kept = events.iter().rev().find_map(|event| match event {
        Event::Checkpointed { step, .. } => Some(*step),
        _ => None,
    });
    let odd = |event: &Event| matches!(event, Event::Validated(validation) if !validation.loss.is_finite());
    println!("kept up to {kept:?}, odd validations: {}", events.iter().filter(|event| odd(event)).count());
    let (events, _) = page(&disk, [], quiet);
    let (runs, unreadable) = shelf(&events);
    assert_eq!(
        runs.iter().map(|run| Some(run.facts.step)).collect::<Vec<_>>(),
        kept.map(Some).into_iter().collect::<Vec<_>>()
    );
    assert_eq!(unreadable, []);
}

#[test]
fn after_a_lost_device_the_run_goes_on_by_itself_on_the_cpu_from_the_last_checkpoint() {
    let (whole, _) = page(&disk(), [train(StartingWeights::Scratch)], quiet);
    let (disk, is_lost) = (disk(), Rc::new(Cell::new(false)));
    let (events, _) = losing_page(&disk, is_lost.clone(), [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 8, .. } => {
            is_lost.set(true);
            Vec::new()
        }
        _ => Vec::new(),
    });
    let reason = events.iter().find_map(|event| match event {
        Event::Run(RunStatus::Ended { how: End::DeviceLost { reason }, .. }) => Some(reason.clone()),
        _ => None,
    });
    let reason = reason.expect("the loss is told");
    assert!(reason.contains("up to step 6"), "{reason}");
    // Steps that were lost after the checkpoint are computed again.
    assert_eq!(curve(&events).last(), curve(&whole).last());
    let on_cpu = |event: &Event| matches!(event, Event::Ready { device: DeviceReport::Cpu { because }, .. } if because.contains("lost"));
    assert!(has(&events, on_cpu));
}

#[test]
fn a_run_whose_gpu_is_lost_before_it_was_kept_begins_again_by_itself_on_the_cpu() {
    let (whole, _) = page(&disk(), [train(StartingWeights::Scratch)], quiet);
    let (disk, is_lost) = (disk(), Rc::new(Cell::new(false)));
    let (events, _) = losing_page(&disk, is_lost.clone(), [train(StartingWeights::Scratch)], |event| {
        if matches!(event, Event::Progress { step: 2, .. }) {
            is_lost.set(true);
        }
        Vec::new()
    });
    let said = |event: &Event| matches!(event, Event::Run(RunStatus::Ended { how: End::DeviceLost { reason }, .. }) if reason.contains("begins again on the CPU"));
    assert!(has(&events, said), "what becomes of it is told");
    assert_eq!(curve(&events).last(), curve(&whole).last(), "it is the same run to its end");
    assert_eq!(shelf(&events).0.len(), 1);
}

#[test]
fn weights_and_runs_that_were_exported_can_be_imported_and_damaged_ones_change_nothing() {
    let export = |format| ask(Request::Export { format });
    let disk = disk();
    let (_, files) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Tested(_) => vec![export(ExportFormat::Weights), export(ExportFormat::Run)],
        _ => Vec::new(),
    });
    let [weights, run] = &files[..] else { panic!("{} files", files.len()) };

    let import = |name: &str, bytes: &[u8]| {
        let request = import_of(name.into());
        let (events, _) = page(&self::disk(), [Message { request, file: Some(bytes.to_vec()) }], quiet);
        events
    };
    let imported = import("mine.safetensors", weights);
    let is_it = |event: &Event| matches!(event, Event::Answering { network } if network.weights == WeightsOrigin::Imported { file: "mine.safetensors".into() });
    assert!(has(&imported, is_it));
    let imported = import("step-12.tenfold", run);
    let (runs, _) = shelf(&imported);
    assert_eq!((runs[0].facts.step, runs[0].name.as_deref()), (12, Some("step-12")));
    assert!(!has(&imported, |event| matches!(event, Event::Notice { .. })), "{imported:?}");

    let mut flipped = run.clone();
    // In the middle of a weight.
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for (name, bytes) in [
        ("cut.safetensors", &weights[..weights.len() / 2]),
        ("cut.tenfold", &run[..run.len() - 1]),
        ("flipped.tenfold", &flipped[..]),
        ("text.txt", b"hello"),
        ("empty", b""),
    ] {
        let events = import(name, bytes);
        let said = |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.starts_with(&format!("{name} was not imported")));
        assert!(has(&events, said), "{name}: {events:?}");
        assert!(!has(&events, |event| matches!(event, Event::Answering { .. })), "{name}");
    }
}

#[test]
fn weights_of_another_program_answer_once_the_visitor_agreed_to_where_each_tensor_goes() {
    let folder = format!("{}/tests/fixtures/foreign", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(format!("{folder}/pytorch.safetensors")).expect("a fixture");
    let import = |layers: &str| {
        let request = Request::Import { name: "theirs.safetensors".into(), layers: layers.parse().expect("layers") };
        Message { request, file: Some(bytes.clone()) }
    };
    let layers = "conv4k5s4-max2-normsr-conv6k3r-flat-drop-dense12t-dense10";
    let is_imported = |event: &Event| matches!(event, Event::Answering { network } if network.layers.to_string() == layers && network.weights == WeightsOrigin::Imported { file: "theirs.safetensors".into() });
    let fits = |event: &Event| matches!(event, Event::Fitted { title, pairings } if title.contains("theirs.safetensors") && title.contains("PyTorch") && pairings.len() == 12);
    let (shown, _) = page(&disk(), [import(layers)], quiet);
    assert!(has(&shown, fits), "{shown:?}");
    assert!(!has(&shown, is_imported), "nobody has agreed");
    let (loaded, _) =
        page(&disk(), [import(layers)], |event| if fits(event) { vec![ask(Request::LoadFitted)] } else { Vec::new() });
    assert!(has(&loaded, is_imported), "{loaded:?}");

    let reasons = |events: &[Event]| -> Vec<String> {
        let reason =
            |event: &Event| if let Event::NotDone { reason, .. } = event { Some(reason.clone()) } else { None };
        events.iter().filter_map(reason).collect()
    };
    let (refused, _) = page(&disk(), [import("conv5k5s4-max2-normsr-conv6k3r-flat-drop-dense12t-dense10")], quiet);
    let why = "theirs.safetensors was not imported: its tensors do not fit the network that is built: conv1 takes weights of \
               5×3×5×5 (PyTorch) or 5×5×3×5 (Keras), and no tensors are left of these dimensions; build the \
               network that they are of, and import the file again.";
    assert_eq!(reasons(&refused), [why]);
    let (nothing, _) = page(&disk(), [ask(Request::LoadFitted)], quiet);
    assert_eq!(reasons(&nothing), ["The file is not here any more; import it again."]);
}

#[test]
fn a_network_of_ones_own_is_trained_kept_resumed_exported_and_imported_as_any_other() {
    let layers: Spec = "conv8k5s2r-norm-max2-flat-drop20-dense16r-dense10".parse().expect("layers");
    let train = |layers: &Spec| {
        ask(Request::Train { settings: settings().with_network(layers.clone()), start: StartingWeights::Scratch })
    };
    let answers = |events: &[Event]| {
        events.iter().rev().find_map(|event| match event {
            Event::Answering { network } => Some((network.name, network.layers.clone())),
            _ => None,
        })
    };
    let export = |format| ask(Request::Export { format });
    let (whole, files) = page(&disk(), [train(&layers)], |event| match event {
        Event::Tested(_) => [ExportFormat::Weights, ExportFormat::Onnx, ExportFormat::Run].map(export).into(),
        _ => Vec::new(),
    });
    assert_eq!(answers(&whole), Some((NetworkName::Own, layers.clone())));
    let names = whole.iter().filter_map(|event| match event {
        Event::Exported { file_name } => Some(file_name.as_str()),
        _ => None,
    });
    let expected = ["tenfold-own-step-12.safetensors", "tenfold-own-step-12.onnx", "step-12.tenfold"];
    assert_eq!(names.collect::<Vec<_>>(), expected);

    let disk = disk();
    page(&disk, [train(&layers)], |event| match event {
        Event::Validated(validation) if validation.step == 6 => vec![ask(Request::Pause)],
        _ => Vec::new(),
    });
    let (rest, _) = page(&disk, [], |event| offered(event, |step| step < 12).map(resume).into_iter().collect());
    assert_eq!(curve(&rest).last(), curve(&whole).last());
    assert_eq!(answers(&rest), Some((NetworkName::Own, layers.clone())));
    let (runs, _) = shelf(&rest);
    assert_eq!((runs[0].facts.step, runs[0].facts.settings.layers.clone()), (12, Some(layers.clone())));

    for (name, bytes) in [("mine.safetensors", &files[0]), ("mine.tenfold", &files[2])] {
        let request = import_of(name.into());
        let (events, _) = page(&self::disk(), [Message { request, file: Some(bytes.clone()) }], quiet);
        assert_eq!(answers(&events), Some((NetworkName::Own, layers.clone())), "{name}");
    }

    let nine: Spec = "flat-dense9".parse().expect("layers");
    let (events, _) = page(&self::disk(), [train(&nine)], quiet);
    let refused = |event: &Event| matches!(event, Event::NotDone { asked: RequestKind::Train, reason } if reason.contains("the last layer gives 9 values, and should give 10"));
    assert!(has(&events, refused), "{events:?}");
}

/// A narrow network, and a file with its weights, changed by `change`.
fn narrow(change: impl Fn(&str, &mut [f32])) -> (Network, Vec<u8>) {
    let device = burn::tensor::Device::flex();
    let network = Network::fresh(&tenfold2026::spec([8, 8, 8]), 1, &device).expect("a narrow network");
    let normalisation = Normalisation { mean: [0.5; 3], std: [0.25; 3] };
    let bytes = pollster::block_on(export_weights(&network, &normalisation)).expect("the CPU does not fail");
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("just written");
    let file = SafeTensors::deserialize(&bytes).expect("just written");
    let changed = file.tensors().into_iter().map(|(name, view)| {
        let mut values: Vec<f32> = view.data().as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
        change(&name, &mut values);
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        (name, view.shape().to_vec(), bytes)
    });
    let changed: Vec<_> = changed.collect();
    let views = changed.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("bytes fill the shape"))
    });
    let bytes = safetensors::serialize(views, header.metadata().clone()).expect("names are unique");
    (network, bytes)
}

#[test]
fn of_imported_weights_their_own_number_of_parameters_is_told() {
    let (network, bytes) = narrow(|_, _| {});
    let request = import_of("narrow.safetensors".into());
    let (events, _) = page(&disk(), [Message { request, file: Some(bytes) }], quiet);
    let told = events.iter().rev().find_map(|event| match event {
        Event::Answering { network } => Some(network.parameters),
        _ => None,
    });
    assert_eq!(told, Some(network.parameter_count() as u64));
}

#[test]
fn weights_that_answer_in_no_numbers_are_refused_and_the_network_before_goes_on() {
    let refused = |change: &dyn Fn(&str, &mut [f32]), words: &str| {
        let request = import_of("mine.safetensors".into());
        let (events, _) = page(&disk(), [Message { request, file: Some(narrow(change).1) }], quiet);
        let is_said = |event: &Event| matches!(event, Event::NotDone { asked: RequestKind::Import, reason } if reason.contains(words));
        assert!(has(&events, is_said), "{words}: {events:?}");
        assert!(!has(&events, |event| matches!(event, Event::Answering { .. })), "{words}");
    };
    let set = |wanted: &'static str, value: f32| {
        move |name: &str, values: &mut [f32]| {
            if name == wanted {
                values.fill(value);
            }
        }
    };
    refused(&set("conv3.statistics", -1.0), "conv3.statistics holds negative variances");
    refused(&set("conv2.weight", f32::NAN), "conv2.weight holds numbers that are not finite");
    refused(&set("output.weight", 3e38), "its answers are not finite");
}

/// Removes the test images from `disk`.
fn without_test_images(disk: &Place) {
    let header = tenfold::data::stored::Header { count: 0, batches: [true; 5], is_published: false };
    disk.files.put("cifar-10-test.images", header.to_bytes().to_vec());
}

#[test]
fn a_run_is_resumed_without_test_images_and_says_what_it_cannot_measure() {
    let disk = disk();
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 3, .. } => vec![ask(Request::Stop)],
        _ => Vec::new(),
    });
    without_test_images(&disk);
    let (events, _) = page(&disk, [resume(shelf(&events).0[0].id)], |event| match event {
        Event::Progress { step: 8, .. } => vec![ask(Request::Test)],
        _ => Vec::new(),
    });
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    assert!(has(&events, |event| matches!(event, Event::Validated(_))));
    let said = |event: &Event| matches!(event, Event::NotDone { asked: RequestKind::Test, reason } if reason.contains("no test images"));
    assert_eq!(events.iter().filter(|event| said(event)).count(), 2, "when asked, and at the end");
    assert!(!has(&events, |event| matches!(event, Event::Tested(_) | Event::Watched(_))));
}

#[test]
fn time_for_which_the_computer_slept_does_not_count_in_the_speed() {
    let disk = disk();
    let (mut nap_ms, now_ms) = (3_600_000.0, disk.jump_ms.clone());
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| {
        // Within the sixth step, by the clock.
        if matches!(event, Event::Validated(validation) if validation.step == 6) {
            now_ms.set(std::mem::take(&mut nap_ms));
        }
        Vec::new()
    });
    let speeds: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { step: 7.., images_per_sec, seconds_left, .. } => Some((*images_per_sec, *seconds_left)),
            _ => None,
        })
        .collect();
    assert!(!speeds.is_empty());
    assert!(speeds.iter().all(|&(speed, left)| speed > 1.0 && left < 60.0), "{speeds:?}");
}

#[test]
fn ten_of_each_class_are_dealt_and_any_can_be_shown() {
    let requests = [
        ask(Request::Deal { seed: 1 }),
        ask(Request::Show { split: Split::Train, indices: vec![79, 80, 0] }),
        ask(Request::DeleteImages),
        ask(Request::Deal { seed: 1 }),
    ];
    let (events, _) = page(&disk(), requests, quiet);
    let dealt = events.iter().find_map(|event| if let Event::Dealt { images } = event { Some(images) } else { None });
    // Thirty test images are three of each class.
    let labels: Vec<_> = dealt.expect("dealt").iter().map(|image| image.label).collect();
    assert_eq!(labels, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9]);
    let shown =
        events.iter().find_map(|event| if let Event::Shown { images, .. } = event { Some(images) } else { None });
    let indices: Vec<_> = shown.expect("shown").iter().map(|image| image.index).collect();
    assert_eq!(indices, [79, 0], "there is no image 80");
    assert!(has(&events, |event| matches!(event, Event::Images(ImagesStatus::Absent))));
    assert!(has(&events, |event| matches!(event, Event::NotDone { .. })), "nothing to deal any more");
}

/// A visitor's picture, with the number 5.
fn picture() -> Message<Vec<u8>> {
    let scene = std::fs::read(format!("{}/assets/scenes/cat.png", env!("CARGO_MANIFEST_DIR"))).expect("a scene");
    numbered(5, scene)
}

/// A visitor's picture in the file `content`.
fn numbered(number: u32, content: Vec<u8>) -> Message<Vec<u8>> {
    Message { request: Request::Classify { id: PictureId(number) }, file: Some(content) }
}

/// A picture of `side` times `side` pixels, different for each `number`.
fn pattern(number: u32, side: u32) -> Vec<u8> {
    let shade = |x: u32, y: u32| (x * (number + 3) + y * y + number * 40) as u8;
    let pixels = image::RgbImage::from_fn(side, side, |x, y| image::Rgb([shade(x, y), shade(y, x), shade(x, x)]));
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Png).expect("a picture");
    file.into_inner()
}

/// The answers to pictures, in batches as they came.
fn answers(events: &[Event]) -> Vec<Vec<(u32, [f32; 10])>> {
    let batches = events.iter().filter_map(|event| match event {
        Event::Classified { answers } => Some(answers),
        _ => None,
    });
    batches.map(|batch| batch.iter().map(|(id, prediction)| (id.0, prediction.probabilities)).collect()).collect()
}

#[test]
fn pictures_that_wait_are_answered_sixteen_at_a_time_as_each_would_be_alone() {
    for network in NetworkName::ALL {
        let pictures = || (0..40).map(|number| numbered(number, pattern(number, 32)));
        let at = |requests: Vec<_>, reply: &mut dyn FnMut(&Event) -> Vec<Message<Vec<u8>>>| {
            let requests = std::iter::once(start_with(Some(network))).chain(requests);
            answers(&page(&Rc::default(), requests, reply).0)
        };
        let together = at(pictures().collect(), &mut |_| Vec::new());
        assert_eq!(together.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16, 8]);
        // The next one is asked about when the one before it was answered.
        let mut rest = pictures();
        let alone = at(rest.next().into_iter().collect(), &mut |event| match event {
            Event::Classified { .. } => rest.next().into_iter().collect(),
            _ => Vec::new(),
        });
        assert!(alone.iter().all(|batch| batch.len() == 1));
        for ((id, got), (its, want)) in together.concat().into_iter().zip(alone.concat()) {
            assert_eq!(id, its);
            let worst = got.iter().zip(want).map(|(got, want)| (got - want).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{network:?}, {id}: {worst} away");
        }
    }
}

#[test]
fn among_pictures_that_wait_an_unreadable_one_is_refused_and_what_comes_after_them_is_served() {
    let requests = [
        numbered(0, pattern(0, 32)),
        numbered(1, b"no picture".to_vec()),
        numbered(2, pattern(2, 32)),
        ask(Request::Test),
        numbered(3, pattern(3, 32)),
        ask(Request::Deal { seed: 1 }),
    ];
    let (events, files) = page(&disk(), requests, quiet);
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Decoded { pictures } => Some(format!("decoded {}", pictures.len())),
            Event::Classified { answers } => Some(format!("answered {}", answers.len())),
            Event::Refused { id, .. } => Some(format!("refused {}", id.0)),
            Event::Tested(_) => Some("tested".into()),
            Event::Dealt { .. } => Some("dealt".into()),
            _ => None,
        })
        .collect();
    let want = ["refused 1", "decoded 2", "answered 2", "decoded 1", "answered 1", "dealt", "tested"];
    assert_eq!(told, want, "{told:?}");
    // Each file follows the one before it.
    let lens = events.iter().find_map(|event| match event {
        Event::Decoded { pictures } => Some(pictures.iter().map(|(_, len)| *len as usize).collect::<Vec<_>>()),
        _ => None,
    });
    let lens = lens.expect("they are shown");
    assert_eq!(files[0].len(), lens.iter().sum::<usize>());
    let second = image::load_from_memory_with_format(&files[0][lens[0]..], image::ImageFormat::Bmp);
    let original = image::load_from_memory(&pattern(2, 32)).expect("a picture");
    assert_eq!(second.expect("a picture").to_rgb8(), original.to_rgb8());
}

#[test]
fn large_pictures_are_answered_few_at_a_time_because_they_take_long_to_decode() {
    let requests = (0..5).map(|number| numbered(number, pattern(number, 640)));
    let (events, _) = page(&Rc::default(), requests, quiet);
    // Each of them is 1.2 MB.
    assert_eq!(answers(&events).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
}

#[test]
fn the_page_gets_a_picture_as_it_was_decoded_before_the_answer_and_only_once() {
    let mut again = Some(picture());
    let (events, files) = page(&Rc::default(), [picture()], |event| match event {
        Event::Classified { .. } => again.take().into_iter().collect(),
        _ => Vec::new(),
    });
    let of_the_picture = events.iter().filter_map(|event| match event {
        Event::Decoded { pictures } if matches!(pictures[..], [(PictureId(5), _)]) => Some("decoded"),
        Event::Classified { answers } if matches!(answers[..], [(PictureId(5), _)]) => Some("classified"),
        _ => None,
    });
    assert_eq!(of_the_picture.collect::<Vec<_>>(), ["decoded", "classified", "classified"]);
    let [shown] = &files[..] else { panic!("{} files", files.len()) };
    let shown = image::load_from_memory_with_format(shown, image::ImageFormat::Bmp).expect("a picture");
    let scene = image::load_from_memory(&picture().file.expect("a scene")).expect("a picture");
    assert_eq!(shown.to_rgb8(), scene.to_rgb8(), "an opaque picture that is small enough is shown as it is");
}

#[test]
fn while_a_place_with_images_does_not_answer_everything_else_is_served() {
    let disk: Rc<Place> = Rc::default();
    disk.silent.borrow_mut().push("cifar-10-binary.tar.gz");
    let mut other_network = vec![start_with(Some(NetworkName::Tenfold2026))];
    let requests = [ask(Request::FetchImages), ask(Request::FetchImages), picture()];
    let (events, _) = page(&disk, requests, |event| match event {
        Event::Classified { .. } => std::mem::take(&mut other_network),
        Event::Ready { network, .. } if network.name == NetworkName::Tenfold2026 => {
            vec![ask(Request::Compare { id: Some(PictureId(5)) })]
        }
        Event::Compared { .. } => vec![ask(Request::CancelImages)],
        _ => Vec::new(),
    });
    assert_eq!(answering(&events), [NetworkName::Cui2017, NetworkName::Tenfold2026]);
    let ended = Event::FetchEnded { asked: RequestKind::FetchImages, reason: None };
    assert_eq!(events.iter().filter(|event| **event == ended).count(), 1, "{events:?}");
    let archives = disk.asked.borrow().iter().filter(|url| url.contains("/data/")).count();
    assert_eq!(archives, 1, "a second press and a cancelled fetch ask for nothing");
}

#[test]
fn while_the_weights_of_a_network_do_not_come_pictures_are_answered_and_another_can_be_chosen() {
    let disk: Rc<Place> = Rc::default();
    disk.silent.borrow_mut().push("tenfold2026/weights.safetensors");
    let mut back = vec![start()];
    let requests = [ask(Request::Compare { id: None }), picture()];
    let (events, _) = page(&disk, requests, |event| match event {
        Event::Classified { .. } => std::mem::take(&mut back),
        _ => Vec::new(),
    });
    let ready = |event: &&Event| matches!(event, Event::Ready { network, .. } if network.name == NetworkName::Cui2017);
    assert_eq!(events.iter().filter(ready).count(), 2, "{events:?}");
    let told = |event: &Event| matches!(event, Event::NotDone { asked: RequestKind::Compare, .. });
    assert!(has(&events, told));
}

#[test]
fn an_adapter_that_is_not_there_or_never_answers_is_asked_for_once_more_and_then_the_cpu_computes() {
    for (is_silent, reason) in [(false, "a test has none"), (true, "has not answered for 10 seconds")] {
        let disk: Rc<Place> = Rc::default();
        disk.is_adapter_silent.set(is_silent);
        disk.is_time_short.set(true);
        let (events, _) = page(&disk, [start_on(DeviceChoice::Auto, Some(NetworkName::Cui2017))], quiet);
        let on_cpu = |event: &Event| matches!(event, Event::Ready { device: DeviceReport::Cpu { because }, .. } if because.contains(reason));
        assert!(has(&events, on_cpu), "{events:?}");
        assert_eq!(disk.adapter_tries.get(), 2);
    }
}

#[test]
fn weights_that_stall_are_told() {
    let disk: Rc<Place> = Rc::default();
    disk.silent.borrow_mut().push("tenfold2026/weights.safetensors");
    disk.is_time_short.set(true);
    let (events, _) = page(&disk, [start_with(Some(NetworkName::Tenfold2026))], quiet);
    let told = |event: &Event| matches!(event, Event::Failed { reason } if reason.contains("No byte of") && reason.contains("30 seconds"));
    assert!(has(&events, told), "{events:?}");
}

#[test]
fn images_that_went_from_under_the_page_are_told_so_that_they_can_be_fetched() {
    let disk = disk();
    let gone = disk.clone();
    let (events, _) = page(&disk, [], |event| match event {
        Event::Images(ImagesStatus::Present { .. }) => {
            gone.files.clear();
            vec![ask(Request::Deal { seed: 1 })]
        }
        _ => Vec::new(),
    });
    let told = |event: &Event| matches!(event, Event::NotDone { asked: RequestKind::Deal, reason } if reason.contains("fetch them again"));
    assert!(has(&events, told), "{events:?}");
    assert!(has(&events, |event| matches!(event, Event::Images(ImagesStatus::Absent))));
}

#[test]
fn images_that_nobody_has_are_said_to_be_missing_with_what_to_do() {
    let (events, _) = page(&Rc::default(), [ask(Request::FetchImages), train(StartingWeights::Scratch)], quiet);
    let said = |event: &Event| matches!(event, Event::FetchEnded { reason: Some(reason), .. } if reason.contains("drop cifar-10-binary.tar.gz"));
    assert!(has(&events, said), "{events:?}");
    assert!(has(&events, |event| matches!(event, Event::NotDone { .. })), "no run without images");
}

#[test]
fn a_run_begins_with_the_first_training_batch_and_goes_on_with_all_images_when_they_have_come() {
    let place: Rc<Place> = Rc::default();
    place.archive.borrow_mut().0 = archive();
    let (events, _) = page(&place, [ask(Request::FetchImages)], |event| match event {
        Event::Runs { runs, .. } => {
            runs.iter().filter(|run| run.facts.step == 100).map(|run| ask(Request::Curves { run: run.id })).collect()
        }
        _ => train_early(event),
    });
    let place_of = |is_it: fn(&Event) -> bool| events.iter().position(is_it).expect("it is told");
    let began = place_of(|event| matches!(event, Event::Run(RunStatus::Running(_))));
    let came = place_of(|event| matches!(event, Event::Images(ImagesStatus::Present { train: 50_000, .. })));
    let ended = place_of(|event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. })));
    assert!(began < came && came < ended, "{began}, {came}, {ended}");
    let early = early_steps(&events);
    assert!((1..50).contains(&early), "{early}");
    // As soon as there are test images, the watched ones are chosen.
    let strips =
        events.iter().filter_map(|event| if let Event::Strip { images } = event { Some(images.len()) } else { None });
    assert_eq!(strips.collect::<Vec<_>>(), [0, 20]);
    let validated = events.iter().filter(|event| matches!(event, Event::Validated(v) if v.images == 5_000)).count();
    assert_eq!(validated, 2, "each epoch ended with all images");
    assert!(has(&events, |event| matches!(event, Event::Tested(report) if report.answers.len() == 10_000)));
    assert!(!has(&events, |event| matches!(event, Event::NotDone { .. } | Event::FetchEnded { .. })));
}

#[test]
fn a_run_that_has_learnt_from_the_first_batch_only_is_resumed_when_all_images_are_here_and_not_before() {
    let place: Rc<Place> = Rc::default();
    let pieces = archive();
    // The download breaks off. The run goes on, and the visitor leaves.
    *place.archive.borrow_mut() = (pieces[..12].to_vec(), true);
    let (events, _) = page(&place, [ask(Request::FetchImages)], |event| match event {
        Event::Progress { step: 60.., .. } => vec![ask(Request::Stop)],
        _ => train_early(event),
    });
    assert!(has(&events, |event| matches!(event, Event::FetchEnded { reason: Some(_), .. })));
    assert!(!has(&events, |event| matches!(event, Event::Validated(_))), "there is nothing to validate with");
    let run = shelf(&events).0[0].clone();
    assert!(run.facts.step >= 60, "it went on without the others");
    assert_eq!(run.facts.steps, 100, "as many as with all images");

    let (events, _) = page(&place, [resume(run.id)], quiet);
    let absent = |event: &Event| matches!(event, Event::NotDone { asked: RequestKind::Resume, reason } if reason.contains("cannot be resumed yet"));
    assert!(has(&events, absent));

    *place.archive.borrow_mut() = (pieces, false);
    let (events, _) = page(&place, [ask(Request::FetchImages)], |event| match event {
        Event::Images(ImagesStatus::Present { .. }) => vec![resume(run.id)],
        Event::Run(RunStatus::Ended { .. }) => vec![ask(Request::Curves { run: run.id })],
        _ => Vec::new(),
    });
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    assert_eq!(early_steps(&events), run.facts.step);
}

#[test]
fn a_run_that_learns_faster_than_images_arrive_waits_for_them_before_it_ends() {
    let place: Rc<Place> = Rc::default();
    place.archive.borrow_mut().0 = archive();
    let (events, _) = page(&place, [ask(Request::FetchImages)], |event| match event {
        Event::Images(ImagesStatus::Arriving { .. }) => {
            let mut messages = train_early(event);
            if let Request::Train { settings, .. } = &mut messages[0].request {
                (settings.epochs, settings.train_images) = (1, 16);
            }
            messages
        }
        _ => Vec::new(),
    });
    let validated: Vec<_> = events.iter().filter(|event| matches!(event, Event::Validated(v) if v.step == 2)).collect();
    assert_eq!(validated.len(), 1, "two steps are done long before the images are here");
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
    assert!(has(&events, |event| matches!(event, Event::Tested(_))));
}

#[test]
fn the_experiment_measures_the_cpu_and_says_why_there_is_no_gpu() {
    // The adapter is requested twice, with a pause in between.
    let place: Rc<Place> = Rc::default();
    place.is_time_short.set(true);
    let (events, _) = page(&place, [ask(Request::Race)], |event| match event {
        Event::Racing { setup: Setup::Cpu, step: 2 } => vec![ask(Request::CancelRace)],
        _ => Vec::new(),
    });
    let impossible = |event: &Event| {
        matches!(event, Event::Raced { setup: Setup::WebGpu | Setup::Split, measured: Measured::Impossible { .. } })
    };
    assert_eq!(events.iter().filter(|event| impossible(event)).count(), 2);
    assert!(has(&events, |event| matches!(event, Event::Racing { setup: Setup::Cpu, step: 2 })));
    let counts = events.iter().filter_map(|event| match event {
        Event::Raced { setup: Setup::Cpu, measured: Measured::Steps { count, .. } } => Some(*count),
        _ => None,
    });
    assert_eq!(counts.take(2).collect::<Vec<_>>(), [1, 2], "each step is shown as soon as it is timed");
    assert_eq!(events.last(), Some(&Event::RaceEnded));
}

#[test]
fn a_step_of_a_planned_run_is_timed_or_it_is_said_why_not() {
    let own = |line: &str| NetworkName::Own.settings().with_network(line.parse().expect("layers"));
    let settings = Settings { batch_size: 4, ..own("conv4k3r-max2-flat-dense10") };
    let asked = [ask(Request::TimeStep(settings.clone())), ask(Request::TimeStep(own("flat-dense11")))];
    let (events, _) = page(&Rc::default(), asked, quiet);
    let timed = |event: &Event| matches!(event, Event::StepTimed { settings: of, step_ms } if *of == settings && *step_ms >= 0.0);
    assert!(has(&events, timed), "{events:?}");
    let reason = "No step can be timed: the last layer gives 11 values, and should give 10, one for each class.";
    let asked = RequestKind::TimeStep;
    assert!(has(&events, |event| *event == Event::NotDone { asked, reason: reason.into() }), "{events:?}");
}

/// A short run of `tenfold2026`.
fn train_2026(start: StartingWeights) -> Message<Vec<u8>> {
    let settings = Settings { epochs: 1, batch_size: 8, train_images: 16, ..NetworkName::Tenfold2026.settings() };
    ask(Request::Train { settings, start })
}

/// The networks that answered, in order.
fn answering(events: &[Event]) -> Vec<NetworkName> {
    let mut names: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Ready { network, .. } | Event::Answering { network } => Some(network.name),
            _ => None,
        })
        .collect();
    names.dedup();
    names
}

#[test]
fn the_network_that_is_asked_for_answers_and_without_a_choice_the_first_shown() {
    let (events, _) = page(&Rc::default(), [start_with(Some(NetworkName::Tenfold2026)), start_with(None)], quiet);
    assert_eq!(answering(&events), [NetworkName::Cui2017, NetworkName::Tenfold2026]);
    assert!(!has(&events, |event| matches!(event, Event::Failed { .. })));
}

#[test]
fn where_the_first_networks_files_are_missing_another_answers_and_one_that_was_asked_for_is_said_to_be_missing() {
    let disk: Rc<Place> = Rc::default();
    disk.missing.borrow_mut().push(NetworkName::FIRST_SHOWN);
    let (events, _) = page(&disk, [start_with(None), start_with(Some(NetworkName::FIRST_SHOWN))], quiet);
    assert_eq!(answering(&events), [NetworkName::Cui2017]);
    let reasons: Vec<_> = events
        .iter()
        .filter_map(|event| if let Event::Failed { reason } = event { Some(reason.as_str()) } else { None })
        .collect();
    assert_eq!(reasons, ["The weights of Tenfold 2026 could not be loaded. card.json is not there. Try again."]);
}

#[test]
fn a_choice_of_another_network_pauses_the_run_which_names_its_own_and_is_resumed_with_it() {
    let disk = disk();
    let mut requests = vec![start_with(Some(NetworkName::Tenfold2026))];
    let (events, _) = page(&disk, [train(StartingWeights::Scratch)], |event| match event {
        Event::Progress { step: 3, .. } => std::mem::take(&mut requests),
        // When the other network is ready.
        event => offered(event, |step| step < 12).map(resume).into_iter().collect(),
    });
    assert_eq!(answering(&events), [NetworkName::Cui2017, NetworkName::Tenfold2026, NetworkName::Cui2017]);
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
}

#[test]
fn the_other_network_learns_by_the_same_loop_and_its_files_bring_it_back() {
    let disk = disk();
    let export = |format| ask(Request::Export { format });
    let (events, files) = page(&disk, [train_2026(StartingWeights::Scratch)], |event| match event {
        Event::Tested(_) => vec![export(ExportFormat::Weights), export(ExportFormat::Run)],
        _ => Vec::new(),
    });
    assert_eq!(answering(&events), [NetworkName::Cui2017, NetworkName::Tenfold2026]);
    let tested = |event: &Event| matches!(event, Event::Tested(report) if report.network == "Tenfold 2026");
    assert!(has(&events, tested));
    let named = |event: &Event| matches!(event, Event::Exported { file_name } if file_name.contains("tenfold2026"));
    assert!(has(&events, named));
    let [weights, run] = &files[..] else { panic!("{} files", files.len()) };

    for (name, bytes) in [("mine.safetensors", weights), ("mine.tenfold", run)] {
        let request = import_of(name.into());
        let (events, _) = page(&self::disk(), [Message { request, file: Some(bytes.clone()) }], quiet);
        assert_eq!(answering(&events), [NetworkName::Cui2017, NetworkName::Tenfold2026], "{name}");
        let request = import_of(name.into());
        let lacking = self::disk();
        lacking.missing.borrow_mut().push(NetworkName::Tenfold2026);
        let (events, _) = page(&lacking, [Message { request, file: Some(bytes.clone()) }], quiet);
        assert_eq!(answering(&events), [NetworkName::Cui2017], "{name}");
        let said = |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.starts_with(&format!("{name} was not imported. The weights of Tenfold 2026")));
        assert!(has(&events, said), "{name}");
    }
}

#[test]
fn present_weights_start_only_runs_of_their_own_network_and_shipped_ones_any() {
    let (events, _) = page(&disk(), [train_2026(StartingWeights::Current)], quiet);
    let said = |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.contains("weights are those of Cui 2017, and the run is of Tenfold 2026"));
    assert!(has(&events, said));
    assert_eq!(answering(&events), [NetworkName::Cui2017]);
    let (events, _) = page(&disk(), [train_2026(StartingWeights::Shipped)], quiet);
    assert!(has(&events, |event| matches!(event, Event::Run(RunStatus::Ended { how: End::Completed, .. }))));
}

#[test]
fn both_networks_are_asked_about_the_same_picture_and_say_what_they_are_made_of() {
    let picture = std::fs::read(format!("{}/assets/scenes/cat.png", env!("CARGO_MANIFEST_DIR"))).expect("a scene");
    let classify = Message { request: Request::Classify { id: PictureId(5) }, file: Some(picture) };
    let (events, _) = page(&Rc::default(), [classify, ask(Request::Compare { id: Some(PictureId(5)) })], quiet);
    let alone = events.iter().find_map(|event| match event {
        Event::Classified { answers } => answers.first().map(|(_, prediction)| prediction.probabilities),
        _ => None,
    });
    let compared = events.iter().find_map(|event| match event {
        Event::Compared { id: Some(PictureId(5)), networks } => Some(networks),
        _ => None,
    });
    let [first, second] = &compared.expect("they are compared")[..] else { panic!("two networks") };
    assert_eq!([first.network.name, second.network.name], NetworkName::ALL);
    assert_eq!(first.opinion.as_ref().map(|opinion| opinion.probabilities), alone);
    assert_ne!(second.opinion.as_ref().map(|opinion| opinion.probabilities), alone);
    for one in [first, second] {
        assert_eq!(one.layers.iter().map(|layer| layer.parameters).sum::<u64>(), one.network.parameters);
    }
    assert_eq!(answering(&events), [NetworkName::Cui2017], "the other only looks on");
}

#[test]
fn where_the_other_network_is_missing_there_is_nothing_to_compare() {
    let disk: Rc<Place> = Rc::default();
    disk.missing.borrow_mut().push(NetworkName::Tenfold2026);
    let (events, _) = page(&disk, [ask(Request::Compare { id: None })], quiet);
    let said = |event: &Event| matches!(event, Event::NotDone { reason, .. } if reason.starts_with("The networks cannot be compared. The weights of Tenfold 2026"));
    assert!(has(&events, said));
}

#[test]
fn weights_that_arrive_damaged_are_said_so_and_fetched_again() {
    let damaged = |times| {
        let disk: Rc<Place> = Rc::default();
        disk.damaging.set(times);
        page(&disk, [], quiet).0
    };
    let said = |event: &Event| matches!(event, Event::Notice { sentence } if sentence == "The weights of Cui 2017 arrived damaged, and are fetched again.");
    let events = damaged(1);
    assert!(has(&events, said), "{events:?}");
    assert_eq!(answering(&events), [NetworkName::Cui2017]);
    let events = damaged(2);
    let failed = |event: &Event| matches!(event, Event::Failed { reason } if reason.contains("damaged twice") && reason.contains("choose another network"));
    assert!(has(&events, failed), "{events:?}");
    assert_eq!(answering(&events), []);
}

#[test]
fn a_card_is_asked_for_by_the_build_and_weights_by_their_digest_so_that_no_cache_mixes_builds() {
    let disk: Rc<Place> = Rc::default();
    disk.damaging.set(1);
    page(&disk, [], quiet);
    let card: Card = serde_json::from_slice(&shipped(NetworkName::Cui2017).0).expect("a card");
    let digest = card.weights_sha256.expect("shipped weights have it on their card");
    let [card, weights, card_again, weights_again] = &disk.asked.borrow()[..] else { panic!("{:?}", disk.asked) };
    assert_eq!(*card, format!("https://x/weights/cui2017/card.json?build={BUILD}"));
    assert_eq!(*weights, format!("https://x/weights/cui2017/weights.safetensors?sha256={digest}"));
    assert!(card_again.starts_with(&format!("{card}&again=")), "{card_again}");
    assert!(weights_again.starts_with(&format!("{weights}&again=")), "{weights_again}");
}

#[test]
fn where_the_first_networks_weights_are_damaged_and_none_was_chosen_the_other_answers_and_says_so() {
    let disk: Rc<Place> = Rc::default();
    let mut starts = vec![start_with(None)];
    let (events, _) = page(&disk, [], |event| match event {
        Event::Ready { .. } if !starts.is_empty() => {
            disk.damaging.set(2);
            std::mem::take(&mut starts)
        }
        _ => Vec::new(),
    });
    let said = |event: &Event| matches!(event, Event::Notice { sentence } if sentence.starts_with("The weights of Tenfold 2026 arrived damaged twice, so Cui 2017 answers."));
    assert!(has(&events, said), "{events:?}");
    assert_eq!(answering(&events), [NetworkName::Cui2017]);
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Ready { .. })).count(), 2);
}
