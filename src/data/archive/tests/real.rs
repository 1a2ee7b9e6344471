//! The real images, in each file format that `make-batches.py` writes.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::*;
use crate::{
    data::{Collection, Dataset, read_folder, stored},
    domain::Split,
    needs::{real_images, skip},
};

/// The folder of the batches, and the folder around it, which contains the other files.
#[track_caller]
fn folders() -> Option<(PathBuf, PathBuf)> {
    let batches = real_images()?;
    let around = batches.parent().map(Path::to_owned)?;
    Some((batches, around))
}

/// The result of reading a file in pieces, as a browser delivers it; none if the file is missing.
#[track_caller]
fn read_file(path: &Path) -> Option<Found> {
    let Ok(mut file) = File::open(path) else {
        skip(&format!("{} is not there", path.display()));
        return None;
    };
    let mut reader = ArchiveReader::new(path.display().to_string());
    let mut piece = vec![0; 64 << 10];
    loop {
        let len = file.read(&mut piece).expect("the file is readable");
        if len == 0 {
            break;
        }
        reader.feed(&piece[..len]).unwrap_or_else(|error| panic!("{error}"));
    }
    Some(reader.finish().unwrap_or_else(|error| panic!("{error}")))
}

/// Adds a file with its own name; false if the file is missing.
#[track_caller]
fn add(collection: &mut Collection, path: &Path) -> bool {
    let Some(found) = read_file(path) else { return false };
    let name = path.file_name().and_then(|name| name.to_str()).expect("the published names are plain");
    collection.add(name, found).unwrap_or_else(|error| panic!("{error}"));
    true
}

#[test]
fn the_real_archive_holds_the_real_batches() {
    let Some((batches, around)) = folders() else { return };
    let Some(found) = read_file(&around.join("cifar-10-binary.tar.gz")) else { return };
    assert!(found.contents == Contents::Whole(read_folder(&batches).expect("CIFAR10_DIR holds CIFAR-10")));
}

#[test]
fn the_real_parquet_files_join_to_the_real_batches_and_are_kept() {
    let Some((batches, around)) = folders() else { return };
    let mut collection = Collection::default();
    for file in ["test-00000-of-00001.parquet", "train-00000-of-00001.parquet"] {
        if !add(&mut collection, &around.join("plain_text").join(file)) {
            return;
        }
    }
    let splits = [Split::Train, Split::Test].map(|split| {
        let (header, [labels, pixels]) = collection.stored(split);
        stored::read(&[&header.to_bytes(), labels, pixels].concat()).unwrap_or_else(|error| panic!("{error}"))
    });
    assert!(Collection::from_stored(splits) == collection);
    // Whether they are published is not tested: `make-batches.py` writes other files than the published ones.
    let Dataset { train, test } = read_folder(&batches).expect("CIFAR10_DIR holds CIFAR-10");
    assert!(*collection.train() == train && *collection.test() == test);
}

#[test]
fn the_real_batches_join_in_any_order() {
    let Some((batches, _)) = folders() else { return };
    let mut collection = Collection::default();
    for slot in [4, 5, 0, 3, 1, 2].map(|index: usize| Slot::ALL[index]) {
        if !add(&mut collection, &batches.join(format!("{}.bin", slot.stem()))) {
            return;
        }
    }
    let Dataset { train, test } = read_folder(&batches).expect("CIFAR10_DIR holds CIFAR-10");
    assert!(*collection.train() == train && *collection.test() == test);
    assert!(collection.is_trainable() && !collection.is_published());
}
