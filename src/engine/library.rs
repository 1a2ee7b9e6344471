//! CIFAR-10's images: fetched, dropped, kept on this device, and shown.

use super::{
    host::{FetchFailure, First, Host, Pieces, first},
    session::Session,
};
use crate::{
    data::{
        ArchiveReader, Collection, Images,
        batch::interleave,
        deal::deal,
        stored::{self, Header},
    },
    protocol::{DataImage, Event, FetchStage, Half, ImagesStatus, Kept, Request, RequestKind},
};
use std::rc::Rc;

/// The files that the images are kept in on this device: of training and of testing.
const KEPT_FILES: [&str; 2] = ["cifar-10-train.images", "cifar-10-test.images"];

/// Where the Hugging Face hub has the parquet files, at a revision that does not change.
const HUB: &str = "https://huggingface.co/datasets/uoft-cs/cifar10/resolve/0b2714987fa478483af9968de7c934580d0bb9a2/";

/// The published archive.
const ARCHIVE: &str = "cifar-10-binary.tar.gz";

/// The parquet files, below a folder that has them.
const PARQUET: [&str; 2] = ["plain_text/train-00000-of-00001.parquet", "plain_text/test-00000-of-00001.parquet"];

/// A download without a byte for so long has stalled.
const STALL_MS: u32 = 30_000;

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
        let mut halves = Vec::new();
        for name in KEPT_FILES {
            let header = find_half(host, name).await?.ok_or(GONE)?;
            let labels = host.kept(name, header.labels()).await.ok_or(GONE)?;
            let pixels = host.kept(name, header.pixels()).await.ok_or(GONE)?;
            let images = stored::images(labels, pixels).map_err(|error| error.to_string())?;
            halves.push((header, images));
        }
        let halves = halves.try_into().expect("two files");
        let collection = Rc::new(Collection::from_stored(halves));
        self.collection = Some(collection.clone());
        Ok(collection)
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
        let labels = host.kept(name, header.labels()).await.ok_or(GONE)?;
        stored::check_labels(&labels).map_err(|error| error.to_string())?;
        let mut images = Vec::new();
        for index in choose(&labels).into_iter().filter(|&index| (index as usize) < header.count) {
            let planar = host.kept(name, header.image(index as usize)).await.ok_or(GONE)?;
            images.push(DataImage { index, label: labels[index as usize], pixels: interleave(&planar).to_vec() });
        }
        Ok(images)
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
            match find_kept(&self.host).await {
                Ok(kept) => self.library.kept = kept,
                Err(reason) => self.refuse(RequestKind::Start, reason),
            }
            // Parts are few and small; what they are is known once they are read.
            if self.library.kept.is_some_and(|kept| kept.iter().any(|half| half.count == 0))
                && let Err(reason) = self.library.load(&self.host).await
            {
                self.refuse(RequestKind::Start, reason);
            }
        }
        self.tell_images();
    }

    fn tell_images(&self) {
        self.host.post(Event::Images(self.library.status()));
    }

    /// Forgets the images, in memory and on this device.
    pub(super) async fn delete_images(&mut self) {
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

    /// Finds CIFAR-10 in the first place that has it.
    pub(super) async fn fetch_images(&mut self) {
        let archive = vec![ARCHIVE.to_owned()];
        let parquet = || PARQUET.map(str::to_owned).to_vec();
        let places = [(self.data_url.clone(), archive), (self.data_url.clone(), parquet()), (HUB.into(), parquet())];
        let mut reason = String::new();
        for (base, files) in places {
            match self.fetch_from(&base, &files).await {
                Ok(collection) => return self.take(collection).await,
                Err(End::Cancelled) => {
                    return self.host.post(Event::FetchEnded { asked: RequestKind::FetchImages, reason: None });
                }
                // Another place may have it.
                Err(End::Failed(FetchFailure::Absent(absent))) => reason = absent,
                Err(End::Failed(FetchFailure::Broken(broken))) => {
                    return self.host.post(Event::FetchEnded { asked: RequestKind::FetchImages, reason: Some(broken) });
                }
            }
        }
        let reason = format!(
            "CIFAR-10 was found neither on this host nor at the Hugging Face hub. {reason} Try again, or drop \
             cifar-10-binary.tar.gz here."
        );
        self.host.post(Event::FetchEnded { asked: RequestKind::FetchImages, reason: Some(reason) });
    }

    async fn fetch_from(&mut self, base: &str, files: &[String]) -> Result<Collection, End> {
        let source = host_name(base);
        let mut collection = Collection::default();
        for (index, file) in files.iter().enumerate() {
            let url = format!("{base}{file}");
            let name = file.rsplit('/').next().unwrap_or(file);
            let opening = fetch(&self.host, &url).await;
            let pieces = opening.map_err(|failure| match failure {
                // Half of it is no use: what this place has is broken.
                FetchFailure::Absent(reason) if index > 0 => FetchFailure::Broken(reason),
                failure => failure,
            })?;
            self.read_file(&mut collection, &source, name, pieces).await?;
        }
        Ok(collection)
    }

    /// Reads CIFAR-10, or a part of it, from the visitor's file.
    pub(super) async fn add_images(&mut self, name: &str, file: &H::File) {
        let pieces = self.host.open(name, file);
        // A copy only if a run or the page holds the images at this moment.
        let mut collection = match self.library.load(&self.host).await {
            Ok(collection) => {
                self.library.collection = None;
                Rc::unwrap_or_clone(collection)
            }
            Err(_) => Collection::default(),
        };
        let was_empty = collection.is_empty();
        match self.read_file(&mut collection, "your file", name, pieces).await {
            Ok(()) => self.take(collection).await,
            Err(end) => {
                if !was_empty {
                    self.library.collection = Some(Rc::new(collection));
                }
                let reason = match end {
                    End::Cancelled => None,
                    End::Failed(failure) => Some(failure.into_reason()),
                };
                self.host.post(Event::FetchEnded { asked: RequestKind::AddImages, reason });
            }
        }
    }

    /// Puts what `pieces` bring into `collection`, which is as before if that fails; cancelled, or served meanwhile.
    async fn read_file(
        &mut self,
        collection: &mut Collection,
        source: &str,
        name: &str,
        mut pieces: H::Pieces,
    ) -> Result<(), End> {
        let total_bytes = pieces.total_bytes();
        let mut reader = ArchiveReader::new(name);
        let mut received_bytes = 0;
        let tell = |host: &H, stage, received_bytes| {
            let (source, file) = (source.to_owned(), name.to_owned());
            host.post(Event::Fetching { source, file, stage, received_bytes, total_bytes });
        };
        let mut told_ms = f64::NEG_INFINITY;
        let broken = |reason: String| End::Failed(FetchFailure::Broken(reason));
        loop {
            let now_ms = self.host.now_ms();
            if now_ms - told_ms > 100.0 {
                tell(&self.host, FetchStage::Arriving, received_bytes);
                told_ms = now_ms;
            }
            let Some(piece) = self.next_piece(name, &mut pieces).await? else { break };
            received_bytes += piece.len() as u64;
            reader.feed(&piece).map_err(|error| broken(error.to_string()))?;
        }
        tell(&self.host, FetchStage::Checking, received_bytes);
        self.host.breathe().await;
        let found = reader.finish().map_err(|error| broken(error.to_string()))?;
        collection.add(name, found).map_err(|error| broken(error.to_string()))?;
        tell(&self.host, FetchStage::Keeping, received_bytes);
        self.host.breathe().await;
        Ok(())
    }

    /// The next bytes; what the page asks meanwhile is answered.
    async fn next_piece(&mut self, name: &str, pieces: &mut H::Pieces) -> Result<Option<Vec<u8>>, End> {
        let is_cancel = |request: &Request| matches!(request, Request::CancelImages | Request::Start { .. });
        loop {
            // The line to the page first, so that a quick download cannot keep it waiting.
            while let Some(message) = self.host.try_receive() {
                if self.answer_or_put_back(message, None, is_cancel).await.is_break() {
                    return Err(End::Cancelled);
                }
            }
            let stalled = self.host.sleep(STALL_MS);
            let next = first(pieces.next(), first(self.host.receive(), stalled)).await;
            match next {
                First::A(piece) => return piece.map_err(End::Failed),
                First::B(First::A(Some(message))) => {
                    if self.answer_or_put_back(message, None, is_cancel).await.is_break() {
                        return Err(End::Cancelled);
                    }
                }
                First::B(First::A(None)) => return Err(End::Cancelled),
                First::B(First::B(())) => {
                    let seconds = STALL_MS / 1000;
                    let reason = format!("No byte of {name} has arrived for {seconds} seconds. Try again.");
                    return Err(End::Failed(FetchFailure::Broken(reason)));
                }
            }
        }
    }

    /// Uses `collection` from now on and keeps it on this device.
    async fn take(&mut self, collection: Collection) {
        self.library.collection = Some(Rc::new(collection));
        self.library.keep(&self.host).await;
        self.tell_images();
    }
}

/// Why reading a file ended before its images were there.
enum End {
    /// The visitor wanted that.
    Cancelled,
    /// It failed.
    Failed(FetchFailure),
}

impl From<FetchFailure> for End {
    fn from(failure: FetchFailure) -> Self {
        Self::Failed(failure)
    }
}

/// The file at `url`, or why it did not begin within the time after which a download counts as stalled.
async fn fetch<H: Host>(host: &H, url: &str) -> Result<H::Pieces, FetchFailure> {
    match first(host.fetch(url), host.sleep(STALL_MS)).await {
        First::A(pieces) => pieces,
        First::B(()) => Err(FetchFailure::Absent(format!("{} does not answer.", host_name(url)))),
    }
}

/// The host in an address: "huggingface.co".
fn host_name(url: &str) -> String {
    url.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(url).to_owned()
}
