//! The kept runs: the names of their files, their labels, and the list of them.

use super::{
    files::{FileError, Files},
    pair::{Keeper, Loaded, Pair, Slot},
    record::Unreadable,
};
use crate::domain::{KeptRun, RunFacts, RunId, RunUse, UnreadableFile};
use serde::{Deserialize, Serialize};

/// The prefix of runs' file names.
const PREFIX: &str = "run-";

/// Number of hexadecimal digits of a run's identifier in file names.
const ID_DIGITS: usize = 16;

/// The suffix of the pair with the visitor's name for a run and its last test.
const NOTES: &str = ".notes";

/// The suffix of the name that a worker claims while it writes a run.
const CLAIM: &str = ".claim";

/// A run's label: the header of its records. It describes the run without its body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// The build that wrote it.
    pub build: String,
    /// The run's settings and progress.
    pub facts: RunFacts,
    /// Its last accuracy on the validation images, in `0.0..=1.0`.
    pub accuracy: Option<f32>,
    /// Total time of its steps in seconds; 0 if it was not noted.
    #[serde(default)]
    pub trained_secs: f64,
    /// When it was saved, in milliseconds since 1970.
    pub kept_at_ms: u64,
}

/// Notes about a run that can change without the run itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// The name that the visitor gave it.
    pub name: Option<String>,
    /// The step of its last test, and the accuracy on all test images, in `0.0..=1.0`.
    pub tested: Option<(u64, f32)>,
}

/// The content of the shelf.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// The runs, the most recently saved first.
    pub runs: Vec<KeptRun>,
    /// Files that cannot be read.
    pub unreadable: Vec<UnreadableFile>,
}

/// The pair of files of run `id`.
pub fn pair(id: RunId) -> Pair {
    Pair::new(stem(id))
}

/// The name that a worker claims while it writes run `id`.
pub fn claim_name(id: RunId) -> String {
    stem(id) + CLAIM
}

fn stem(RunId(id): RunId) -> String {
    format!("{PREFIX}{id:016x}")
}

fn notes_pair(id: RunId) -> Pair {
    Pair::new(stem(id) + NOTES)
}

/// The run of the file `name`, and the rest of the name after the run's identifier.
fn run_of(name: &str) -> Option<(RunId, &str)> {
    let (digits, rest) = name.strip_prefix(PREFIX)?.split_at_checked(ID_DIGITS)?;
    Some((RunId(u64::from_str_radix(digits, 16).ok()?), rest))
}

/// Saves `body` as run `id` with `label`. Returns its size in bytes.
///
/// # Errors
/// If it may not have been saved; the previous state is still there.
pub async fn save(keeper: &mut Keeper, files: &impl Files, label: &Label, body: &[u8]) -> Result<u64, FileError> {
    keeper.save(files, &serde_json::to_vec(label).expect("a label is plain data"), &[body]).await
}

/// The newest whole state of run `id`.
///
/// # Errors
/// If there is none, or none can be read.
pub async fn load(files: &impl Files, id: RunId) -> Result<Loaded, Unreadable> {
    pair(id).load(files).await?.ok_or(Unreadable::File(FileError::Gone))
}

/// Removes run `id`. If this fails, the run stays as it was.
///
/// # Errors
/// If the run could not be removed.
pub async fn remove(files: &impl Files, id: RunId) -> Result<(), FileError> {
    pair(id).remove(files).await?;
    // Notes without a run are ignored, and removed at the next listing.
    let _ = notes_pair(id).remove(files).await;
    Ok(())
}

/// The notes of run `id`.
pub async fn notes(files: &impl Files, id: RunId) -> Notes {
    let read = notes_pair(id).load(files).await.ok().flatten();
    read.and_then(|notes| serde_json::from_slice(&notes.header).ok()).unwrap_or_default()
}

/// Changes the notes of run `id`.
///
/// # Errors
/// If the change may not have been saved; then the notes are as before.
pub async fn note(files: &impl Files, id: RunId, change: impl FnOnce(&mut Notes)) -> Result<(), Unreadable> {
    let mut changed = notes(files, id).await;
    change(&mut changed);
    let mut keeper = Keeper::of(notes_pair(id), files).await?;
    keeper.save(files, &serde_json::to_vec(&changed).expect("notes are plain data"), &[]).await?;
    Ok(())
}

/// The content of the shelf; `own` is the run that this tab is writing.
///
/// # Errors
/// If the files cannot be listed.
pub async fn list(files: &impl Files, own: Option<RunId>) -> Result<Catalogue, FileError> {
    let names = files.names().await?;
    let mut ids: Vec<_> = names.iter().filter_map(|name| Some(run_of(name)?.0)).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut catalogue = Catalogue::default();
    for id in ids {
        let is_taken = own != Some(id) && files.is_claimed(&claim_name(id)).await;
        let slots = pair(id).look(files).await;
        if slots.iter().all(Slot::is_empty) {
            if !is_taken && own != Some(id) {
                clear_away(files, id).await;
            }
            continue;
        }
        let size_bytes = slots.iter().map(|slot| slot.size_bytes).sum();
        let is_newer = |slot: &Slot| slot.content.as_ref().err().is_some_and(Unreadable::is_newer);
        let newest = slots.iter().find_map(|slot| {
            let (_, header) = slot.content.as_ref().ok()?;
            Some(serde_json::from_slice::<Label>(header))
        });
        let why = slots.iter().find_map(|slot| slot.content.as_ref().err().cloned());
        match newest {
            Some(Ok(label)) if !slots.iter().any(is_newer) => {
                let Notes { name, tested } = notes(files, id).await;
                let Label { facts, accuracy, trained_secs, kept_at_ms, .. } = label;
                let usage = match is_taken {
                    _ if own == Some(id) => RunUse::Here,
                    true => RunUse::Elsewhere,
                    false => RunUse::Free,
                };
                // While a run is being written, one of its files is incomplete.
                let passed_over = why.filter(|_| usage == RunUse::Free).map(|why| why.to_string());
                catalogue.runs.push(KeptRun {
                    id,
                    name,
                    facts,
                    accuracy,
                    trained_secs,
                    tested,
                    kept_at_ms,
                    size_bytes,
                    usage,
                    passed_over,
                    not_kept: None,
                });
            }
            // Another tab's run that has not been saved yet.
            None if is_taken => {}
            Some(_) | None => {
                let reason = match (newest, why) {
                    (Some(Err(error)), None) => format!("its label cannot be read ({error})"),
                    (_, Some(why)) => why.to_string(),
                    (_, None) => unreachable!("a slot is whole or it is not"),
                };
                for slot in slots {
                    let Slot { file, size_bytes, .. } = slot;
                    catalogue.unreadable.push(UnreadableFile { file, reason: reason.clone(), size_bytes });
                }
            }
        }
    }
    catalogue.runs.sort_by_key(|run| std::cmp::Reverse((run.kept_at_ms, run.id)));
    Ok(catalogue)
}

/// Removes the rest of run `id`, which was deleted or never saved, unless a tab has started to write it.
async fn clear_away(files: &impl Files, id: RunId) {
    // Only the owner of the claim writes the run. So the result of this look stays true.
    let Ok(Some(_claim)) = files.claim(&claim_name(id)).await else { return };
    if pair(id).look(files).await.iter().all(Slot::is_empty) {
        // If this fails, the empty files take no room.
        let _ = remove(files, id).await;
    }
}

/// Removes `file`, which cannot be read.
///
/// # Errors
/// If the file could not be removed, for example because another tab is writing it.
pub async fn remove_unreadable(files: &impl Files, file: &str) -> Result<(), FileError> {
    let _claim = match run_of(file) {
        Some((id, _)) => Some(files.claim(&claim_name(id)).await?.ok_or(FileError::Busy)?),
        None => None,
    };
    files.remove(file).await
}
