//! The edge of the page: the worker and the files, which the pure state only names.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::UseReducerDispatcher;

use crate::platform::{
    clock, download,
    files::{Blob, ObjectUrl, Offer},
    page,
    worker_client::{Report, WorkerClient},
};
use crate::protocol::{CLASSES, DeviceChoice, Event, PictureId, Request};

use super::intake::{self, Candidate, Rest};
use super::state::{Action, Picture, State};

/// Where the shipped weights are, relative to the page.
const WEIGHTS_PATH: &str = "weights/cui2017/";

/// Where a host may have CIFAR-10's files, relative to the page.
const DATA_PATH: &str = "data/";

/// Carries out what the state asks for, and turns what comes back into actions.
pub struct Edge {
    dispatcher: UseReducerDispatcher<State>,
    client: RefCell<Option<WorkerClient>>,
    /// Counts the workers, so that what was prepared for one is not sent to the next.
    generation: Cell<u32>,
    sources: RefCell<Vec<(PictureId, Source)>>,
    next_id: Cell<u32>,
}

/// Where a picture's bytes are.
enum Source {
    /// In a file of the visitor's.
    File { blob: Blob, _url: ObjectUrl },
    /// On the server, as the scene drawn for a class.
    Scene(usize),
}

impl PartialEq for Edge {
    /// A page has one edge; callbacks over it stay the same for as long as it does.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Edge {
    /// An edge without a worker yet.
    pub fn new(dispatcher: UseReducerDispatcher<State>) -> Self {
        Self {
            dispatcher,
            client: RefCell::default(),
            generation: Cell::default(),
            sources: RefCell::default(),
            next_id: Cell::default(),
        }
    }

    /// Starts a worker, in place of the one before.
    pub fn start(&self) {
        self.generation.set(self.generation.get() + 1);
        // The one before ends before the next begins, so that a GPU need not hold both.
        self.client.take();
        self.dispatcher.dispatch(Action::Restarted);
        let dispatcher = self.dispatcher.clone();
        let on_report = move |report| match report {
            Report::Event(event) => dispatcher.dispatch(Action::Heard { event, at_ms: clock::now_ms() }),
            Report::Died { .. } => dispatcher.dispatch(Action::Died),
        };
        match WorkerClient::spawn(on_report) {
            Ok(client) => {
                let device = device_choice(page::query("device").as_deref());
                let (weights_url, data_url) = (page::resolve(WEIGHTS_PATH), page::resolve(DATA_PATH));
                client.send(&Request::Start { device, weights_url, data_url }, None);
                self.client.replace(Some(client));
            }
            Err(detail) => {
                self.hear(Event::Failed { reason: format!("This browser did not start a worker ({detail}).") });
            }
        }
    }

    /// Takes in what was dropped, pasted or chosen.
    pub fn take(&self, offer: Offer) {
        let candidates: Vec<_> =
            offer.files.iter().map(|file| Candidate { name: &file.name, size_bytes: file.size_bytes }).collect();
        let room = self.room();
        let rest = Rest { file_count: offer.file_count, folder: offer.folder.as_deref(), room };
        let (taken, notices) = intake::admit(&candidates, &rest);
        let pictures = taken.into_iter().map(|index| {
            let file = &offer.files[index];
            let url = ObjectUrl::new(&file.blob);
            let picture = Picture::new(self.new_id(), &file.name, url.as_str());
            self.sources.borrow_mut().push((picture.id, Source::File { blob: file.blob.clone(), _url: url }));
            picture
        });
        self.dispatcher.dispatch(Action::Arrived { pictures: pictures.collect(), notices });
    }

    /// Shows the scene drawn for `class`, as a picture like any other, and only once.
    pub fn try_scene(&self, class: usize) {
        let is_it = |(_, source): &&(PictureId, Source)| matches!(source, Source::Scene(scene) if *scene == class);
        if let Some((id, _)) = self.sources.borrow().iter().find(is_it) {
            return self.dispatcher.dispatch(Action::Selected(*id));
        }
        let candidate = Candidate { name: CLASSES[class], size_bytes: 0 };
        let (taken, notices) = intake::admit(&[candidate], &Rest { file_count: 1, folder: None, room: self.room() });
        let pictures = taken.into_iter().map(|_| {
            let picture = Picture::new(self.new_id(), &format!("{}.png", CLASSES[class]), &scene_path(class));
            self.sources.borrow_mut().push((picture.id, Source::Scene(class)));
            picture
        });
        self.dispatcher.dispatch(Action::Arrived { pictures: pictures.collect(), notices });
    }

    /// Asks the worker about `ids`.
    pub fn ask(self: &Rc<Self>, ids: &[PictureId]) {
        for (id, source) in self.sources.borrow().iter().filter(|(id, _)| ids.contains(id)) {
            match source {
                Source::File { blob, .. } => self.send(*id, blob),
                Source::Scene(class) => spawn_local(self.clone().ask_scene(*id, *class, self.generation.get())),
            }
        }
    }

    async fn ask_scene(self: Rc<Self>, id: PictureId, class: usize, generation: u32) {
        match download::fetch_blob(&page::resolve(&scene_path(class))).await {
            Ok(blob) if self.generation.get() == generation => self.send(id, &blob),
            Ok(_) => {}
            Err(error) => self.hear(Event::Refused { id, reason: error.to_string() }),
        }
    }

    /// Lets go of the files of pictures that the state no longer has.
    pub fn keep_only(&self, pictures: &[Picture]) {
        self.sources.borrow_mut().retain(|(id, _)| pictures.iter().any(|picture| picture.id == *id));
    }

    fn send(&self, id: PictureId, blob: &Blob) {
        if let Some(client) = &*self.client.borrow() {
            client.send(&Request::Classify { id }, Some(blob));
        }
    }

    fn hear(&self, event: Event) {
        self.dispatcher.dispatch(Action::Heard { event, at_ms: clock::now_ms() });
    }

    fn room(&self) -> usize {
        intake::PICTURE_LIMIT - self.sources.borrow().len()
    }

    fn new_id(&self) -> PictureId {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        PictureId(id)
    }
}

/// Where the scene drawn for `class` is, relative to the page.
pub fn scene_path(class: usize) -> String {
    format!("scenes/{}.png", CLASSES[class])
}

/// What `?device=` asks for; anything else leaves the choice to the worker.
fn device_choice(wish: Option<&str>) -> DeviceChoice {
    match wish {
        Some("webgpu") => DeviceChoice::WebGpu,
        Some("cpu") => DeviceChoice::Cpu,
        _ => DeviceChoice::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_forces_a_device_by_name_only() {
        assert_eq!(device_choice(Some("webgpu")), DeviceChoice::WebGpu);
        assert_eq!(device_choice(Some("cpu")), DeviceChoice::Cpu);
        assert_eq!(device_choice(Some("tpu")), DeviceChoice::Auto);
        assert_eq!(device_choice(None), DeviceChoice::Auto);
    }
}
