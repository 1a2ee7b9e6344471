//! CIFAR-10's images: arriving, in memory, or on this device.
//!
//! [`fetching`] brings them piece by piece, [`library`] holds them, [`kept`] stores them on this device.

mod fetching;
mod kept;
mod library;

pub(super) use library::pick;

use super::host::{First, Host, first};
use crate::{
    data::{Collection, archive::Found},
    domain::Split,
    protocol::{DataImage, Event, ImagesStatus, RequestKind},
};
use fetching::Fetching;
pub(super) use fetching::Step;
use library::Library;
use std::rc::Rc;

/// The images for training, tests and the strip of pictures.
pub(super) struct DataSet<H: Host> {
    host: Rc<H>,
    library: Library,
    fetching: Fetching<H>,
    /// The first training batch, while the others arrive.
    begun: Option<Rc<Collection>>,
    /// The folder where the host may have CIFAR-10's files; ends in a slash.
    pub url: String,
}

impl<H: Host> DataSet<H> {
    /// A data set without images.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, library: Library::default(), fetching: Fetching::default(), begun: None, url: String::new() }
    }

    /// The images in memory, from this device if they are not there yet.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn load(&mut self) -> Result<Rc<Collection>, String> {
        self.library.load(&*self.host).await
    }

    /// The images to train on, and the number of training images once all have arrived. Until then, the images are
    /// those of the first training batch.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn load_to_train(&mut self) -> Result<(Rc<Collection>, usize), String> {
        match &self.begun {
            Some(begun) => Ok((begun.clone(), begun.train_total())),
            None => self.load().await.map(|images| (images.clone(), images.train().len())),
        }
    }

    /// The digest of the training images of `collection`, in hexadecimal digits. `collection` must be the one in
    /// memory.
    pub fn train_digest(&mut self, collection: &Collection) -> String {
        self.library.train_digest(collection)
    }

    /// Sends the page ten test images of each class, chosen by `seed`.
    pub async fn deal(&mut self, seed: u64) {
        match self.library.deal(&*self.host, seed).await {
            Ok(images) => self.host.post(Event::Dealt { images }),
            Err(reason) => self.refuse(RequestKind::Deal, reason),
        }
    }

    /// The images of `split` with these numbers. Numbers without an image are left out.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn show(&mut self, split: Split, indices: &[u32]) -> Result<Vec<DataImage>, String> {
        self.library.show(&*self.host, split, indices).await
    }

    /// Tells the page why the request `asked` failed for lack of images. If kept files have vanished, the page is told
    /// that too.
    pub fn refuse(&mut self, asked: RequestKind, reason: impl Into<String>) {
        self.host.refuse(asked, reason);
        if self.library.forget_lost_files() {
            self.tell();
        }
    }

    /// Looks for images on this device and tells the page.
    pub async fn find(&mut self) {
        if let Err(reason) = self.library.find(&*self.host).await {
            self.host.refuse(RequestKind::Start, reason);
        }
        self.tell();
    }

    fn tell(&mut self) {
        let status = match &self.begun {
            Some(begun) => ImagesStatus::Arriving { train: begun.train().len() as u32 },
            None => self.library.status(),
        };
        self.host.post(Event::Images(status));
        // The page also needs the progress of a file that is arriving.
        self.fetching.tell_again();
    }

    /// Deletes the images, in memory and on this device, and ends the download of others.
    pub async fn delete(&mut self) {
        self.cancel();
        self.fetching.forget();
        self.library = Library::default();
        for because in kept::remove_all(self.host.files()).await {
            self.host.refuse(
                RequestKind::DeleteImages,
                format!("The images on this device were not deleted, because {because}. Try again."),
            );
        }
        self.tell();
    }

    /// Whether images are arriving.
    pub fn is_under_way(&self) -> bool {
        self.fetching.is_under_way()
    }

    /// Fetches CIFAR-10 in the background, unless it is arriving already.
    pub async fn fetch(&mut self) {
        self.fetching.begin(&self.url);
        // Sends the first request at once.
        self.let_arrive().await;
    }

    /// Reads CIFAR-10, or a part of it, from the visitor's file in the background.
    pub fn read(&mut self, name: String, file: H::File) {
        self.fetching.read(&self.host, name, file);
    }

    /// Ends the file that is arriving.
    pub fn cancel(&mut self) {
        if let Some(asked) = self.fetching.cancel() {
            self.begun = None;
            self.host.post(Event::FetchEnded { asked, reason: None });
        }
    }

    /// Takes in the next piece when it arrives. Never ready while no file is arriving. The future can be dropped and
    /// made anew: nothing is lost.
    pub async fn advance(&mut self) -> Step {
        self.fetching.advance(&self.host).await
    }

    /// Takes in a piece that is there already; waits for nothing.
    pub async fn let_arrive(&mut self) {
        if let First::A(step) = first(self.advance(), std::future::ready(())).await {
            self.take_step(step).await;
        }
    }

    /// Takes in pieces until the next one would have to be waited for, or about `most_ms` milliseconds have passed.
    pub async fn catch_up(&mut self, most_ms: f64) {
        let end_ms = self.host.now_ms() + most_ms;
        let mut is_quiet = false;
        while self.is_under_way() {
            match first(self.advance(), std::future::ready(())).await {
                First::A(step) => self.take_step(step).await,
                // The next piece may need one turn of the event loop to arrive.
                First::B(()) if !is_quiet => is_quiet = true,
                First::B(()) => return,
            }
            if self.host.now_ms() >= end_ms {
                return;
            }
            self.host.breathe().await;
        }
    }

    /// Acts on the effect of the newest piece.
    pub async fn take_step(&mut self, step: Step) {
        match step {
            Step::Going => return,
            Step::Begun(first_batch) => {
                // If there are other images already, a run begins with those.
                if self.library.is_empty() {
                    self.begun = Some(Rc::new(Collection::begun(first_batch)));
                    self.tell();
                }
                return;
            }
            Step::Came(collection) => self.take(collection).await,
            Step::Read(name, found) => self.add(&name, found).await,
            Step::Failed { asked, reason } => {
                self.begun = None;
                self.host.post(Event::FetchEnded { asked, reason: Some(reason) });
            }
        }
        self.fetching.go_on(&self.host);
    }

    /// Adds the images `found` in the file `name` to those that are here. If they do not fit, those that are here stay
    /// as they are.
    async fn add(&mut self, name: &str, found: Found) {
        let mut collection = self.library.take_out(&*self.host).await;
        match collection.add(name, found) {
            Ok(()) => self.take(collection).await,
            Err(error) => {
                if !collection.is_empty() {
                    self.library.hold(collection);
                }
                let reason = Some(error.to_string());
                self.host.post(Event::FetchEnded { asked: RequestKind::AddImages, reason });
            }
        }
    }

    /// Uses `collection` from now on, and keeps it on this device.
    async fn take(&mut self, collection: Collection) {
        self.begun = None;
        self.library.hold(collection);
        self.library.keep(&*self.host).await;
        self.tell();
    }
}
