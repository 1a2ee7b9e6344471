//! A disk for tests. After a crash only flushed bytes are left, and each operation can be made to fail.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    rc::Rc,
};
use tenfold::shelf::{FileError, Files, OpenFile};

/// The fault of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This operation fails and does nothing.
    Fails,
    /// This operation and all later ones fail: the tab was closed before it.
    Crash,
    /// As [`Crash`](Self::Crash), but half of this operation's work is done.
    CrashHalfway,
    /// As [`Crash`](Self::Crash), and the computer loses everything that was not flushed.
    PowerCut,
}

/// A file as the system sees it, and as it is on the disk.
#[derive(Clone, Debug, Default)]
struct Content {
    now: Vec<u8>,
    flushed: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Content>,
    open: BTreeSet<String>,
    claims: BTreeSet<String>,
    capacity: Option<u64>,
    operations: usize,
    fault: Option<(usize, Fault)>,
    is_crashed: bool,
}

/// What is left when a page is closed. A clone is the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Rc<RefCell<State>>);

/// How much of an operation is done.
enum Step {
    Whole,
    Split,
}

impl State {
    /// Counts an operation that changes something, and returns how much of it is done.
    fn step(&mut self) -> Result<Step, FileError> {
        let failed = FileError::Other("the test wants it".into());
        if self.is_crashed {
            return Err(failed);
        }
        let at = self.operations;
        self.operations += 1;
        match self.fault {
            Some((when, fault)) if when == at => {
                self.is_crashed = fault != Fault::Fails;
                if fault == Fault::PowerCut {
                    self.files.values_mut().for_each(|file| file.now = file.flushed.clone());
                }
                if fault == Fault::CrashHalfway { Ok(Step::Split) } else { Err(failed) }
            }
            _ => Ok(Step::Whole),
        }
    }

    fn used(&self) -> u64 {
        self.files.values().map(|file| file.now.len() as u64).sum()
    }
}

impl Disk {
    /// Lets the `at`-th operation from now on, counted from 0, have the fault `fault`.
    pub fn break_at(&self, at: usize, fault: Fault) {
        let mut state = self.0.borrow_mut();
        state.operations = 0;
        state.fault = Some((at, fault));
    }

    /// Removes the fault, and returns whether it has happened. A crashed tab stays crashed.
    pub fn mend(&self) -> bool {
        let mut state = self.0.borrow_mut();
        let operations = state.operations;
        state.fault.take().is_some_and(|(at, _)| operations > at)
    }

    /// The same files, as the next tab finds them.
    pub fn reopened(&self) -> Self {
        let files = self.0.borrow().files.clone();
        Self(Rc::new(RefCell::new(State { files, ..State::default() })))
    }

    /// Limits the disk to this many bytes.
    pub fn limit(&self, bytes: Option<u64>) {
        self.0.borrow_mut().capacity = bytes;
    }

    /// Claims `name`, as another tab would.
    pub fn take(&self, name: &str) {
        self.0.borrow_mut().claims.insert(name.to_owned());
    }

    /// Gives up the claim of `name`.
    pub fn give_back(&self, name: &str) {
        self.0.borrow_mut().claims.remove(name);
    }

    /// The names of all files.
    pub fn names_now(&self) -> Vec<String> {
        self.0.borrow().files.keys().cloned().collect()
    }

    /// The content of the file `name`.
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        Some(self.0.borrow().files.get(name)?.now.clone())
    }

    /// Replaces the content of the file `name`.
    pub fn put(&self, name: &str, content: Vec<u8>) {
        self.0.borrow_mut().files.insert(name.into(), Content { now: content.clone(), flushed: content });
    }

    /// Removes all files, as a browser does when it clears a page's storage.
    pub fn clear(&self) {
        self.0.borrow_mut().files.clear();
    }

    /// Changes the file `name`.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut content = self.content(name).expect("there is such a file");
        change(&mut content);
        self.put(name, content);
    }
}

/// A claimed name.
pub struct Claim(Disk, String);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.give_back(&self.1);
    }
}

/// An open file.
pub struct Open(Disk, String);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.borrow_mut().open.remove(&self.1);
    }
}

impl Files for Disk {
    type Open = Open;
    type Claim = Claim;

    async fn names(&self) -> Result<Vec<String>, FileError> {
        Ok(self.names_now())
    }

    async fn size(&self, name: &str) -> Result<Option<u64>, FileError> {
        Ok(self.0.borrow().files.get(name).map(|file| file.now.len() as u64))
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        let state = self.0.borrow();
        let file = state.files.get(name).ok_or(FileError::Gone)?;
        Ok(file.now.get(range.start as usize..range.end as usize).ok_or(FileError::Gone)?.to_vec())
    }

    async fn open(&self, name: &str) -> Result<Open, FileError> {
        let mut state = self.0.borrow_mut();
        state.step()?;
        if !state.open.insert(name.into()) {
            return Err(FileError::Busy);
        }
        state.files.entry(name.into()).or_default();
        Ok(Open(self.clone(), name.into()))
    }

    async fn remove(&self, name: &str) -> Result<(), FileError> {
        let mut state = self.0.borrow_mut();
        state.step()?;
        if state.open.contains(name) {
            return Err(FileError::Busy);
        }
        state.files.remove(name);
        Ok(())
    }

    async fn room(&self) -> Option<u64> {
        let state = self.0.borrow();
        Some(state.capacity?.saturating_sub(state.used()))
    }

    async fn claim(&self, name: &str) -> Result<Option<Claim>, FileError> {
        let is_free = self.0.borrow_mut().claims.insert(name.into());
        Ok(is_free.then(|| Claim(self.clone(), name.into())))
    }

    async fn is_claimed(&self, name: &str) -> bool {
        self.0.borrow().claims.contains(name)
    }
}

impl Open {
    /// Changes the file, by half if the operation breaks off.
    fn change(&self, whole: impl FnOnce(&mut Vec<u8>), half: impl FnOnce(&mut Vec<u8>)) -> Result<(), FileError> {
        let mut state = self.0.0.borrow_mut();
        let step = state.step()?;
        let broken = matches!(step, Step::Split);
        let file = &mut state.files.get_mut(&self.1).expect("it is open").now;
        if broken {
            half(file);
            return Err(FileError::Other("it broke off".into()));
        }
        whole(file);
        Ok(())
    }
}

fn put(file: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = at as usize + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at as usize..end].copy_from_slice(bytes);
}

impl OpenFile for Open {
    fn resize(&mut self, len: u64) -> Result<(), FileError> {
        self.change(|file| file.resize(len as usize, 0), |_| ())
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), FileError> {
        let full = {
            let state = self.0.0.borrow();
            let len = state.files[&self.1].now.len() as u64;
            let more = (at + bytes.len() as u64).saturating_sub(len);
            state.capacity.is_some_and(|capacity| state.used() + more > capacity)
        };
        if full {
            return Err(FileError::Full);
        }
        self.change(|file| put(file, at, bytes), |file| put(file, at, &bytes[..bytes.len() / 2]))?;
        // As in a browser: the length of the file shows how much was written.
        let len = self.0.0.borrow().files[&self.1].now.len() as u64;
        if len >= at + bytes.len() as u64 { Ok(()) } else { Err(FileError::Full) }
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), FileError> {
        let state = self.0.0.borrow();
        let file = &state.files[&self.1].now;
        let part = file.get(at as usize..at as usize + bytes.len()).ok_or(FileError::Gone)?;
        bytes.copy_from_slice(part);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), FileError> {
        self.change(|_| (), |_| ())?;
        let mut state = self.0.0.borrow_mut();
        let file = state.files.get_mut(&self.1).expect("it is open");
        file.flushed = file.now.clone();
        Ok(())
    }
}
