//! The visitor's pictures: what a network sees of them, and those that wait for one.

use super::host::Host;
use crate::{
    bmp,
    data::{Look, Seen, look},
    protocol::{Event, PictureId},
};
use std::{collections::BTreeMap, rc::Rc};

/// The visitor's pictures, as far as the worker has met them.
pub(super) struct Pictures<H: Host> {
    host: Rc<H>,
    seen: BTreeMap<PictureId, Seen>,
    /// Those that came while no network could answer.
    waiting: Vec<(PictureId, H::File)>,
}

impl<H: Host> Pictures<H> {
    /// None yet.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, seen: BTreeMap::new(), waiting: Vec::new() }
    }

    /// What a network sees of a picture; the page gets, once, what that was made of.
    ///
    /// # Errors
    /// Why the file cannot be seen, as a sentence.
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

    /// The `count` newest pictures that were looked at.
    pub fn newest(&self, count: usize) -> Vec<(PictureId, Seen)> {
        self.seen.iter().rev().take(count).map(|(&id, &seen)| (id, seen)).collect()
    }

    /// Forgets what was seen of these pictures.
    pub fn forget(&mut self, ids: &[PictureId]) {
        self.seen.retain(|id, _| !ids.contains(id));
    }

    /// Has a picture wait until a network can answer.
    pub fn postpone(&mut self, id: PictureId, file: H::File) {
        self.waiting.push((id, file));
    }

    /// The pictures that waited.
    pub fn take_waiting(&mut self) -> Vec<(PictureId, H::File)> {
        std::mem::take(&mut self.waiting)
    }
}
