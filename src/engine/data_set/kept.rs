//! CIFAR-10's images on this device: a pair of files for each of the training and test images.

use crate::{
    data::{
        Images,
        stored::{self, HEADER_LEN, Header},
    },
    domain::Split,
    shelf::{FileError, Files, Keeper, Pair, Unreadable},
};
use std::ops::Range;

/// Both splits, in the order in which they are kept.
pub(super) const SPLITS: [Split; 2] = [Split::Train, Split::Test];

/// The beginning of the names of each split's files.
const STEMS: [&str; 2] = ["cifar-10-train", "cifar-10-test"];

/// The ending of the single file in which earlier versions kept a split.
const EARLIER: &str = ".images";

/// The error if files vanish while they are read, for example because another tab deletes them.
const GONE: &str = "The images on this device are gone or cannot be read; fetch them again.";

/// A split that is kept on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptSplit {
    /// The header of its images.
    pub header: Header,
    file: String,
    /// Bytes in the file before the header, from which [`Header`] counts.
    before: u64,
    /// The SHA-256 of its labels and pixels; earlier versions did not store it.
    digest: Option<[u8; 32]>,
}

fn pair(split: Split) -> Pair {
    Pair::new(STEMS[split as usize])
}

fn is_earlier(split: Split, name: &str) -> bool {
    let rest = name.strip_prefix(STEMS[split as usize]).and_then(|rest| rest.strip_prefix(EARLIER));
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(".part"))
}

impl KeptSplit {
    /// The kept images of `split`. `None` if there are none, or only an unfinished file.
    ///
    /// # Errors
    /// If they are damaged or cannot be read: a sentence.
    pub async fn find(files: &impl Files, split: Split) -> Result<Option<Self>, String> {
        let mut damaged = None;
        for slot in pair(split).look(files).await {
            match slot.content {
                Ok((preamble, header)) => {
                    let body = preamble.body().expect("checked when it was parsed");
                    let len = HEADER_LEN as u64 + preamble.body_len;
                    let header = Header::parse(&header, len).map_err(|error| error.to_string())?;
                    let before = body.start - HEADER_LEN as u64;
                    return Ok(Some(Self { header, file: slot.file, before, digest: Some(preamble.body_digest) }));
                }
                Err(Unreadable::Unfinished) => {}
                Err(why) => damaged = Some(why),
            }
        }
        let mut names = files.names().await.unwrap_or_default();
        names.retain(|name| is_earlier(split, name));
        for file in names {
            let Ok(Some(size_bytes)) = files.size(&file).await else { continue };
            let first = files.read(&file, 0..size_bytes.min(HEADER_LEN as u64)).await.unwrap_or_default();
            match Header::parse(&first, size_bytes) {
                Ok(header) => return Ok(Some(Self { header, file, before: 0, digest: None })),
                // An unfinished file that was being written is no loss.
                Err(_) if file.ends_with(".part") => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        damaged.map_or(Ok(None), |why| {
            Err(format!("The images on this device cannot be used: {why}. Delete them and fetch them again."))
        })
    }

    /// The bytes that the split takes on this device.
    pub fn size_bytes(&self) -> u64 {
        self.before + self.header.image(self.header.count).start
    }

    /// All its images.
    ///
    /// # Errors
    /// If they are gone or damaged: a sentence.
    pub async fn load(&self, files: &impl Files) -> Result<Images, String> {
        let labels = self.read(files, self.header.labels()).await?;
        let pixels = self.read(files, self.header.pixels()).await?;
        let images = stored::images(labels, pixels).map_err(|error| error.to_string())?;
        if self.digest.is_some_and(|digest| digest != images.digest()) {
            return Err("The images on this device are damaged: their SHA-256 has changed since they were kept. \
                        Delete them and fetch them again."
                .into());
        }
        Ok(images)
    }

    /// All labels.
    ///
    /// # Errors
    /// If they are gone or damaged: a sentence.
    pub async fn labels(&self, files: &impl Files) -> Result<Vec<u8>, String> {
        let labels = self.read(files, self.header.labels()).await?;
        stored::check_labels(&labels).map_err(|error| error.to_string())?;
        Ok(labels)
    }

    /// The planes of image `index`, 3072 bytes.
    ///
    /// # Errors
    /// If they are gone: a sentence.
    pub async fn planar(&self, files: &impl Files, index: usize) -> Result<Vec<u8>, String> {
        self.read(files, self.header.image(index)).await
    }

    async fn read(&self, files: &impl Files, range: Range<u64>) -> Result<Vec<u8>, String> {
        let range = self.before + range.start..self.before + range.end;
        files.read(&self.file, range).await.map_err(|_| GONE.to_owned())
    }
}

/// Keeps `split` with `header`, in place of what was kept before. `labels_and_pixels` follow each other in the file.
///
/// # Errors
/// If it is not certain that the images are kept. Then those from before still are.
pub(super) async fn keep(
    files: &impl Files,
    split: Split,
    header: Header,
    labels_and_pixels: [&[u8]; 2],
) -> Result<KeptSplit, FileError> {
    let mut keeper = Keeper::beside_newest(pair(split), files).await;
    keeper.save(files, &header.to_bytes(), &labels_and_pixels).await?;
    // Only one copy stays: it is large, and the images can be fetched again.
    let _ = keeper.remove_other(files).await;
    let _ = remove_earlier(files, split).await;
    KeptSplit::find(files, split).await.ok().flatten().ok_or(FileError::Gone)
}

/// Removes both splits. Returns the errors of those that could not be removed.
pub(super) async fn remove_all(files: &impl Files) -> Vec<FileError> {
    let mut failures = Vec::new();
    for split in SPLITS {
        failures.extend(remove(files, split).await.err());
    }
    failures
}

async fn remove(files: &impl Files, split: Split) -> Result<(), FileError> {
    pair(split).remove(files).await?;
    remove_earlier(files, split).await
}

async fn remove_earlier(files: &impl Files, split: Split) -> Result<(), FileError> {
    for name in files.names().await?.into_iter().filter(|name| is_earlier(split, name)) {
        files.remove(&name).await?;
    }
    Ok(())
}
