//! Adopts the runs of earlier versions, which kept one run in one file.

use super::{
    files::{FileError, Files},
    pair::Keeper,
    record::{Unreadable, digest},
    runs::{self, Label},
};
use crate::domain::{RunId, UnreadableFile};

/// The file of that run.
const KEPT_RUN: &str = "run.tenfold";

/// The name that a worker of an earlier version claims while it writes the run.
const CLAIM: &str = "run.claim";

/// Whether `name` is a run of an earlier version, complete or half-written when its tab was closed.
fn is_earlier(name: &str) -> bool {
    let rest = name.strip_prefix(KEPT_RUN);
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && rest.ends_with(".part")))
}

/// Puts every readable run of an earlier version on the shelf, and returns the unreadable files. `label_of` reads a
/// run's label from its bytes.
///
/// A run's number is computed from its content. So an interrupted call can be repeated without making a second copy.
///
/// # Errors
/// If the files cannot be listed.
pub async fn adopt(
    files: &impl Files,
    label_of: impl Fn(&[u8]) -> Result<Label, String>,
) -> Result<Vec<UnreadableFile>, FileError> {
    let names = files.names().await?;
    let earlier: Vec<_> = names.into_iter().filter(|name| is_earlier(name)).collect();
    let mut unreadable = Vec::new();
    if earlier.is_empty() || files.is_claimed(CLAIM).await {
        // A tab of an earlier version is still open; its run is taken in after it is closed.
        return Ok(unreadable);
    }
    for file in earlier {
        if let Err(why) = adopt_one(files, &file, &label_of).await {
            let size_bytes = files.size(&file).await.ok().flatten().unwrap_or(0);
            unreadable.push(UnreadableFile { file, reason: why.to_string(), size_bytes });
        }
    }
    Ok(unreadable)
}

async fn adopt_one(
    files: &impl Files,
    file: &str,
    label_of: impl Fn(&[u8]) -> Result<Label, String>,
) -> Result<(), Unreadable> {
    let Some(size_bytes) = files.size(file).await? else { return Ok(()) };
    let bytes = files.read(file, 0..size_bytes).await?;
    let label = label_of(&bytes)
        .map_err(|why| if file.ends_with(".part") { Unreadable::Unfinished } else { Unreadable::Other(why) })?;
    let id = RunId(u64::from_le_bytes(*digest(&[&bytes]).first_chunk().expect("a digest has 32 bytes")));
    let Some(_claim) = files.claim(&runs::claim_name(id)).await? else { return Ok(()) };
    match runs::pair(id).load(files).await {
        // It was taken in before, and may have been trained further since.
        Ok(Some(_)) => {}
        _ => {
            let mut keeper = Keeper::of(runs::pair(id), files).await?;
            runs::save(&mut keeper, files, &label, &bytes).await?;
        }
    }
    files.remove(file).await?;
    Ok(())
}
