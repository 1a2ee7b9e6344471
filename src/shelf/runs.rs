//! The runs on the shelf: what their files are called, what their labels say, and which there are.

use super::{
    files::{FileError, Files},
    pair::{Keeper, Loaded, Pair, Slot},
    record::Unreadable,
};
use crate::domain::{KeptRun, RunFacts, RunId, RunUse, UnreadableFile};
use serde::{Deserialize, Serialize};

/// How the files of runs begin.
const PREFIX: &str = "run-";

/// Hexadecimal digits of a run's number in the names of its files.
const ID_DIGITS: usize = 16;

/// Ends the name of the pair with what the visitor and later measurements say of a run.
const NOTES: &str = ".notes";

/// Ends the name that a worker takes that writes a run.
const CLAIM: &str = ".claim";

/// What the shelf says of a run without reading it: the header of its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Which build of the program wrote it.
    pub build: String,
    /// What the run is, and how far it had come.
    pub facts: RunFacts,
    /// Share of right answers on its validation images, when it was last measured.
    pub accuracy: Option<f32>,
    /// How long its steps took, in seconds; 0 where nobody noted it.
    #[serde(default)]
    pub trained_secs: f64,
    /// When it was kept, in milliseconds since 1970.
    pub kept_at_ms: u64,
}

/// What is said of a run beside what it is, and can change without it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// What the visitor calls it.
    pub name: Option<String>,
    /// Its network's share of right answers on all test images, and after how many steps that was.
    pub tested: Option<(u64, f32)>,
}

/// What is on the shelf.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// The runs, the one that was kept last first.
    pub runs: Vec<KeptRun>,
    /// Files that cannot be read.
    pub unreadable: Vec<UnreadableFile>,
}

/// The pair of files that keeps run `id`.
pub fn pair(id: RunId) -> Pair {
    Pair::new(stem(id))
}

/// The name that a worker takes that writes run `id`.
pub fn claim_name(id: RunId) -> String {
    stem(id) + CLAIM
}

fn stem(RunId(id): RunId) -> String {
    format!("{PREFIX}{id:016x}")
}

fn notes_pair(id: RunId) -> Pair {
    Pair::new(stem(id) + NOTES)
}

/// The run that the file `name` belongs to, and what follows the number in its name.
fn run_of(name: &str) -> Option<(RunId, &str)> {
    let (digits, rest) = name.strip_prefix(PREFIX)?.split_at_checked(ID_DIGITS)?;
    Some((RunId(u64::from_str_radix(digits, 16).ok()?), rest))
}

/// Keeps `body` as run `id` with `label`, and gives the bytes that it takes.
///
/// # Errors
/// If it is not known to be kept; what was kept before still is.
pub async fn save(keeper: &mut Keeper, files: &impl Files, label: &Label, body: &[u8]) -> Result<u64, FileError> {
    keeper.save(files, &serde_json::to_vec(label).expect("a label is plain data"), &[body]).await
}

/// The newest state of run `id` that is whole.
///
/// # Errors
/// If there is none, or none can be read.
pub async fn load(files: &impl Files, id: RunId) -> Result<Loaded, Unreadable> {
    pair(id).load(files).await?.ok_or(Unreadable::File(FileError::Gone))
}

/// Removes run `id`; unless that is done, it stays as it was.
///
/// # Errors
/// If it stays.
pub async fn remove(files: &impl Files, id: RunId) -> Result<(), FileError> {
    pair(id).remove(files).await?;
    // Without its run it is found no more, and goes with the next listing at the latest.
    let _ = notes_pair(id).remove(files).await;
    Ok(())
}

/// What is noted of run `id`.
pub async fn notes(files: &impl Files, id: RunId) -> Notes {
    let read = notes_pair(id).load(files).await.ok().flatten();
    read.and_then(|notes| serde_json::from_slice(&notes.header).ok()).unwrap_or_default()
}

/// Changes what is noted of run `id`.
///
/// # Errors
/// If the change is not known to be kept; then the notes are as before.
pub async fn note(files: &impl Files, id: RunId, change: impl FnOnce(&mut Notes)) -> Result<(), Unreadable> {
    let mut changed = notes(files, id).await;
    change(&mut changed);
    let mut keeper = Keeper::of(notes_pair(id), files).await?;
    keeper.save(files, &serde_json::to_vec(&changed).expect("notes are plain data"), &[]).await?;
    Ok(())
}

/// What is on the shelf; `own` is the run that this tab itself is writing.
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
                // While it is written, one of its files is not whole.
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
            // It is another tab's, before it was kept for the first time.
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

/// Removes what run `id` left that was deleted, or of which nothing was kept; unless a tab has begun to write it since.
async fn clear_away(files: &impl Files, id: RunId) {
    // Whoever has the claim is the only one to write the run, so that what this look finds stays true.
    let Ok(Some(_claim)) = files.claim(&claim_name(id)).await else { return };
    if pair(id).look(files).await.iter().all(Slot::is_empty) {
        // Where it stays, it takes no room.
        let _ = remove(files, id).await;
    }
}

/// Removes `file`, which could not be read.
///
/// # Errors
/// If it stays, as where another tab writes it.
pub async fn remove_unreadable(files: &impl Files, file: &str) -> Result<(), FileError> {
    let _claim = match run_of(file) {
        Some((id, _)) => Some(files.claim(&claim_name(id)).await?.ok_or(FileError::Busy)?),
        None => None,
    };
    files.remove(file).await
}
