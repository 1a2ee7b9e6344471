//! No file makes the reader take much more memory than CIFAR-10 itself, and joining its files keeps one copy.
#![cfg(not(target_family = "wasm"))]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use proptest::prelude::*;
use tenfold::data::{
    ArchiveReader, Collection,
    archive::{Contents, Found, Origin, Slot},
    read_batch,
};

/// The images, and room for one parquet page and its dictionary. Files as small as those here need no more.
const LIMIT_BYTES: usize = 60_000 * 3073 + (64 << 20);

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes that this thread holds.
struct Counting;

// SAFETY: every call goes to the system allocator with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(at, layout, size) }
    }
}

fn count(more: usize, less: usize) {
    HELD.set((HELD.get() + more).saturating_sub(less));
    PEAK.set(PEAK.get().max(HELD.get()));
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most bytes that reading `bytes` holds at a time.
fn peak_bytes(bytes: &[u8]) -> usize {
    let before = HELD.get();
    PEAK.set(before);
    let mut reader = ArchiveReader::new("dropped");
    if reader.feed(bytes).is_ok() {
        drop(reader.finish());
    }
    PEAK.get() - before
}

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/archives/", $name)).as_slice()
    };
}

const FILES: [&[u8]; 6] = [
    fixture!("data_batch_2"),
    fixture!("train.parquet"),
    fixture!("gzip.parquet"),
    fixture!("second-layout.parquet"),
    fixture!("small-pages.parquet"),
    b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xc1",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_take_no_more_memory_than_the_images(
        whole in prop::sample::select(FILES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0xff)]), 1..8),
        is_at_the_end in any::<bool>(),
    ) {
        let mut bytes = whole.to_vec();
        for (at, byte) in changes {
            // The last two thousand bytes of a parquet file describe it.
            let first = if is_at_the_end { bytes.len().saturating_sub(2000) } else { 0 };
            let at = first + at.index(bytes.len() - first);
            bytes[at] = byte;
        }
        let peak_bytes = peak_bytes(&bytes);
        prop_assert!(peak_bytes <= LIMIT_BYTES, "{peak_bytes} bytes");
    }
}

#[test]
fn joined_batches_are_held_once() {
    const BATCH_BYTES: usize = 10_000 * 3073;
    let before = HELD.get();
    let mut collection = Collection::default();
    // Each batch belongs before those that are there.
    for slot in Slot::ALL.into_iter().rev() {
        let images = read_batch("batch", &[0; 3073].repeat(10_000)).expect("whole records");
        PEAK.set(HELD.get());
        let found = Found { contents: Contents::Batch { slot: Some(slot), images }, origin: Origin::Other };
        collection.add("batch", found).expect("it says which it is");
        let is_bounded = PEAK.get() - HELD.get() <= BATCH_BYTES + 1000;
        assert!(is_bounded, "{} bytes beside {}", PEAK.get() - HELD.get(), HELD.get() - before);
    }
    assert_eq!(collection.train().len(), 50_000);
    let held_bytes = HELD.get() - before;
    assert!((6 * BATCH_BYTES..6 * BATCH_BYTES + 100_000).contains(&held_bytes), "{held_bytes} bytes");
}

#[test]
fn the_count_sees_what_is_held() {
    // A batch allocates memory for its images when its first byte arrives.
    assert!((30_730_000..31_000_000).contains(&peak_bytes(&[0; 3073])));
}
