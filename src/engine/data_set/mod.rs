//! CIFAR-10's images, wherever they are: on their way, in memory, and on this device.
//!
//! [`fetching`] brings them piece by piece, [`library`] has them, [`kept`] is their form on this device.

mod fetching;
mod kept;
mod library;

pub(super) use library::pick;

use super::host::{First, Host, first};
use crate::{
    data::{Collection, archive::Found},
    domain::Split,
    protocol::{DataImage, Event, RequestKind},
};
use fetching::Fetching;
pub(super) use fetching::Step;
use library::Library;
use std::rc::Rc;

/// The images that training, tests and the strip of pictures draw from.
pub(super) struct DataSet<H: Host> {
    host: Rc<H>,
    library: Library,
    fetching: Fetching<H>,
    /// Where the host may have CIFAR-10's files; ends in a slash.
    pub url: String,
}

impl<H: Host> DataSet<H> {
    /// None yet.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, library: Library::default(), fetching: Fetching::default(), url: String::new() }
    }

    /// The images in memory, from this device if they are not there yet.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn load(&mut self) -> Result<Rc<Collection>, String> {
        self.library.load(&*self.host).await
    }

    /// The digest of the training images of `collection`, which is the one in memory, in hexadecimal digits.
    pub fn train_digest(&mut self, collection: &Collection) -> String {
        self.library.train_digest(collection)
    }

    /// Tells the page ten test images of each class, as `seed` decides.
    pub async fn deal(&mut self, seed: u64) {
        match self.library.deal(&*self.host, seed).await {
            Ok(images) => self.host.post(Event::Dealt { images }),
            Err(reason) => self.refuse(RequestKind::Deal, reason),
        }
    }

    /// The images of `half` with these numbers; numbers that no image has are left out.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn show(&mut self, half: Split, indices: &[u32]) -> Result<Vec<DataImage>, String> {
        self.library.show(&*self.host, half, indices).await
    }

    /// Says why nothing was done of what was `asked`, for want of images; where they have gone, that too.
    pub fn refuse(&mut self, asked: RequestKind, reason: impl Into<String>) {
        self.host.refuse(asked, reason);
        if self.library.forget_lost_files() {
            self.tell();
        }
    }

    /// Looks for images on this device and says what is there.
    pub async fn find(&mut self) {
        if let Err(reason) = self.library.find(&*self.host).await {
            self.host.refuse(RequestKind::Start, reason);
        }
        self.tell();
    }

    fn tell(&mut self) {
        self.host.post(Event::Images(self.library.status()));
        // What is on its way still is.
        self.fetching.tell_again();
    }

    /// Forgets the images, in memory and on this device, and those on their way.
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

    /// Whether images are on their way.
    pub fn is_under_way(&self) -> bool {
        self.fetching.is_under_way()
    }

    /// Fetches CIFAR-10 beside everything else, unless that goes on already.
    pub async fn fetch(&mut self) {
        self.fetching.begin(&self.url);
        // The first place is asked at once.
        self.let_arrive().await;
    }

    /// Reads CIFAR-10, or a part of it, from the visitor's file, beside everything else.
    pub fn read(&mut self, name: String, file: H::File) {
        self.fetching.read(&self.host, name, file);
    }

    /// Ends what is on its way.
    pub fn cancel(&mut self) {
        if let Some(asked) = self.fetching.cancel() {
            self.host.post(Event::FetchEnded { asked, reason: None });
        }
    }

    /// Takes in the next piece, once it is there; never ready while nothing is on its way. Whoever waits may give up and
    /// ask again: nothing is lost.
    pub async fn advance(&mut self) -> Step {
        self.fetching.advance(&self.host).await
    }

    /// Takes in what is there already; waits for nothing.
    pub async fn let_arrive(&mut self) {
        if let First::A(step) = first(self.advance(), std::future::ready(())).await {
            self.take_step(step).await;
        }
    }

    /// Takes in how the newest piece changed what is on its way.
    pub async fn take_step(&mut self, step: Step) {
        match step {
            Step::Going => return,
            Step::Came(collection) => self.take(collection).await,
            Step::Read(name, found) => self.add(&name, found).await,
            Step::Failed { asked, reason } => self.host.post(Event::FetchEnded { asked, reason: Some(reason) }),
        }
        self.fetching.go_on(&self.host);
    }

    /// Adds what was `found` in the file `name` to the images that are here, which stay as they are where it does not fit.
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

    /// Uses `collection` from now on and keeps it on this device.
    async fn take(&mut self, collection: Collection) {
        self.library.hold(collection);
        self.library.keep(&*self.host).await;
        self.tell();
    }
}
