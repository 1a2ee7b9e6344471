//! Two files that keep one thing. They are written in turn, so that one of them is always whole.

use super::{
    files::{FileError, Files, OpenFile},
    record::{PREAMBLE_LEN, Preamble, Unreadable},
};

/// The endings of the two files.
const ENDINGS: [&str; 2] = ["a", "b"];

/// Bytes written or compared at a time.
const PIECE_BYTES: usize = 8 << 20;

/// Two files whose names begin with the same stem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    stem: String,
}

/// A file of a pair, with its preamble and header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its preamble and header, or why they cannot be read.
    pub content: Result<(Preamble, Vec<u8>), Unreadable>,
}

/// A record that was read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its header.
    pub header: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// The keeper that writes the next record.
    pub keeper: Keeper,
    /// Why the other file could not be read, if so. That file may be newer.
    pub passed_over: Option<Unreadable>,
}

impl Pair {
    /// The pair whose files' names begin with `stem`.
    pub fn new(stem: impl Into<String>) -> Self {
        Self { stem: stem.into() }
    }

    /// The names of the two files.
    pub fn files(&self) -> [String; 2] {
        ENDINGS.map(|ending| format!("{}.{ending}", self.stem))
    }

    /// The state of both files, the newest readable one first. Files that do not exist are left out.
    pub async fn look(&self, files: &impl Files) -> Vec<Slot> {
        let mut slots = Vec::new();
        for file in self.files() {
            let (size_bytes, content) = match files.size(&file).await {
                Ok(Some(size_bytes)) => (size_bytes, look(files, &file, size_bytes).await),
                Ok(None) => continue,
                Err(error) => (0, Err(error.into())),
            };
            slots.push(Slot { file, size_bytes, content });
        }
        slots.sort_by_key(|slot| std::cmp::Reverse(slot.sequence()));
        slots
    }

    /// The newest whole record; none if there are no files.
    ///
    /// # Errors
    /// If there are files but none can be read: the reason for the newest.
    pub async fn load(&self, files: &impl Files) -> Result<Option<Loaded>, Unreadable> {
        let slots = self.look(files).await;
        let newer = slots.iter().find_map(|slot| slot.content.as_ref().err().filter(|why| why.is_newer()));
        if let Some(newer) = newer {
            // The owner of a newer version's record must not find an older state instead.
            return Err(newer.clone());
        }
        let sequence = slots.iter().filter_map(Slot::sequence).max().unwrap_or(0);
        let (mut loaded, mut passed_over) = (None, None);
        for Slot { file, content, .. } in slots {
            let read = match content {
                Ok(_) if loaded.is_some() => continue,
                Ok((preamble, header)) => {
                    read_body(files, &file, &preamble).await.map(|body| (preamble.sequence, header, body))
                }
                Err(why) => Err(why),
            };
            match read {
                Ok((number, header, body)) => {
                    let keeper = Keeper { pair: self.clone(), good: Some((file, number)), sequence };
                    loaded = Some(Loaded { header, body, keeper, passed_over: None });
                }
                Err(why) => passed_over = passed_over.or(Some(why)),
            }
        }
        match (loaded, passed_over) {
            (Some(loaded), passed_over) => Ok(Some(Loaded { passed_over, ..loaded })),
            (None, Some(why)) => Err(why),
            (None, None) => Ok(None),
        }
    }

    /// Removes both files, the newest last. Until it is gone, a reader finds the same record as before.
    ///
    /// # Errors
    /// If a file could not be removed.
    pub async fn remove(&self, files: &impl Files) -> Result<(), FileError> {
        for slot in self.look(files).await.into_iter().rev() {
            files.remove(&slot.file).await?;
        }
        Ok(())
    }
}

impl Slot {
    /// Whether the file is empty: nothing was written to it yet.
    pub fn is_empty(&self) -> bool {
        self.size_bytes == 0 && self.content == Err(Unreadable::Unfinished)
    }

    fn sequence(&self) -> Option<u64> {
        self.content.as_ref().ok().map(|(preamble, _)| preamble.sequence)
    }
}

/// The preamble and the header of the file `name`, which has `size_bytes`.
async fn look(files: &impl Files, name: &str, size_bytes: u64) -> Result<(Preamble, Vec<u8>), Unreadable> {
    let first = files.read(name, 0..size_bytes.min(PREAMBLE_LEN as u64)).await?;
    let preamble = Preamble::parse(&first, size_bytes)?;
    let header = files.read(name, preamble.header()).await?;
    preamble.check_header(&header)?;
    Ok((preamble, header))
}

async fn read_body(files: &impl Files, name: &str, preamble: &Preamble) -> Result<Vec<u8>, Unreadable> {
    let body = files.read(name, preamble.body().expect("checked when it was parsed")).await?;
    preamble.check_body(&body)?;
    Ok(body)
}

/// Writes the records of a pair in turn, and never touches the file with the newest whole record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeper {
    pair: Pair,
    /// The newest whole file, and the sequence number of its record.
    good: Option<(String, u64)>,
    /// The highest sequence number that was used, including failed attempts.
    sequence: u64,
}

impl Keeper {
    /// A keeper for a pair without files.
    pub fn fresh(pair: Pair) -> Self {
        Self { pair, good: None, sequence: 0 }
    }

    /// A keeper for `pair`, whose files may exist.
    ///
    /// # Errors
    /// If the files cannot be read at the moment, or a newer version wrote them.
    pub async fn of(pair: Pair, files: &impl Files) -> Result<Self, Unreadable> {
        match pair.load(files).await {
            Ok(Some(loaded)) => Ok(loaded.keeper),
            // If no file has readable content, nothing can be lost.
            Ok(None) | Err(Unreadable::Unfinished | Unreadable::Damaged(_)) => Ok(Self::fresh(pair)),
            Err(why) => Err(why),
        }
    }

    /// A keeper for data that can be fetched again. It takes the newest file as whole without reading its body.
    pub async fn beside_newest(pair: Pair, files: &impl Files) -> Self {
        let slots = pair.look(files).await;
        let good = slots.into_iter().find_map(|slot| Some((slot.file.clone(), slot.sequence()?)));
        let sequence = good.as_ref().map_or(0, |(_, number)| *number);
        Self { pair, good, sequence }
    }

    /// Removes the file that is not the newest.
    ///
    /// # Errors
    /// If the file could not be removed.
    pub async fn remove_other(&self, files: &impl Files) -> Result<(), FileError> {
        let Some((good, _)) = &self.good else { return Ok(()) };
        for file in self.pair.files().iter().filter(|file| *file != good) {
            files.remove(file).await?;
        }
        Ok(())
    }

    /// Saves a record of `header` and `body`, which is given in consecutive parts. Returns its size in bytes.
    ///
    /// # Errors
    /// If the record may not have been saved; the previous one is still there.
    pub async fn save(&mut self, files: &impl Files, header: &[u8], body: &[&[u8]]) -> Result<u64, FileError> {
        let [a, b] = self.pair.files();
        let target = if self.good.as_ref().is_some_and(|(file, _)| *file == a) { b } else { a };
        // Each number is used only once, even if it is unknown whether its record was saved.
        self.sequence += 1;
        let preamble = Preamble::of(self.sequence, header, body);
        let size_bytes = preamble.body().expect("shorter than memory").end;
        let freed = files.size(&target).await?.unwrap_or(0);
        if files.room().await.is_some_and(|room| room + freed < size_bytes) {
            return Err(FileError::Full);
        }
        let mut file = files.open(&target).await?;
        let written = write(&mut file, preamble, header, body);
        if written.is_err() {
            // A record that may be incomplete must not be found. If emptying the file fails too, its digests reveal it.
            let _ = file.resize(0);
        }
        written?;
        self.good = Some((target, self.sequence));
        Ok(size_bytes)
    }

    /// Whether this keeper wrote the newest record, and nobody has removed it since.
    pub async fn is_newest(&self, files: &impl Files) -> bool {
        match self.pair.look(files).await.first() {
            Some(slot) => {
                let good = self.good.as_ref().map(|(file, number)| (file, Some(*number)));
                good == Some((&slot.file, slot.sequence()))
            }
            None => self.good.is_none(),
        }
    }
}

/// Writes a record into `file` and reads it back. The preamble is written last, after the rest would survive a crash.
fn write(file: &mut impl OpenFile, preamble: Preamble, header: &[u8], body: &[&[u8]]) -> Result<(), FileError> {
    file.resize(0)?;
    file.flush()?;
    // No piece is empty: some browsers do not extend the file for an empty write, as if the disk were full.
    let pieces = || std::iter::once(&header).chain(body).flat_map(|part| part.chunks(PIECE_BYTES));
    let mut at = PREAMBLE_LEN as u64;
    for piece in pieces() {
        file.write(at, piece)?;
        at += piece.len() as u64;
    }
    file.flush()?;
    let mut read = Vec::new();
    let mut at = PREAMBLE_LEN as u64;
    for piece in pieces() {
        read.resize(piece.len(), 0);
        compare(file, at, piece, &mut read)?;
        at += piece.len() as u64;
    }
    let preamble = preamble.to_bytes();
    file.write(0, &preamble)?;
    file.flush()?;
    compare(file, 0, &preamble, &mut [0; PREAMBLE_LEN])
}

/// Checks that `file` contains `piece` at byte `at`. `read` is a buffer of the same length.
fn compare(file: &mut impl OpenFile, at: u64, piece: &[u8], read: &mut [u8]) -> Result<(), FileError> {
    file.read(at, read)?;
    if read == piece { Ok(()) } else { Err(FileError::Corrupted) }
}
