//! Takes in the runs that earlier versions kept: one file, written aside and renamed.

use super::{
    files::{FileError, Files},
    pair::Keeper,
    record::{Unreadable, digest},
    runs::{self, Label},
};
use crate::domain::{RunId, UnreadableFile};

/// The file that the one run was kept in.
const KEPT_RUN: &str = "run.tenfold";

/// What a worker took that kept it.
const CLAIM: &str = "run.claim";

/// Whether `name` is the run that an earlier version kept, or was writing when its tab was closed.
fn is_earlier(name: &str) -> bool {
    let rest = name.strip_prefix(KEPT_RUN);
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && rest.ends_with(".part")))
}

/// Puts every such run on the shelf that `label_of` finds whole, and says which are not.
///
/// A run's number follows from its content, so that what was interrupted is only finished the next time.
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
        // A tab of an earlier version is at work; its run is taken in once it is closed.
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
        // It was taken in before, and may have gone on since.
        Ok(Some(_)) => {}
        _ => {
            let mut keeper = Keeper::of(runs::pair(id), files).await?;
            runs::save(&mut keeper, files, &label, &bytes).await?;
        }
    }
    files.remove(file).await?;
    Ok(())
}
