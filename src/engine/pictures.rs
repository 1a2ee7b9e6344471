//! The visitor's pictures: what a network sees of them, and those that wait for a network.

use super::host::Host;
use crate::{
    bmp,
    data::{Look, Seen, look},
    protocol::{ANSWERED_TOGETHER, Event, PictureId},
};
use std::{collections::BTreeMap, rc::Rc};

/// Pictures are looked at together until they take this many bytes to show. A few photos reach this limit. They take
/// longer to decode than to answer, so they should not wait for each other.
const SHOWN_TOGETHER_BYTES: usize = 2 << 20;

/// A picture that the page asked about.
pub(super) struct Asked<F> {
    pub id: PictureId,
    pub file: F,
}

/// The visitor's pictures that the worker has met.
pub(super) struct Pictures<H: Host> {
    host: Rc<H>,
    seen: BTreeMap<PictureId, Seen>,
    /// Pictures that came while no network could answer.
    waiting: Vec<Asked<H::File>>,
}

impl<H: Host> Pictures<H> {
    /// No pictures.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, seen: BTreeMap::new(), waiting: Vec::new() }
    }

    /// Looks at the first pictures of `asked`, as many as are to be answered together. Returns what a network sees of
    /// them, and how many were looked at. These include pictures that cannot be read or decoded: the page is told why.
    /// Pictures that are looked at for the first time are sent to the page, to be shown.
    pub async fn look(&mut self, asked: &[Asked<H::File>]) -> (Vec<(PictureId, Seen)>, usize) {
        let (mut seen, mut new, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let mut count = 0;
        for Asked { id, file } in asked.iter().take(ANSWERED_TOGETHER) {
            let (id, len_before) = (*id, files.len());
            match self.look_at(id, file, &mut files).await {
                Ok(its) => seen.push((id, its)),
                Err(reason) => self.host.post(Event::Refused { id, reason }),
            }
            if files.len() > len_before {
                new.push((id, (files.len() - len_before) as u32));
            }
            count += 1;
            if files.len() >= SHOWN_TOGETHER_BYTES {
                break;
            }
        }
        if !new.is_empty() {
            self.host.post_with(Event::Decoded { pictures: new }, files);
        }
        (seen, count)
    }

    /// What a network sees of a picture. The first time, the picture to show is added to `files`.
    ///
    /// # Errors
    /// If the file cannot be read or decoded: a sentence.
    async fn look_at(&mut self, id: PictureId, file: &H::File, files: &mut Vec<u8>) -> Result<Seen, String> {
        if let Some(seen) = self.seen(id) {
            return Ok(seen);
        }
        let unreadable =
            |detail| format!("The file cannot be read ({detail}); was it moved or deleted? Drop it again.");
        let bytes = self.host.read(file).await.map_err(unreadable)?;
        let Look { seen, shown } = look(&bytes).map_err(|error| error.to_string())?;
        files.extend(bmp::encode(&shown, shown.width() as usize));
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

    /// Lets pictures wait until a network can answer.
    pub fn postpone(&mut self, asked: Vec<Asked<H::File>>) {
        self.waiting.extend(asked);
    }

    /// The pictures that wait; none wait afterwards.
    pub fn take_waiting(&mut self) -> Vec<Asked<H::File>> {
        std::mem::take(&mut self.waiting)
    }
}
