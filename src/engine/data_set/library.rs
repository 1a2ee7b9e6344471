//! CIFAR-10's images: taken in as they come, kept on this device, and shown.

use super::{
    fetching::Step,
    host::{First, Host, first},
    kept_images::{self, KeptHalf},
    session::Session,
};
use crate::{
    data::{Collection, Images, archive::Found, batch::interleave, deal::deal},
    protocol::{DataImage, Event, Half, ImagesStatus, Kept, RequestKind},
    shelf::record::hex,
};
use std::rc::Rc;

/// Both halves, in the order in which they are kept.
const HALVES: [Half; 2] = [Half::Train, Half::Test];

/// Images of each class that are dealt.
const DEALT_PER_CLASS: usize = 10;

/// The images, as far as they are known.
#[derive(Debug, Default)]
pub struct Library {
    /// In memory.
    collection: Option<Rc<Collection>>,
    /// The digest of the training images in memory, once somebody asked for it.
    train_digest: Option<String>,
    /// On this device; none if they are not, or not all of what is in memory.
    kept: Option<[KeptHalf; 2]>,
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
        let Some(kept) = &self.kept else {
            return Err("CIFAR-10 is not here yet: fetch it, or drop its files.".into());
        };
        match read_kept(host, kept).await {
            Ok(collection) => Ok(self.hold(collection)),
            Err(reason) => Err(self.lose_files(reason)),
        }
    }

    /// Notes that the files on this device are of no use any more, for a `reason` that is a sentence.
    fn lose_files(&mut self, reason: String) -> String {
        (self.kept, self.has_lost_files) = (None, true);
        reason
    }

    /// Has `collection` in memory from now on.
    fn hold(&mut self, collection: Collection) -> Rc<Collection> {
        let collection = Rc::new(collection);
        self.collection = Some(collection.clone());
        self.train_digest = None;
        collection
    }

    /// The digest of the training images of `collection`, which is the one in memory, in hexadecimal digits.
    pub fn train_digest(&mut self, collection: &Collection) -> String {
        self.train_digest.get_or_insert_with(|| hex(&collection.train().digest())).clone()
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
        read_images(host, &kept[half as usize], choose).await.map_err(|reason| self.lose_files(reason))
    }

    fn status(&self) -> ImagesStatus {
        let size_bytes = match &self.kept {
            Some(halves) => halves.iter().map(KeptHalf::size_bytes).sum(),
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
            (None, Some(halves)) => {
                let [train, test] = halves.each_ref().map(|half| half.header);
                present(train.count, test.count, train.is_published && test.is_published)
            }
            (None, None) => ImagesStatus::Absent,
        }
    }

    /// Keeps what is in memory on this device, in place of what was kept before.
    async fn keep(&mut self, host: &impl Host) {
        let Some(collection) = &self.collection else { return };
        self.kept = None;
        let mut kept = Vec::new();
        for half in HALVES {
            let (header, labels_and_pixels) = collection.stored(half);
            match kept_images::keep(host.files(), half, header, labels_and_pixels).await {
                Ok(half) => kept.push(half),
                Err(because) => {
                    self.not_kept = Some(format!(
                        "CIFAR-10 is in memory only, because {because}. Training works; after a reload it is fetched \
                         again."
                    ));
                    return;
                }
            }
        }
        self.kept = kept.try_into().ok();
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
async fn read_kept(host: &impl Host, kept: &[KeptHalf; 2]) -> Result<Collection, String> {
    let mut halves = Vec::new();
    for half in kept {
        halves.push((half.header, half.load(host.files()).await?));
    }
    Ok(Collection::from_stored(halves.try_into().expect("two halves")))
}

/// The images of a half on this device that `choose` picks by their labels.
async fn read_images(
    host: &impl Host,
    kept: &KeptHalf,
    choose: impl FnOnce(&[u8]) -> Vec<u32>,
) -> Result<Vec<DataImage>, String> {
    let labels = kept.labels(host.files()).await?;
    let mut images = Vec::new();
    for index in choose(&labels).into_iter().filter(|&index| (index as usize) < labels.len()) {
        let planar = kept.planar(host.files(), index as usize).await?;
        images.push(DataImage { index, label: labels[index as usize], pixels: interleave(&planar).to_vec() });
    }
    Ok(images)
}

/// What is kept on this device; none if not both halves are.
async fn find_kept(host: &impl Host) -> Result<Option<[KeptHalf; 2]>, String> {
    let mut kept = Vec::new();
    for half in HALVES {
        kept.extend(KeptHalf::find(host.files(), half).await?);
    }
    Ok(kept.try_into().ok())
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
            if self.library.kept.as_ref().is_some_and(|kept| kept.iter().any(|half| half.header.count == 0))
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
        for half in HALVES {
            if let Err(because) = kept_images::remove(self.host.files(), half).await {
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
