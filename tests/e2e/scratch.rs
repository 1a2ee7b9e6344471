//! A folder for the browser's profile and the files to drop. Each run of the tests has its own.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// A folder that no other run has while this value lives.
struct Scratch {
    folder: PathBuf,
    /// The lock ends with the process, however that ends.
    _lock: File,
}

impl Scratch {
    /// The first free folder below `around`, emptied.
    ///
    /// A browser stops answering if another run empties its profile.
    fn claim(around: &Path) -> io::Result<Self> {
        fs::create_dir_all(around)?;
        for number in 0.. {
            let lock = File::create(around.join(format!("run-{number}.lock")))?;
            if lock.try_lock().is_err() {
                continue;
            }
            let folder = around.join(format!("run-{number}"));
            // An interrupted run may have left a lock of the browser there.
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder)?;
            return Ok(Self { folder, _lock: lock });
        }
        unreachable!("there are more numbers than runs")
    }
}

/// The folder of this run.
pub fn folder() -> &'static Path {
    static SCRATCH: OnceLock<Scratch> = OnceLock::new();
    let claim = || Scratch::claim(Path::new(env!("CARGO_TARGET_TMPDIR"))).expect("a folder for scratch");
    &SCRATCH.get_or_init(claim).folder
}

#[test]
fn runs_at_the_same_time_have_a_folder_each_and_later_ones_an_empty_one() {
    let around = folder().join("around");
    let first = Scratch::claim(&around).expect("a folder");
    let second = Scratch::claim(&around).expect("another folder");
    assert_ne!(first.folder, second.folder);
    fs::write(first.folder.join("left"), "behind").expect("the folder is there");
    let folder = first.folder.clone();
    drop(first);
    let third = Scratch::claim(&around).expect("a folder");
    assert_eq!(third.folder, folder);
    assert_eq!(fs::read_dir(&third.folder).expect("the folder is there").count(), 0);
}
