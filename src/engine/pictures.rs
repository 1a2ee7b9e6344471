//! The visitor's pictures: what a network sees of them, and those that wait for a network.

use super::host::Host;
use crate::{
    bmp,
    data::{Look, Seen, look},
    protocol::{Event, PictureId},
};
use std::{collections::BTreeMap, rc::Rc};

/// The visitor's pictures that the worker has met.
pub(super) struct Pictures<H: Host> {
    host: Rc<H>,
    seen: BTreeMap<PictureId, Seen>,
    /// Pictures that came while no network could answer.
    waiting: Vec<(PictureId, H::File)>,
}

impl<H: Host> Pictures<H> {
    /// No pictures.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, seen: BTreeMap::new(), waiting: Vec::new() }
    }

    /// What a network sees of a picture. The first time, the page also gets the picture from which that was made.
    ///
    /// # Errors
    /// If the file cannot be read or decoded: a sentence.
    pub async fn look(&mut self, id: PictureId, file: &H::File) -> Result<Seen, String> {
        if let Some(seen) = self.seen(id) {
            return Ok(seen);
        }
        let unreadable =
            |detail| format!("The file cannot be read ({detail}); was it moved or deleted? Drop it again.");
        let bytes = self.host.read(file).await.map_err(unreadable)?;
        let Look { seen, shown } = look(&bytes).map_err(|error| error.to_string())?;
        self.host.post_with(Event::Decoded { id }, bmp::encode(&shown, shown.width() as usize));
        self.seen.insert(id, seen);
        Ok(seen)
    }

    /// What a network sees of a picture that was looked at before.
    pub fn seen(&self, id: PictureId) -> Option<Seen> {
        self.seen.get(&id).copied()
    }

    /// The `count` newest of the pictures that were looked at.
    pub fn newest(&self, count: usize) -> Vec<(PictureId, Seen)> {
        self.seen.iter().rev().take(count).map(|(&id, &seen)| (id, seen)).collect()
    }

    /// Forgets these pictures.
    pub fn forget(&mut self, ids: &[PictureId]) {
        self.seen.retain(|id, _| !ids.contains(id));
    }

    /// Lets a picture wait until a network can answer.
    pub fn postpone(&mut self, id: PictureId, file: H::File) {
        self.waiting.push((id, file));
    }

    /// The pictures that wait; none wait afterwards.
    pub fn take_waiting(&mut self) -> Vec<(PictureId, H::File)> {
        std::mem::take(&mut self.waiting)
    }
}
