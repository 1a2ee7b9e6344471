//! Gives the page and its worker a common name for their build, so that each recognises a different build of the other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The files and folders that determine the messages between page and worker.
const SOURCES: [&str; 3] = ["src", "Cargo.toml", "Cargo.lock"];

fn main() -> io::Result<()> {
    let mut hash = Fnv1a::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        for file in files_below(Path::new(source))? {
            hash.take(file.to_string_lossy().as_bytes());
            hash.take(&fs::read(&file)?);
        }
    }
    println!("cargo:rustc-env=TENFOLD_BUILD={:016x}", hash.0);
    Ok(())
}

/// All files below `path` in a fixed order, or `path` itself if it is a file.
fn files_below(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
    let mut entries = entries?;
    entries.sort();
    let below: io::Result<Vec<_>> = entries.iter().map(|entry| files_below(entry)).collect();
    Ok(below?.concat())
}

/// FNV-1a with 64 bits (Fowler, Noll and Vo), which is enough to distinguish builds.
struct Fnv1a(u64);

impl Fnv1a {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
