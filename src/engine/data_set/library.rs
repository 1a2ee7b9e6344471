//! CIFAR-10's images in memory or on this device, and a choice of them to show.

use super::kept::{self, KeptSplit, SPLITS};
use crate::{
    data::{Collection, Images, batch::interleave, deal::deal},
    domain::Split,
    engine::host::Host,
    protocol::{DataImage, ImagesStatus, Kept},
    shelf::record::hex,
};
use std::rc::Rc;

/// Images of each class that are chosen to be shown.
const DEALT_PER_CLASS: usize = 10;

/// The images that are in memory or known to be on this device.
#[derive(Debug, Default)]
pub(super) struct Library {
    /// The images in memory.
    collection: Option<Rc<Collection>>,
    /// The digest of the training images in memory, computed when it is first needed.
    train_digest: Option<String>,
    /// The images on this device. `None` if there are none, or if some of those in memory are missing there.
    kept: Option<[KeptSplit; 2]>,
    /// Why the images in memory are not kept on this device, as a sentence.
    not_kept: Option<String>,
    /// Whether files on this device have vanished, and the page has not been told.
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

    /// Notes that the files on this device cannot be used any more. `reason` is a sentence.
    fn lose_files(&mut self, reason: String) -> String {
        (self.kept, self.has_lost_files) = (None, true);
        reason
    }

    /// Whether files on this device have vanished since the last call.
    pub fn forget_lost_files(&mut self) -> bool {
        std::mem::take(&mut self.has_lost_files)
    }

    /// Looks for images on this device, unless some are in memory.
    ///
    /// # Errors
    /// If the files cannot be read: a sentence.
    pub async fn find(&mut self, host: &impl Host) -> Result<(), String> {
        if self.collection.is_some() {
            return Ok(());
        }
        self.kept = find_kept(host).await?;
        // If one split is empty, CIFAR-10 is incomplete. The images in memory tell the page which files are missing.
        if self.kept.as_ref().is_some_and(|kept| kept.iter().any(|split| split.header.count == 0)) {
            self.load(host).await?;
        }
        Ok(())
    }

    /// Whether there are no images, neither in memory nor on this device.
    pub fn is_empty(&self) -> bool {
        self.collection.is_none() && self.kept.is_none()
    }

    /// Takes the images out of memory, and returns them; empty if there were none. They are copied only if something
    /// else holds them too, such as a run.
    pub async fn take_out(&mut self, host: &impl Host) -> Collection {
        let before = self.load(host).await.ok();
        self.collection = None;
        before.map(Rc::unwrap_or_clone).unwrap_or_default()
    }

    /// Holds `collection` in memory from now on.
    pub fn hold(&mut self, collection: Collection) -> Rc<Collection> {
        let collection = Rc::new(collection);
        self.collection = Some(collection.clone());
        self.train_digest = None;
        collection
    }

    /// The digest of the training images of `collection`, in hexadecimal digits. `collection` must be the one in
    /// memory.
    pub fn train_digest(&mut self, collection: &Collection) -> String {
        self.train_digest.get_or_insert_with(|| hex(&collection.train().digest())).clone()
    }

    /// Ten test images of each class, chosen by `seed`.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn deal(&mut self, host: &impl Host, seed: u64) -> Result<Vec<DataImage>, String> {
        self.choose(host, Split::Test, |labels| deal(labels, DEALT_PER_CLASS, seed)).await
    }

    /// The images of `split` with these numbers. Numbers without an image are left out.
    ///
    /// # Errors
    /// If there are none: a sentence.
    pub async fn show(&mut self, host: &impl Host, split: Split, indices: &[u32]) -> Result<Vec<DataImage>, String> {
        self.choose(host, split, |_| indices.to_vec()).await
    }

    /// The images of `split` that `choose` picks by their labels. From this device only these are read.
    async fn choose(
        &mut self,
        host: &impl Host,
        split: Split,
        choose: impl FnOnce(&[u8]) -> Vec<u32>,
    ) -> Result<Vec<DataImage>, String> {
        let (None, Some(kept)) = (&self.collection, &self.kept) else {
            let collection = self.load(host).await?;
            let images = match split {
                Split::Train => collection.train(),
                Split::Test => collection.test(),
            };
            return Ok(pick(images, &choose(images.labels())));
        };
        read_images(host, &kept[split as usize], choose).await.map_err(|reason| self.lose_files(reason))
    }

    /// The library's state, for the page.
    pub fn status(&self) -> ImagesStatus {
        let size_bytes = match &self.kept {
            Some(splits) => splits.iter().map(KeptSplit::size_bytes).sum(),
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
            (None, Some(splits)) => {
                let [train, test] = splits.each_ref().map(|split| split.header);
                present(train.count, test.count, train.is_published && test.is_published)
            }
            (None, None) => ImagesStatus::Absent,
        }
    }

    /// Keeps the images in memory on this device, in place of those kept before.
    pub async fn keep(&mut self, host: &impl Host) {
        let Some(collection) = &self.collection else { return };
        self.kept = None;
        let mut kept = Vec::new();
        for split in SPLITS {
            let (header, labels_and_pixels) = collection.stored(split);
            match kept::keep(host.files(), split, header, labels_and_pixels).await {
                Ok(split) => kept.push(split),
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

/// The images of `images` with these numbers, to be shown.
pub(in crate::engine) fn pick(images: &Images, indices: &[u32]) -> Vec<DataImage> {
    let there = indices.iter().filter(|&&index| (index as usize) < images.len());
    let image = |&index: &u32| {
        let at = index as usize;
        DataImage { index, label: images.label(at), pixels: images.interleaved(at).to_vec() }
    };
    there.map(image).collect()
}

/// All images on this device.
async fn read_kept(host: &impl Host, kept: &[KeptSplit; 2]) -> Result<Collection, String> {
    let mut splits = Vec::new();
    for split in kept {
        splits.push((split.header, split.load(host.files()).await?));
    }
    Ok(Collection::from_stored(splits.try_into().expect("two splits")))
}

/// The images of a split on this device that `choose` picks by their labels.
async fn read_images(
    host: &impl Host,
    kept: &KeptSplit,
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

/// The images on this device. `None` if not both splits are there.
async fn find_kept(host: &impl Host) -> Result<Option<[KeptSplit; 2]>, String> {
    let mut kept = Vec::new();
    for split in SPLITS {
        kept.extend(KeptSplit::find(host.files(), split).await?);
    }
    Ok(kept.try_into().ok())
}
