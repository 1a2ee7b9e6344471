//! The real images, in each file that `make-batches.py` makes of them.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::*;
use crate::data::{Dataset, read_folder};

/// Where the batches are, and the folder around them where the other files lie.
fn folders() -> Option<(PathBuf, PathBuf)> {
    let Some(batches) = std::env::var_os("CIFAR10_DIR").map(PathBuf::from) else {
        println!("skipped: CIFAR10_DIR does not say where the real images are");
        return None;
    };
    let around = batches.parent().map(Path::to_owned)?;
    Some((batches, around))
}

/// What is read from a file, in pieces as a browser's; nothing where the file is not there.
fn read_file(path: &Path) -> Option<Contents> {
    let Ok(mut file) = File::open(path) else {
        println!("skipped: {} is not there", path.display());
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
    Some(reader.finish().unwrap_or_else(|error| panic!("{error}")).contents)
}

#[test]
fn the_real_archive_holds_the_real_batches() {
    let Some((batches, around)) = folders() else { return };
    let Some(contents) = read_file(&around.join("cifar-10-binary.tar.gz")) else { return };
    assert!(contents == Contents::Whole(read_folder(&batches).expect("CIFAR10_DIR holds CIFAR-10")));
}

#[test]
fn the_real_parquet_files_hold_the_real_batches() {
    let Some((batches, around)) = folders() else { return };
    let Dataset { train, test } = read_folder(&batches).expect("CIFAR10_DIR holds CIFAR-10");
    if let Some(contents) = read_file(&around.join("plain_text/test-00000-of-00001.parquet")) {
        assert!(contents == Contents::Test(test));
    }
    if let Some(contents) = read_file(&around.join("plain_text/train-00000-of-00001.parquet")) {
        assert!(contents == Contents::Train(train));
    }
}

#[test]
fn a_real_batch_is_read_alone() {
    let Some((batches, _)) = folders() else { return };
    let Some(contents) = read_file(&batches.join("test_batch.bin")) else { return };
    let test = read_folder(&batches).expect("CIFAR10_DIR holds CIFAR-10").test;
    assert!(contents == Contents::Batch { slot: None, images: test });
}
