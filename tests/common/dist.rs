//! The files of the built page. `TENFOLD_DIST` names the folder; `cargo xtask test` sets it after building.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The files of the built page.
pub fn dist() -> Vec<PathBuf> {
    let folder = env::var_os("TENFOLD_DIST").expect("TENFOLD_DIST names a built page (`cargo xtask build` makes one)");
    let folder = PathBuf::from(folder);
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(!files.is_empty(), "{} has no files: build the page first", folder.display());
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
