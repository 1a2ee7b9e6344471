//! What some tests need that not every machine has. A test that goes without it says so, and `cargo xtask test` counts
//! it.

use std::{env, fs::OpenOptions, io::Write, panic::Location, path::PathBuf};

/// The folder of CIFAR-10's binary batches that `CIFAR10_DIR` names. If it names none, the calling test is skipped.
#[track_caller]
pub fn real_images() -> Option<PathBuf> {
    let folder = env::var_os("CIFAR10_DIR").filter(|folder| !folder.is_empty());
    if folder.is_none() {
        skip("CIFAR10_DIR names no folder of CIFAR-10's binary batches");
    }
    folder.map(PathBuf::from)
}

/// Says and counts that a test, or a part of one, does not run.
#[track_caller]
pub fn skip(why: &str) {
    let line = format!("{}: {why}\n", Location::caller());
    eprint!("skipped: {line}");
    if let Some(list) = env::var_os("TENFOLD_SKIPPED") {
        let file = OpenOptions::new().create(true).append(true).open(list);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("a list that can be added to");
    }
}
