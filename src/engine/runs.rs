//! This device's runs: the current one, those on the shelf, and those that could not be put there.

use super::host::Host;
use crate::{
    checkpoint::{
        Logbook,
        snapshot::{read_facts, sealed},
    },
    domain::{KeptRun, RunFacts, RunId, RunUse, ShelfItem, UnreadableFile},
    protocol::{BUILD, Event, RequestKind},
    shelf::{
        Catalogue, FileError, Files, Keeper, Label, Notes,
        adopt::adopt,
        runs::{self as shelf, claim_name, pair},
    },
};
use std::{collections::BTreeMap, rc::Rc};

/// Why a run cannot be written while another tab writes it.
const ELSEWHERE: &str = "another tab of Tenfold is writing it";

/// The runs of this device, as this worker knows them.
pub(super) struct Runs<H: Host> {
    host: Rc<H>,
    /// The run that goes on or is paused here.
    current: Option<Current<<H::Files as Files>::Claim>>,
    /// The run that was last begun, resumed or imported.
    last: Option<RunId>,
    /// Runs that are in memory only.
    held: BTreeMap<RunId, Held>,
    /// Files of earlier versions that cannot be read.
    unreadable: Vec<UnreadableFile>,
}

/// The run that goes on or is paused here.
struct Current<C> {
    id: RunId,
    keeper: Keeper,
    /// This worker's right to write the run. `None` while it is paused, or while another tab has that right.
    claim: Option<C>,
    /// The state up to which it is kept, in memory at least.
    kept: Option<RunFacts>,
}

/// A run that could not be put on the shelf.
struct Held {
    bytes: Vec<u8>,
    label: Label,
    notes: Notes,
    /// Why it could not be put there, as a clause.
    because: String,
}

/// A run that was read from the shelf, or from memory.
pub(super) struct Taken {
    /// Its snapshot.
    pub bytes: Vec<u8>,
    /// Why another copy of it was passed over that may have been newer, as a clause about that copy.
    pub passed_over: Option<String>,
}

/// The shelf's label of a run whose snapshot was taken at `kept_at_ms`.
fn label(facts: RunFacts, logbook: &Logbook, kept_at_ms: u64) -> Label {
    let accuracy = logbook.history.validations.last().map(|validation| validation.accuracy);
    let accuracy = accuracy.filter(|share| share.is_finite());
    Label { build: BUILD.into(), facts, accuracy, trained_secs: logbook.history.trained_secs, kept_at_ms }
}

impl<H: Host> Runs<H> {
    /// No runs.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, current: None, last: None, held: BTreeMap::new(), unreadable: Vec::new() }
    }

    /// Takes in the runs that earlier versions kept.
    pub async fn adopt(&mut self) {
        let label_of = |bytes: &[u8]| {
            let (facts, logbook) = read_facts(bytes).map_err(|error| error.to_string())?;
            Ok(label(facts, &logbook, self.host.unix_ms()))
        };
        // If files cannot be listed, there are none.
        self.unreadable = adopt(self.host.files(), label_of).await.unwrap_or_default();
    }

    /// All runs, on the shelf or in memory.
    ///
    /// # Errors
    /// If the kept runs cannot be listed: why, as a clause.
    async fn list(&self) -> Result<Catalogue, String> {
        let own = self.current.as_ref().map(|current| current.id);
        let mut catalogue = match shelf::list(self.host.files(), own).await {
            Ok(catalogue) => catalogue,
            // If storage is unavailable, the shelf is empty.
            Err(FileError::Unavailable(_)) => Catalogue::default(),
            Err(error) => return Err(error.to_string()),
        };
        catalogue.unreadable.extend(self.unreadable.iter().cloned());
        for (&id, Held { bytes, label, notes, because }) in &self.held {
            // A run in memory is newer than its copy on the shelf.
            catalogue.runs.retain(|run| run.id != id);
            let usage = if own == Some(id) { RunUse::Here } else { RunUse::Free };
            catalogue.runs.push(KeptRun {
                id,
                name: notes.name.clone(),
                facts: label.facts.clone(),
                accuracy: label.accuracy,
                trained_secs: label.trained_secs,
                tested: notes.tested,
                kept_at_ms: label.kept_at_ms,
                size_bytes: bytes.len() as u64,
                usage,
                passed_over: None,
                not_kept: Some(because.clone()),
            });
        }
        catalogue.runs.sort_by_key(|run| std::cmp::Reverse((run.kept_at_ms, run.id)));
        Ok(catalogue)
    }

    /// Begins a new run.
    pub async fn begin(&mut self) {
        let id = RunId(self.host.unique());
        let claim = self.host.files().claim(&claim_name(id)).await.ok().flatten();
        self.last = Some(id);
        self.current = Some(Current { id, keeper: Keeper::fresh(pair(id)), claim, kept: None });
    }

    /// Makes run `id` the current one, which this worker writes from now on.
    ///
    /// # Errors
    /// If it is missing, unreadable, or written by another tab: why, as a clause. Then nothing changes.
    pub async fn take_up(&mut self, id: RunId) -> Result<Taken, String> {
        let files = self.host.files();
        let claim = match files.claim(&claim_name(id)).await {
            Ok(Some(claim)) => Some(claim),
            Ok(None) => return Err(ELSEWHERE.into()),
            // If storage is unavailable, the run is in memory.
            Err(_) => None,
        };
        let loaded = pair(id).load(files).await;
        let was_last = self.last.replace(id);
        if let Some(held) = self.held.get(&id) {
            let keeper = loaded.ok().flatten().map_or_else(|| Keeper::fresh(pair(id)), |loaded| loaded.keeper);
            let kept = Some(held.label.facts.clone());
            self.current = Some(Current { id, keeper, claim, kept });
            return Ok(Taken { bytes: held.bytes.clone(), passed_over: None });
        }
        let loaded = match loaded {
            Ok(Some(loaded)) => loaded,
            missing => {
                self.last = was_last;
                return Err(missing.err().map_or("it is not there any more".into(), |why| why.to_string()));
            }
        };
        let kept = read_facts(&loaded.body).ok().map(|(facts, _)| facts);
        self.current = Some(Current { id, keeper: loaded.keeper, claim, kept });
        Ok(Taken { bytes: loaded.body, passed_over: loaded.passed_over.map(|why| why.to_string()) })
    }

    /// The snapshot of run `id`, to be shown or exported.
    ///
    /// # Errors
    /// If it is missing or unreadable: why, as a clause.
    pub async fn read(&self, id: RunId) -> Result<Vec<u8>, String> {
        if let Some(held) = self.held.get(&id) {
            return Ok(held.bytes.clone());
        }
        Ok(shelf::load(self.host.files(), id).await.map_err(|why| why.to_string())?.body)
    }

    /// Keeps `bytes`, the snapshot of the current run. Returns their number on this device.
    ///
    /// # Errors
    /// If it is in memory only: why, as a clause, and whether this happens for the first time.
    pub async fn keep(
        &mut self,
        bytes: Vec<u8>,
        (facts, logbook): (RunFacts, &Logbook),
    ) -> Result<u64, (String, bool)> {
        let current = self.current.as_mut().expect("a run is begun or taken up before it is kept");
        let label = label(facts.clone(), logbook, self.host.unix_ms());
        current.kept = Some(facts);
        let id = current.id;
        match current.put(self.host.files(), &label, &bytes).await {
            Ok(size_bytes) => {
                if let Some(Held { notes, .. }) = self.held.remove(&id) {
                    // The run is kept even if its name is not.
                    let _ = shelf::note(self.host.files(), id, |kept| *kept = notes).await;
                }
                Ok(size_bytes)
            }
            Err(because) => {
                let notes = shelf::notes(self.host.files(), id).await;
                let before = self.held.insert(id, Held { bytes, label, notes, because: because.clone() });
                if let (Some(before), Some(held)) = (&before, self.held.get_mut(&id)) {
                    held.notes = before.notes.clone();
                }
                Err((because, before.is_none()))
            }
        }
    }

    /// Puts `bytes`, the snapshot of another run, on the shelf as a new run called `name`, or else keeps it in memory.
    ///
    /// # Errors
    /// If it is in memory only: why, as a clause.
    pub async fn add(
        &mut self,
        bytes: Vec<u8>,
        name: String,
        (facts, logbook): (RunFacts, &Logbook),
    ) -> Result<(), String> {
        let id = RunId(self.host.unique());
        let claim = self.host.files().claim(&claim_name(id)).await.ok().flatten();
        self.last = Some(id);
        let mut newcomer = Current { id, keeper: Keeper::fresh(pair(id)), claim, kept: None };
        let label = label(facts, logbook, self.host.unix_ms());
        let notes = Notes { name: Some(name), tested: None };
        match newcomer.put(self.host.files(), &label, &bytes).await {
            Ok(_) => {
                let _ = shelf::note(self.host.files(), id, |kept| *kept = notes).await;
                Ok(())
            }
            Err(because) => {
                self.held.insert(id, Held { bytes, label, notes, because: because.clone() });
                Err(because)
            }
        }
    }

    /// Lets other tabs resume the current run while it is paused here.
    pub fn pause(&mut self) {
        if let Some(current) = &mut self.current {
            current.claim = None;
        }
    }

    /// Goes on writing the current run after a pause. If another tab has continued it meanwhile, it becomes a new run
    /// here, and the sentence to show is returned.
    pub async fn unpause(&mut self) -> Option<String> {
        let current = self.current.as_mut()?;
        let files = self.host.files();
        match files.claim(&claim_name(current.id)).await {
            Ok(Some(claim)) if current.keeper.is_newest(files).await => {
                current.claim = Some(claim);
                None
            }
            Err(_) => None,
            Ok(_) => {
                self.begin().await;
                let sentence = "Another tab has continued this run. Here it goes on as a new run.";
                Some(sentence.into())
            }
        }
    }

    /// Stops writing the current run. Returns its number.
    pub fn end(&mut self) -> Option<RunId> {
        self.current.take().map(|current| current.id)
    }

    /// The state up to which the current run is kept.
    pub fn kept(&self) -> Option<&RunFacts> {
        self.current.as_ref()?.kept.as_ref()
    }

    /// The run that was last begun, resumed or imported.
    pub fn last(&self) -> Option<RunId> {
        self.last
    }

    /// The number of the current run.
    pub fn current(&self) -> Option<RunId> {
        self.current.as_ref().map(|current| current.id)
    }

    /// Changes the notes of run `id`.
    ///
    /// # Errors
    /// If the notes cannot be kept: why, as a clause.
    async fn note(&mut self, id: RunId, change: impl FnOnce(&mut Notes)) -> Result<(), String> {
        match self.held.get_mut(&id) {
            Some(held) => change(&mut held.notes),
            None => shelf::note(self.host.files(), id, change).await.map_err(|why| why.to_string())?,
        }
        Ok(())
    }

    /// Deletes a run, or a file that cannot be read.
    ///
    /// # Errors
    /// If it stays: why, as a clause.
    async fn remove(&mut self, item: &ShelfItem) -> Result<(), String> {
        let files = self.host.files();
        let said = |error: FileError| error.to_string();
        match item {
            ShelfItem::Run(id) if self.current() == Some(*id) => Err("it goes on here; stop it first".into()),
            ShelfItem::Run(id) => {
                let claim = files.claim(&claim_name(*id)).await;
                match claim {
                    Ok(None) => return Err(ELSEWHERE.into()),
                    Ok(Some(_claim)) => shelf::remove(files, *id).await.map_err(said)?,
                    // If storage is unavailable, there is nothing to delete.
                    Err(_) => {}
                }
                self.held.remove(id);
                Ok(())
            }
            ShelfItem::File(file) => {
                shelf::remove_unreadable(files, file).await.map_err(said)?;
                self.unreadable.retain(|unreadable| unreadable.file != *file);
                Ok(())
            }
        }
    }

    /// A file name for `item`, and its content.
    ///
    /// # Errors
    /// If it cannot be read: why, as a clause.
    pub async fn file_of(&self, item: &ShelfItem) -> Result<(String, Vec<u8>), String> {
        match item {
            ShelfItem::Run(id) => match self.read(*id).await {
                Ok(bytes) => {
                    let step = read_facts(&bytes).map_err(|error| error.to_string())?.0.step;
                    Ok((format!("step-{step}.tenfold"), sealed(&bytes).map_err(|error| error.to_string())?))
                }
                // A damaged run is exported as it is.
                Err(because) => {
                    let slots = pair(*id).look(self.host.files()).await;
                    raw(self.host.files(), &slots.first().ok_or(because)?.file).await
                }
            },
            ShelfItem::File(file) => raw(self.host.files(), file).await,
        }
    }

    /// Sends the page the list of runs.
    pub async fn tell(&self) {
        match self.list().await {
            Ok(Catalogue { runs, unreadable }) => self.host.post(Event::Runs { runs, unreadable }),
            Err(because) => {
                let sentence = format!("The runs on this device cannot be listed, because {because}. Reload the page.");
                self.host.notice(sentence);
            }
        }
    }

    /// Sends the page the curves of run `id`, up to the state that is kept.
    pub async fn tell_curves(&self, id: RunId) {
        let read = self.read(id).await;
        match read.and_then(|bytes| read_facts(&bytes).map_err(|error| error.to_string())) {
            Ok((_, logbook)) => self.host.post(Event::Curves { run: id, history: logbook.history }),
            Err(because) => {
                self.host.refuse(RequestKind::Curves, format!("The run’s curves cannot be shown, because {because}."));
            }
        }
    }

    /// Notes the accuracy on the test images, in `0.0..=1.0`, of run `id` after `step` steps.
    pub async fn note_test(&mut self, id: RunId, step: u64, accuracy: f32) {
        // If it cannot be noted, it can be measured again.
        let _ = self.note(id, |notes| notes.tested = Some((step, accuracy))).await;
        self.tell().await;
    }

    /// Gives run `id` the visitor's name for it, or none if that is empty.
    pub async fn rename(&mut self, id: RunId, name: String) {
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        if let Err(because) = self.note(id, |notes| notes.name = name).await {
            self.host.refuse(RequestKind::RenameRun, format!("The run keeps its name, because {because}."));
        }
        self.tell().await;
    }

    /// Deletes the run or file that the visitor agreed to delete.
    pub async fn delete(&mut self, item: &ShelfItem) {
        if let Err(because) = self.remove(item).await {
            self.host.refuse(RequestKind::DeleteItem, format!("It was not deleted, because {because}."));
        }
        self.tell().await;
    }

    /// Makes a file of a run or an unreadable file.
    pub async fn export(&mut self, item: &ShelfItem) {
        match self.file_of(item).await {
            Ok((file_name, bytes)) => self.host.post_with(Event::Exported { file_name }, bytes),
            Err(because) => {
                self.host.refuse(RequestKind::ExportItem, format!("The file was not made, because {because}."))
            }
        }
    }
}

/// A name for a copy of `file`, and its content as it is.
async fn raw(files: &impl Files, file: &str) -> Result<(String, Vec<u8>), String> {
    let said = |error: FileError| error.to_string();
    let size_bytes = files.size(file).await.map_err(said)?.ok_or("it is not there any more")?;
    Ok((format!("{file}.raw"), files.read(file, 0..size_bytes).await.map_err(said)?))
}

impl<C> Current<C> {
    /// Puts `bytes` on the shelf. Returns their number there.
    async fn put<F: Files<Claim = C>>(&mut self, files: &F, label: &Label, bytes: &[u8]) -> Result<u64, String> {
        if self.claim.is_none() {
            let claim = files.claim(&claim_name(self.id)).await.map_err(|error| error.to_string())?;
            self.claim = Some(claim.ok_or(ELSEWHERE)?);
        }
        shelf::save(&mut self.keeper, files, label, bytes).await.map_err(|error| error.to_string())
    }
}
