//! Writes the list of the built page's files into its service worker, which keeps them.

use crate::Result;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The service worker's file. It is not in the list, because browsers always fetch it outside of the page's caches.
const WORKER: &str = "service-worker.js";

/// The lines of the service worker's source that are replaced.
const BUILD: &str = "const BUILD = \"\";";
const FILES: &str = "const FILES = {};";

/// Writes the names and checksums of all files in `folder`, a built page, into its service worker.
pub fn name_files(folder: &Path) -> Result {
    let worker = folder.join(WORKER);
    let source = read(&worker)?;
    let source = String::from_utf8(source).map_err(|error| format!("{}: {error}", worker.display()))?;
    if !source.contains(BUILD) || !source.contains(FILES) {
        return Err(format!("{} has no place for the build's files", worker.display()));
    }
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.sort();
    let (mut list, mut build) = (String::new(), String::new());
    for (name, path) in files.iter().filter(|(name, _)| name != WORKER) {
        let checksum = checksum(&read(path)?);
        writeln!(list, "  {name:?}: {checksum},").expect("a string takes all");
        write!(build, "{name} {checksum} ").expect("a string takes all");
    }
    let build = format!("const BUILD = \"{:08x}\";", checksum(build.as_bytes()));
    let source = source.replace(BUILD, &build).replace(FILES, &format!("const FILES = {{\n{list}}};"));
    fs::write(&worker, source).map_err(|error| format!("cannot write {}: {error}", worker.display()))
}

/// The files below `folder`, each with its address relative to `root`.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> Result {
    let failed = |error| format!("cannot read {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let parts = path.strip_prefix(root).unwrap_or(&path).iter().map(|part| part.to_string_lossy());
            files.push((parts.collect::<Vec<_>>().join("/"), path));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// FNV-1a with 32 bits (Fowler, Noll and Vo), as in the service worker.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_worker_learns_the_files_and_a_build_is_told_from_another() {
        let folder = std::env::temp_dir().join(format!("tenfold-offline-{}", std::process::id()));
        fs::create_dir_all(folder.join("scenes")).expect("temporary folder");
        let named = |content: &str| {
            fs::write(folder.join(WORKER), include_str!("../../src/platform/offline/service-worker.js"))
                .expect("written");
            fs::write(folder.join("scenes/cat.png"), content).expect("written");
            name_files(&folder).expect("it has places for both");
            fs::read_to_string(folder.join(WORKER)).expect("readable")
        };
        let (first, second) = (named("a"), named("b"));
        // The published value of FNV-1a for "a".
        assert!(first.contains(&format!("\"scenes/cat.png\": {},", 0xe40c_292c_u32)), "{first}");
        assert!(!first.contains("\"service-worker.js\":"));
        assert_ne!(first, second);
        let build = |source: &str| source.lines().find(|line| line.starts_with("const BUILD")).map(str::to_owned);
        assert_ne!(build(&first), build(&second));
        assert!(name_files(&folder).is_err(), "it is written once");
        fs::remove_dir_all(&folder).expect("removed");
    }
}
