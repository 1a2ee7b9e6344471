//! Two files that hold one thing, written in turn: while one is written, the other is whole.

use super::{
    files::{FileError, Files, OpenFile},
    record::{PREAMBLE_LEN, Preamble, Unreadable},
};

/// The endings of the two files.
const ENDINGS: [&str; 2] = ["a", "b"];

/// Bytes written or compared at a time.
const PIECE_BYTES: usize = 8 << 20;

/// The two files whose names begin with a stem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    stem: String,
}

/// A file of a pair, as far as its preamble and header tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// What it is, or why it cannot be read.
    pub content: Result<(Preamble, Vec<u8>), Unreadable>,
}

/// A record that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its header.
    pub header: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// Writes the next one.
    pub keeper: Keeper,
    /// Why the other file could not be read, if so: it may have been newer.
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

    /// What the files say, the newest that can be read first; those that are not there are left out.
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

    /// The newest record that is whole; none if there are no files.
    ///
    /// # Errors
    /// If there are files, and none can be read: why not the newest.
    pub async fn load(&self, files: &impl Files) -> Result<Option<Loaded>, Unreadable> {
        let slots = self.look(files).await;
        let newer = slots.iter().find_map(|slot| slot.content.as_ref().err().filter(|why| why.is_newer()));
        if let Some(newer) = newer {
            // Its owner is not to find an older state in its place.
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

    /// Removes both files, the newest last: until that is gone, a reader finds what it found before.
    ///
    /// # Errors
    /// If one stays.
    pub async fn remove(&self, files: &impl Files) -> Result<(), FileError> {
        for slot in self.look(files).await.into_iter().rev() {
            files.remove(&slot.file).await?;
        }
        Ok(())
    }
}

impl Slot {
    /// Whether nothing was written to it yet, or nothing is left.
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

/// Writes one record after the other to a pair, and knows which of the two files must not be touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeper {
    pair: Pair,
    /// The file that was read or written whole, and its number.
    good: Option<(String, u64)>,
    /// The highest number that was given to a record, or tried.
    sequence: u64,
}

impl Keeper {
    /// A keeper of a pair of which there are no files yet.
    pub fn fresh(pair: Pair) -> Self {
        Self { pair, good: None, sequence: 0 }
    }

    /// A keeper of `pair`, whatever is there.
    ///
    /// # Errors
    /// If it is not known what is there, or a newer version of this program wrote it.
    pub async fn of(pair: Pair, files: &impl Files) -> Result<Self, Unreadable> {
        match pair.load(files).await {
            Ok(Some(loaded)) => Ok(loaded.keeper),
            // Where nothing can be read, nothing can be lost.
            Ok(None) | Err(Unreadable::Unfinished | Unreadable::Damaged(_)) => Ok(Self::fresh(pair)),
            Err(why) => Err(why),
        }
    }

    /// A keeper of `pair` that takes the newest file for whole without reading its body, for what can be had again.
    pub async fn beside_newest(pair: Pair, files: &impl Files) -> Self {
        let slots = pair.look(files).await;
        let good = slots.into_iter().find_map(|slot| Some((slot.file.clone(), slot.sequence()?)));
        let sequence = good.as_ref().map_or(0, |(_, number)| *number);
        Self { pair, good, sequence }
    }

    /// Removes the file that is not the newest.
    ///
    /// # Errors
    /// If it stays.
    pub async fn remove_other(&self, files: &impl Files) -> Result<(), FileError> {
        let Some((good, _)) = &self.good else { return Ok(()) };
        for file in self.pair.files().iter().filter(|file| *file != good) {
            files.remove(file).await?;
        }
        Ok(())
    }

    /// Keeps a record of `header` and `body`, whose parts follow each other, and gives its size in bytes.
    ///
    /// # Errors
    /// If it is not known to be kept; the record before it is still there.
    pub async fn save(&mut self, files: &impl Files, header: &[u8], body: &[&[u8]]) -> Result<u64, FileError> {
        let [a, b] = self.pair.files();
        let target = if self.good.as_ref().is_some_and(|(file, _)| *file == a) { b } else { a };
        // A number is used once, also where it is not known whether its record was kept.
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
            // What is not known to be whole is not to be found; where that fails too, its digests tell.
            let _ = file.resize(0);
        }
        written?;
        self.good = Some((target, self.sequence));
        Ok(size_bytes)
    }

    /// Whether nobody else has written or removed a record since this keeper last did.
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

/// Writes a record into `file` and compares it; its preamble comes once all else will be there after a crash.
fn write(file: &mut impl OpenFile, preamble: Preamble, header: &[u8], body: &[&[u8]]) -> Result<(), FileError> {
    file.resize(0)?;
    file.flush()?;
    // None is empty: a browser that writes nothing does not lengthen the file, as if it had no room.
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

/// Whether `file` has `piece` from byte `at` on; `read` has its length.
fn compare(file: &mut impl OpenFile, at: u64, piece: &[u8], read: &mut [u8]) -> Result<(), FileError> {
    file.read(at, read)?;
    if read == piece { Ok(()) } else { Err(FileError::Corrupted) }
}
