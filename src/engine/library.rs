//! CIFAR-10's images: taken in as they come, kept on this device, and shown.

use super::{
    fetching::Step,
    host::{First, Host, first},
    session::Session,
};
use crate::{
    data::{
        Collection, Images,
        archive::Found,
        batch::interleave,
        deal::deal,
        stored::{self, Header},
    },
    protocol::{DataImage, Event, Half, ImagesStatus, Kept, RequestKind},
};
use std::rc::Rc;

/// The files that the images are kept in on this device: of training and of testing.
const KEPT_FILES: [&str; 2] = ["cifar-10-train.images", "cifar-10-test.images"];

/// What is said when files go while they are read, as by another tab's Delete.
const GONE: &str = "The images on this device are gone or cannot be read; fetch them again.";

/// Images of each class that are dealt.
const DEALT_PER_CLASS: usize = 10;

/// The images, as far as they are known.
#[derive(Debug, Default)]
pub struct Library {
    /// In memory.
    collection: Option<Rc<Collection>>,
    /// On this device; none if they are not, or not all of what is in memory.
    kept: Option<[Header; 2]>,
    /// Why not, as a sentence.
    not_kept: Option<String>,
    /// Whether files that were here have gone, and the page has not been told.
    has_lost_files: bool,
}

impl Library {
    /// The images in memory, from this device if they are not there yet.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn load(&mut self, host: &impl Host) -> Result<Rc<Collection>, String> {
        if let Some(collection) = &self.collection {
            return Ok(collection.clone());
        }
        if self.kept.is_none() {
            return Err("CIFAR-10 is not here yet: fetch it, or drop its files.".into());
        }
        match read_kept(host).await {
            Ok(collection) => Ok(self.collection.insert(Rc::new(collection)).clone()),
            Err(reason) => Err(self.lose_files(reason)),
        }
    }

    /// Notes that the files on this device are of no use any more, for a `reason` that is a sentence.
    fn lose_files(&mut self, reason: String) -> String {
        (self.kept, self.has_lost_files) = (None, true);
        reason
    }

    /// Ten test images of each class, as `seed` decides.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn deal(&mut self, host: &impl Host, seed: u64) -> Result<Vec<DataImage>, String> {
        self.choose(host, Half::Test, |labels| deal(labels, DEALT_PER_CLASS, seed)).await
    }

    /// The images of `half` with these numbers; numbers that no image has are left out.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn show(&mut self, host: &impl Host, half: Half, indices: &[u32]) -> Result<Vec<DataImage>, String> {
        self.choose(host, half, |_| indices.to_vec()).await
    }

    /// The images of `half` that `choose` picks by their labels; from this device only those are read.
    async fn choose(
        &mut self,
        host: &impl Host,
        half: Half,
        choose: impl FnOnce(&[u8]) -> Vec<u32>,
    ) -> Result<Vec<DataImage>, String> {
        let (None, Some(kept)) = (&self.collection, &self.kept) else {
            let collection = self.load(host).await?;
            let images = match half {
                Half::Train => collection.train(),
                Half::Test => collection.test(),
            };
            return Ok(pick(images, &choose(images.labels())));
        };
        let (name, header) = (KEPT_FILES[half as usize], kept[half as usize]);
        read_images(host, name, header, choose).await.map_err(|reason| self.lose_files(reason))
    }

    fn status(&self) -> ImagesStatus {
        let size_bytes = match &self.kept {
            Some(headers) => headers.iter().map(|header| header.image(header.count).start).sum(),
            None => 0,
        };
        let kept = match (&self.kept, &self.not_kept) {
            (Some(_), _) => Kept::OnDevice,
            (None, because) => Kept::InMemory { because: because.clone().unwrap_or_default() },
        };
        let present = |train: usize, test: usize, published| {
            let (train, test) = (train as u32, test as u32);
            ImagesStatus::Present { train, test, published, size_bytes, kept }
        };
        match (&self.collection, &self.kept) {
            (Some(collection), _) if !collection.is_trainable() => {
                ImagesStatus::Partial { present: collection.present(), missing: collection.missing() }
            }
            (Some(collection), _) => {
                present(collection.train().len(), collection.test().len(), collection.is_published())
            }
            (None, Some([train, test])) => present(train.count, test.count, train.is_published && test.is_published),
            (None, None) => ImagesStatus::Absent,
        }
    }

    /// Keeps what is in memory on this device, in place of what was kept before.
    async fn keep(&mut self, host: &impl Host) {
        let Some(collection) = &self.collection else { return };
        self.kept = None;
        let halves = [Half::Train, Half::Test].map(|half| collection.stored(half));
        for (name, (header, [labels, pixels])) in KEPT_FILES.into_iter().zip(halves) {
            if let Err(because) = host.keep(name, &[&header.to_bytes(), labels, pixels]).await {
                self.not_kept = Some(format!(
                    "CIFAR-10 is in memory only, because {because}. Training works; after a reload it is fetched again."
                ));
                return;
            }
        }
        self.kept = Some(halves.map(|(header, _)| header));
        self.not_kept = None;
    }
}

/// The images of `images` with these numbers, to show.
pub(super) fn pick(images: &Images, indices: &[u32]) -> Vec<DataImage> {
    let there = indices.iter().filter(|&&index| (index as usize) < images.len());
    let image = |&index: &u32| {
        let at = index as usize;
        DataImage { index, label: images.label(at), pixels: images.interleaved(at).to_vec() }
    };
    there.map(image).collect()
}

/// All images on this device.
async fn read_kept(host: &impl Host) -> Result<Collection, String> {
    let mut halves = Vec::new();
    for name in KEPT_FILES {
        let header = find_half(host, name).await?.ok_or(GONE)?;
        let labels = host.kept(name, header.labels()).await.ok_or(GONE)?;
        let pixels = host.kept(name, header.pixels()).await.ok_or(GONE)?;
        let images = stored::images(labels, pixels).map_err(|error| error.to_string())?;
        halves.push((header, images));
    }
    Ok(Collection::from_stored(halves.try_into().expect("two files")))
}

/// The images in the file `name` on this device that `choose` picks by their labels.
async fn read_images(
    host: &impl Host,
    name: &str,
    header: Header,
    choose: impl FnOnce(&[u8]) -> Vec<u32>,
) -> Result<Vec<DataImage>, String> {
    let labels = host.kept(name, header.labels()).await.ok_or(GONE)?;
    stored::check_labels(&labels).map_err(|error| error.to_string())?;
    let mut images = Vec::new();
    for index in choose(&labels).into_iter().filter(|&index| (index as usize) < header.count) {
        let planar = host.kept(name, header.image(index as usize)).await.ok_or(GONE)?;
        images.push(DataImage { index, label: labels[index as usize], pixels: interleave(&planar).to_vec() });
    }
    Ok(images)
}

/// The header of the file `name` on this device; none if there is no such file.
async fn find_half(host: &impl Host, name: &str) -> Result<Option<Header>, String> {
    let Some(size_bytes) = host.kept_size(name).await else { return Ok(None) };
    let bytes = host.kept(name, 0..(stored::HEADER_LEN as u64).min(size_bytes)).await.ok_or(GONE)?;
    Ok(Some(Header::parse(&bytes, size_bytes).map_err(|error| error.to_string())?))
}

/// The headers of what is kept on this device; none if nothing is.
async fn find_kept(host: &impl Host) -> Result<Option<[Header; 2]>, String> {
    let mut headers = Vec::new();
    for name in KEPT_FILES {
        let Some(header) = find_half(host, name).await? else { return Ok(None) };
        headers.push(header);
    }
    Ok(Some(headers.try_into().expect("two files")))
}

impl<H: Host> Session<H> {
    /// Looks for images on this device and says what is there.
    pub(super) async fn find_images(&mut self) {
        if self.library.collection.is_none() {
            match find_kept(&*self.host).await {
                Ok(kept) => self.library.kept = kept,
                Err(reason) => self.refuse(RequestKind::Start, reason),
            }
            // Parts are few and small; what they are is known once they are read.
            if self.library.kept.is_some_and(|kept| kept.iter().any(|half| half.count == 0))
                && let Err(reason) = self.library.load(&*self.host).await
            {
                self.refuse(RequestKind::Start, reason);
            }
        }
        self.tell_images();
    }

    fn tell_images(&mut self) {
        self.host.post(Event::Images(self.library.status()));
        // What is on its way still is.
        self.fetching.tell_again();
    }

    /// Forgets the images, in memory and on this device, and those on their way.
    pub(super) async fn delete_images(&mut self) {
        self.cancel_images();
        self.fetching.forget();
        self.library = Library::default();
        for name in KEPT_FILES {
            if let Err(because) = self.host.forget(name).await {
                self.refuse(
                    RequestKind::DeleteImages,
                    format!("The images on this device were not deleted, because {because}. Try again."),
                );
            }
        }
        self.tell_images();
    }

    /// Fetches CIFAR-10 beside everything else, unless that goes on already.
    pub(super) fn fetch_images(&mut self) {
        self.fetching.begin(&self.data_url);
    }

    /// Ends what is on its way, and what was to follow.
    pub(super) fn cancel_images(&mut self) {
        if let Some(asked) = self.fetching.cancel() {
            self.host.post(Event::FetchEnded { asked, reason: None });
        }
        // Asked for before, and not begun yet.
        self.put_back
            .retain(|message| !matches!(message.request.kind(), RequestKind::FetchImages | RequestKind::AddImages));
    }

    /// Reads CIFAR-10, or a part of it, from the visitor's file, beside everything else.
    pub(super) fn add_images(&mut self, name: String, file: H::File) {
        self.fetching.read(&self.host, name, file);
    }

    /// Lets images arrive that are there already; waits for none.
    pub(super) async fn let_images_arrive(&mut self) {
        if let First::A(step) = first(self.fetching.advance(&self.host), std::future::ready(())).await {
            self.take_step(step).await;
        }
    }

    /// Takes in how the newest piece changed what is on its way.
    pub(super) async fn take_step(&mut self, step: Step) {
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
        let before = self.library.load(&*self.host).await.ok();
        self.library.collection = None;
        // A copy only if a run or the page holds the images at this moment.
        let mut collection = before.map(Rc::unwrap_or_clone).unwrap_or_default();
        match collection.add(name, found) {
            Ok(()) => self.take(collection).await,
            Err(error) => {
                if !collection.is_empty() {
                    self.library.collection = Some(Rc::new(collection));
                }
                let reason = Some(error.to_string());
                self.host.post(Event::FetchEnded { asked: RequestKind::AddImages, reason });
            }
        }
    }

    /// Uses `collection` from now on and keeps it on this device.
    async fn take(&mut self, collection: Collection) {
        self.library.collection = Some(Rc::new(collection));
        self.library.keep(&*self.host).await;
        self.tell_images();
    }

    /// Says why nothing was done of what was `asked`, for want of images; where they have gone, that too.
    pub(super) fn refuse_without_images(&mut self, asked: RequestKind, reason: impl Into<String>) {
        self.refuse(asked, reason);
        if std::mem::take(&mut self.library.has_lost_files) {
            self.tell_images();
        }
    }
}
