//! The edge of the page: the worker and the files. The pure state only names them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::UseReducerDispatcher;

use crate::bmp;
use crate::content::{Content, HEAD_LEN};
use crate::platform::{
    clock, download,
    files::{self, Blob, Folder, Link, ObjectUrl, Offer, OfferedFile},
    page,
    wake_lock::WakeLock,
    worker_client::{Report, WorkerClient},
};
use crate::{
    domain::{CLASSES, DeviceChoice, IMAGE_SIDE, NetworkName, Settings, Spec},
    protocol::{BUILD, DataImage, Event, PictureId, Request},
};

use super::intake::{self, Candidate, Kind, PICTURE_LIMIT, Rest};
use super::state::{Action, Picture, State};

/// The folder of the networks' shipped weights, relative to the page.
pub const WEIGHTS_PATH: &str = "weights/";

/// The folder in which a host may have CIFAR-10's files, relative to the page.
pub const DATA_PATH: &str = "data/";

/// The class whose scene the page opens with: the frog, for which both networks are almost certain.
const GREETING: usize = 6;

/// The error if page and worker are of different builds, and reloading did not help or would lose pictures.
pub const OTHER_BUILD: &str = "The page and its worker are of different builds of Tenfold: the host is being updated, or \
                               keeps old files. Reload the page now, and again in a few minutes.";

/// Does what the state asks for, and turns events into actions.
pub struct Edge {
    dispatcher: UseReducerDispatcher<State>,
    client: RefCell<Option<WorkerClient>>,
    /// Counts the workers, so that work for an old worker is not sent to the next one.
    generation: Cell<u32>,
    sources: RefCell<Vec<(PictureId, Source)>>,
    next_id: Cell<u32>,
    /// The device of the plan.
    device: Cell<DeviceChoice>,
    /// The network of the plan; none if it was not chosen yet.
    network: Cell<Option<NetworkName>>,
    /// The layers of the plan's network, which weights of another program may be of.
    layers: RefCell<Option<Spec>>,
    /// The address of the last saved file, which the browser may still be reading.
    saved: RefCell<Option<ObjectUrl>>,
    has_asked_to_persist: Cell<bool>,
    wake_lock: WakeLock,
}

/// The source of a picture's bytes.
enum Source {
    /// A file of the visitor.
    File { blob: Blob, decoded: Option<ObjectUrl> },
    /// The drawn scene of a class, on the server. It is the page's greeting or the visitor's choice.
    Scene { class: usize, is_greeting: bool },
    /// A file that the page made in memory: an empty picture or a test image.
    Pixels { name: String, blob: Blob, _url: ObjectUrl },
}

impl Source {
    /// Whether both are the same picture of the page's own, chosen by the visitor.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scene { class, is_greeting: false }, Self::Scene { class: other, is_greeting: false }) => {
                class == other
            }
            (Self::Pixels { name, .. }, Self::Pixels { name: other, .. }) => name == other,
            _ => false,
        }
    }
}

impl PartialEq for Edge {
    /// A page has one edge, so callbacks that use it stay the same as long as it does.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Edge {
    /// An edge without a worker.
    pub fn new(dispatcher: UseReducerDispatcher<State>) -> Self {
        Self {
            dispatcher,
            client: RefCell::default(),
            generation: Cell::default(),
            sources: RefCell::default(),
            next_id: Cell::default(),
            device: Cell::default(),
            network: Cell::default(),
            layers: RefCell::default(),
            saved: RefCell::default(),
            has_asked_to_persist: Cell::default(),
            wake_lock: WakeLock::new(),
        }
    }

    /// Starts a worker that replaces the previous one.
    pub fn start(self: &Rc<Self>) {
        self.generation.set(self.generation.get() + 1);
        // The previous worker ends first, so that the GPU does not need memory for both.
        self.client.take();
        self.dispatcher.dispatch(Action::Restarted);
        let (dispatcher, edge) = (self.dispatcher.clone(), self.clone());
        let on_report = move |report| match report {
            Report::Event(event) => dispatcher.dispatch(Action::Heard { event, at_ms: clock::now_ms() }),
            Report::Made { file_name, file } => {
                edge.saved.replace(Some(files::save(&file_name, &file)));
            }
            Report::Decoded { pictures } => edge.show(pictures),
            Report::Died { .. } => dispatcher.dispatch(Action::Died),
            Report::OtherBuild => edge.meet_other_build(),
        };
        match WorkerClient::spawn(on_report) {
            Ok(client) => {
                self.client.replace(Some(client));
                self.request_start();
            }
            Err(detail) => {
                self.hear(Event::Failed { reason: format!("This browser did not start a worker ({detail}).") });
            }
        }
    }

    /// Reloads the page to get a page and a worker of the same build. Shows an error instead if this was tried before,
    /// or if the visitor would lose pictures.
    fn meet_other_build(&self) {
        if self.sources.borrow().is_empty() && page::reload_once(BUILD) {
            return;
        }
        self.hear(Event::Failed { reason: OTHER_BUILD.into() });
    }

    /// Sets the device, which is used from the next start on.
    pub fn choose_device(&self, device: DeviceChoice) {
        self.device.set(device);
    }

    /// Sets the network, which is used from the next start on. A visitor's own network is ignored, because it comes
    /// without weights.
    pub fn choose_network(&self, network: NetworkName) {
        if network != NetworkName::Own {
            self.network.set(Some(network));
        }
    }

    /// Has weights of another program be tried on the network of these settings.
    pub fn choose_layers(&self, settings: &Settings) {
        self.layers.replace(Some(settings.spec()));
    }

    /// Restarts the network in the current worker, with the plan's device and network. The worker must be alive.
    ///
    /// The worker pauses and saves a run first, which a new worker could not do.
    pub fn restart(&self) {
        self.dispatcher.dispatch(Action::StartAsked);
        self.request_start();
    }

    fn request_start(&self) {
        let (weights_url, data_url) = (page::resolve(WEIGHTS_PATH), page::resolve(DATA_PATH));
        let (device, network) = (self.device.get(), self.network.get());
        self.request(&Request::Start { device, network, weights_url, data_url });
    }

    /// Sends a request without a file to the worker.
    pub fn request(&self, request: &Request) {
        self.send(request, None);
    }

    /// Lets the browser save `text` as a file of this type.
    pub fn save(&self, file_name: &str, media_type: &str, text: &str) {
        let file = files::blob(text.as_bytes(), media_type);
        self.saved.replace(file.map(|file| files::save(file_name, &file)));
    }

    /// Asks the browser once to keep this page's files permanently.
    pub fn persist(&self) {
        if !self.has_asked_to_persist.replace(true) {
            page::ask_to_persist();
        }
    }

    /// Handles files that were dropped, pasted or chosen. Their content decides the use of each. A file of an unknown
    /// type is used for `otherwise`.
    pub fn take(self: &Rc<Self>, offer: Offer, otherwise: Kind) {
        spawn_local(self.clone().sort(offer, otherwise));
    }

    async fn sort(self: Rc<Self>, mut offer: Offer, otherwise: Kind) {
        let files = std::mem::take(&mut offer.files);
        let is_empty = files.is_empty() && offer.folders.is_empty();
        let mut notices = Vec::new();
        for (file, content) in with_contents(files).await {
            // If a file cannot be read, the worker reports the reason.
            match content.map_or(Ok(otherwise), |content| intake::kind(content, otherwise)) {
                Ok(Kind::Picture) => {
                    offer.files.push(file);
                    continue;
                }
                Ok(Kind::Images) => self.take_large(file, |name| Request::AddImages { name }),
                Ok(Kind::Network) => {
                    let layers = self.layers.borrow().clone();
                    let layers = layers.unwrap_or_else(|| Settings::default().spec());
                    self.take_large(file, |name| Request::Import { name, layers });
                }
                Err(other) => notices.push(format!("{}: This is {other}.", file.name)),
            }
            offer.file_count -= 1;
        }
        for folder in std::mem::take(&mut offer.folders) {
            let (pictures, is_whole) = pictures_in(&folder).await;
            notices.extend(intake::folder_notice(&folder.name, pictures.len(), is_whole));
            offer.file_count += pictures.len();
            offer.files.extend(pictures);
        }
        offer.files.truncate(PICTURE_LIMIT);
        if !offer.files.is_empty() || is_empty {
            self.take_pictures(&offer);
        }
        notices.into_iter().for_each(|notice| self.dispatcher.dispatch(Action::Noticed(notice)));
    }

    /// Handles the picture at an address that was dropped or pasted, if the page may read it.
    pub fn take_link(self: &Rc<Self>, link: &Link) {
        let address = intake::picture_address(&link.addresses, &link.html);
        match intake::readable(address.as_deref(), &page::origin()) {
            Ok(address) => spawn_local(self.clone().fetch_picture(address.to_owned())),
            Err(reason) => self.dispatcher.dispatch(Action::Noticed(reason)),
        }
    }

    async fn fetch_picture(self: Rc<Self>, address: String) {
        match download::fetch_blob(&address).await {
            Ok(blob) => {
                let file = OfferedFile { name: intake::name_of(&address), size_bytes: blob.size() as u64, blob };
                self.take(Offer { files: vec![file], file_count: 1, folders: Vec::new() }, Kind::Picture);
            }
            Err(error) => self.dispatcher.dispatch(Action::Noticed(error.to_string())),
        }
    }

    /// Keeps the screen on, or no longer.
    pub fn keep_awake(&self, is_wanted: bool) {
        self.wake_lock.set(is_wanted);
    }

    fn take_large(&self, file: OfferedFile, request: impl FnOnce(String) -> Request) {
        match intake::refusal(&file.name, file.size_bytes) {
            None => self.send(&request(file.name), Some(&file.blob)),
            Some(reason) => self.dispatcher.dispatch(Action::Noticed(reason)),
        }
    }

    fn take_pictures(&self, offer: &Offer) {
        let candidates: Vec<_> =
            offer.files.iter().map(|file| Candidate { name: &file.name, size_bytes: file.size_bytes }).collect();
        let rest = Rest { file_count: offer.file_count, room: self.room() };
        let (taken, notices) = intake::admit(&candidates, &rest);
        let pictures = taken.into_iter().map(|index| {
            let file = &offer.files[index];
            let picture = Picture::new(self.new_id(), &file.name, None);
            self.sources.borrow_mut().push((picture.id, Source::File { blob: file.blob.clone(), decoded: None }));
            picture
        });
        self.dispatcher.dispatch(Action::Arrived { pictures: pictures.collect(), notices });
    }

    /// Shows the drawn scene of `class` as a picture of the strip, but only once.
    pub fn try_scene(&self, class: usize) {
        let source = Source::Scene { class, is_greeting: false };
        self.add_once(&scene_name(class), 0, source, |id, name| Picture::new(id, name, Some(&scene_path(class))));
    }

    /// Shows a scene without being asked, so that the page opens with an answer.
    pub fn greet(&self) {
        let class = GREETING;
        let picture = Picture::new(self.new_id(), &scene_name(class), Some(&scene_path(class)));
        let picture = Picture { is_greeting: true, ..picture };
        self.sources.borrow_mut().push((picture.id, Source::Scene { class, is_greeting: true }));
        self.dispatcher.dispatch(Action::Greeted(picture));
    }

    /// Shows an empty picture to paint on as a picture of the strip, but only once.
    pub fn try_canvas(&self) {
        self.add_pixels("canvas.bmp", &[255; DataImage::LEN], None);
    }

    /// Shows a test image as a picture of the strip, but only once.
    pub fn try_test_image(&self, image: &DataImage) {
        let class = usize::from(image.label);
        self.add_pixels(&format!("test-{}-{}.bmp", image.index, CLASSES[class]), &image.pixels, Some(class));
    }

    /// Shows these pixels, row by row in RGB, as a picture of the strip, but only once.
    fn add_pixels(&self, name: &str, pixels: &[u8], label: Option<usize>) {
        let file = bmp::encode(pixels, IMAGE_SIDE);
        let Some(blob) = files::blob(&file, "image/bmp") else { return };
        let url = ObjectUrl::new(&blob);
        let address = url.as_str().to_owned();
        let source = Source::Pixels { name: name.into(), blob, _url: url };
        self.add_once(name, file.len() as u64, source, |id, name| Picture {
            label,
            ..Picture::new(id, name, Some(&address))
        });
    }

    /// Adds a picture of the page's own to the strip if there is room, or selects it if it is there.
    fn add_once(&self, name: &str, size_bytes: u64, source: Source, picture: impl FnOnce(PictureId, &str) -> Picture) {
        let found = self.sources.borrow().iter().find(|(_, other)| other.is_same(&source)).map(|(id, _)| *id);
        if let Some(id) = found {
            return self.dispatcher.dispatch(Action::Selected(id));
        }
        let rest = Rest { file_count: 1, room: self.room() };
        let (taken, notices) = intake::admit(&[Candidate { name, size_bytes }], &rest);
        let pictures = taken.first().map(|_| {
            let id = self.new_id();
            self.sources.borrow_mut().push((id, source));
            picture(id, name)
        });
        self.dispatcher.dispatch(Action::Arrived { pictures: pictures.into_iter().collect(), notices });
    }

    /// Asks the worker to classify the pictures `ids`.
    pub fn ask(self: &Rc<Self>, ids: &[PictureId]) {
        for (id, source) in self.sources.borrow().iter().filter(|(id, _)| ids.contains(id)) {
            match source {
                Source::File { blob, .. } | Source::Pixels { blob, .. } => self.classify(*id, blob),
                Source::Scene { class, .. } => spawn_local(self.clone().ask_scene(*id, *class, self.generation.get())),
            }
        }
    }

    async fn ask_scene(self: Rc<Self>, id: PictureId, class: usize, generation: u32) {
        match download::fetch_blob(&page::resolve(&scene_path(class))).await {
            Ok(blob) if self.generation.get() == generation => self.classify(id, &blob),
            Ok(_) => {}
            Err(error) => self.hear(Event::Refused { id, reason: error.to_string() }),
        }
    }

    /// Drops the files of pictures that are no longer in the state, and tells the worker.
    pub fn keep_only(&self, pictures: &[Picture]) {
        let is_kept = |id: PictureId| pictures.iter().any(|picture| picture.id == id);
        let mut sources = self.sources.borrow_mut();
        let ids: Vec<_> = sources.iter().map(|(id, _)| *id).filter(|id| !is_kept(*id)).collect();
        if !ids.is_empty() {
            sources.retain(|(id, _)| is_kept(*id));
            self.request(&Request::Forget { ids });
        }
    }

    /// Shows the visitor's pictures as the worker decoded them; without a copy of that, as the browser decodes them.
    ///
    /// So the stage shows what the network sees, and the browser does not decode pictures that are too large.
    fn show(&self, copies: Vec<(PictureId, Option<Blob>)>) {
        let mut sources = self.sources.borrow_mut();
        let mut urls = Vec::new();
        for (id, copy) in copies {
            let source = sources.iter_mut().find_map(|(other, source)| (*other == id).then_some(source));
            if let Some(Source::File { blob, decoded }) = source {
                let url = decoded.insert(ObjectUrl::new(copy.as_ref().unwrap_or(blob)));
                urls.push((id, url.as_str().into()));
            }
        }
        self.dispatcher.dispatch(Action::Decoded(urls));
    }

    fn classify(&self, id: PictureId, blob: &Blob) {
        self.send(&Request::Classify { id }, Some(blob));
    }

    fn send(&self, request: &Request, file: Option<&Blob>) {
        if let Some(client) = &*self.client.borrow() {
            client.send(request, file);
        }
    }

    fn hear(&self, event: Event) {
        self.dispatcher.dispatch(Action::Heard { event, at_ms: clock::now_ms() });
    }

    fn room(&self) -> usize {
        let is_visitors =
            |(_, source): &&(PictureId, Source)| !matches!(source, Source::Scene { is_greeting: true, .. });
        PICTURE_LIMIT - self.sources.borrow().iter().filter(is_visitors).count()
    }

    fn new_id(&self) -> PictureId {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        PictureId(id)
    }
}

/// The files with the types of their contents; none of a file that cannot be read.
async fn with_contents(files: Vec<OfferedFile>) -> Vec<(OfferedFile, Option<Content>)> {
    // All reads start at once, so that files do not wait for each other.
    let heads: Vec<_> = files.iter().map(|file| files::head(&file.blob, HEAD_LEN)).collect();
    let mut contents = Vec::with_capacity(files.len());
    for (file, head) in files.into_iter().zip(heads) {
        contents.push((file, head.await.ok().map(|head| Content::of(&head))));
    }
    contents
}

/// The pictures in a folder and its folders, and whether the page has looked at all files.
async fn pictures_in(folder: &Folder) -> (Vec<OfferedFile>, bool) {
    let (files, is_whole) = folder.files(intake::FOLDER_LIMIT).await;
    let (mut files, mut pictures) = (files.into_iter(), Vec::new());
    // A few hundred files at a time, so that the browser reads only so many at once.
    while files.len() > 0 {
        let some = with_contents(files.by_ref().take(PICTURE_LIMIT).collect()).await;
        let is_picture = |content: &Option<Content>| matches!(content, Some(Content::Picture(_)));
        pictures.extend(some.into_iter().filter(|(_, content)| is_picture(content)).map(|(file, _)| file));
    }
    (pictures, is_whole)
}

/// The file name of the drawn scene of `class`.
fn scene_name(class: usize) -> String {
    format!("{}.png", CLASSES[class])
}

/// The address of the drawn scene of `class`, relative to the page.
pub fn scene_path(class: usize) -> String {
    format!("scenes/{}", scene_name(class))
}
