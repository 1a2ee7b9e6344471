//! Damages files at random, to test that no input makes a reader panic.

use proptest::{prelude::*, sample::Index};

/// `PROPTEST_CASES` sets the number of cases. Nothing is written next to the sources.
pub(super) fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// A kind of damage.
#[derive(Clone, Debug)]
enum Damage {
    /// A byte is changed.
    Set(Place, u8),
    /// A bit is flipped.
    Flip(Place, u32),
    /// Bytes are inserted.
    Insert(Place, Vec<u8>),
    /// Bytes are removed.
    Remove(Place, usize),
    /// Bytes are repeated.
    Repeat(Place, usize, usize),
    /// Bytes are overwritten by others of the file.
    Overlay(Place, Place, usize),
    /// The end is removed.
    Truncate(Place),
}

/// The position of the damage.
#[derive(Clone, Debug)]
enum Place {
    /// Anywhere, including the end.
    Any(Index),
    /// A distance from the beginning, where some formats have their metadata.
    Begin(usize),
    /// A distance from the end, where other formats have theirs.
    End(usize),
}

impl Place {
    fn of(&self, len: usize) -> usize {
        match self {
            Self::Any(index) => index.index(len + 1),
            Self::Begin(at) => *at.min(&len),
            Self::End(at) => len - at.min(&len),
        }
    }
}

impl Damage {
    fn to(&self, bytes: &mut Vec<u8>) {
        let piece = |bytes: &[u8], place: &Place, len: usize| {
            let start = place.of(bytes.len());
            start..bytes.len().min(start + len)
        };
        match self {
            Self::Set(place, byte) => {
                let at = piece(bytes, place, 1);
                bytes[at].fill(*byte);
            }
            Self::Flip(place, bit) => {
                let at = piece(bytes, place, 1);
                bytes[at].iter_mut().for_each(|byte| *byte ^= 1 << bit);
            }
            Self::Insert(place, new) => {
                let at = place.of(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(place, len) => drop(bytes.drain(piece(bytes, place, *len))),
            Self::Repeat(place, len, times) => {
                let from = piece(bytes, place, *len);
                let repeated = bytes[from.clone()].repeat(*times);
                bytes.splice(from, repeated);
            }
            Self::Overlay(from, to, len) => {
                let from = piece(bytes, from, *len);
                let to = piece(bytes, to, from.len());
                bytes.copy_within(from.start..from.start + to.len(), to.start);
            }
            Self::Truncate(place) => bytes.truncate(place.of(bytes.len())),
        }
    }
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        any::<Index>().prop_map(Place::Any),
        (0_usize..600).prop_map(Place::Begin),
        (0_usize..2000).prop_map(Place::End),
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    // Numbers of variable length continue if the highest bit is set.
    let byte = prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 0x7f, 0x80, 0xff])];
    // The sizes of a tar block and of a batch's record are likely, so that the rest stays aligned.
    let len = prop_oneof![1_usize..64, 1_usize..4000, Just(512), Just(3073)];
    prop_oneof![
        4 => (place(), byte).prop_map(|(place, byte)| Damage::Set(place, byte)),
        2 => (place(), 0_u32..8).prop_map(|(place, bit)| Damage::Flip(place, bit)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(place, new)| Damage::Insert(place, new)),
        1 => (place(), len.clone()).prop_map(|(place, len)| Damage::Remove(place, len)),
        1 => (place(), len.clone(), 2_usize..5).prop_map(|(place, len, times)| Damage::Repeat(place, len, times)),
        1 => (place(), place(), len).prop_map(|(from, to, len)| Damage::Overlay(from, to, len)),
        1 => place().prop_map(Damage::Truncate),
    ]
}

/// One of `files` with one to seven random damages.
pub(super) fn damaged(files: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (prop::sample::select(files), prop::collection::vec(damage(), 1..8)).prop_map(|(mut bytes, damages)| {
        damages.iter().for_each(|damage| damage.to(&mut bytes));
        bytes
    })
}
