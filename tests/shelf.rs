//! Any operation of a disk can fail, and a tab can be closed at any time. The run is then there in its old or its new
//! state, and never in another one.

#[path = "common/disk.rs"]
mod disk;

use disk::{Disk, Fault};
use pollster::block_on;
use std::{
    cell::{Cell, RefCell},
    ops::Range,
};
use tenfold::{
    domain::{RunFacts, RunId, Settings, StartingWeights},
    protocol::BUILD,
    shelf::{
        Catalogue, FileError, Files, Keeper, Label, Pair, Unreadable,
        adopt::adopt,
        runs::{self, claim_name, pair},
    },
};

const FAULTS: [Fault; 4] = [Fault::Fails, Fault::Crash, Fault::CrashHalfway, Fault::PowerCut];

const ID: RunId = RunId(7);

fn label(step: u64) -> Label {
    let facts = RunFacts {
        settings: Settings::default(),
        start: StartingWeights::Scratch,
        step,
        steps_per_epoch: 10,
        steps: 90,
    };
    Label { build: BUILD.into(), facts, accuracy: Some(0.5), trained_secs: 0.0, kept_at_ms: step }
}

/// The content of a run after step `step`.
fn body(step: u64) -> Vec<u8> {
    format!("the weights after step {step}").into_bytes().repeat(20)
}

fn save(keeper: &mut Keeper, disk: &Disk, step: u64) -> Result<u64, FileError> {
    block_on(runs::save(keeper, disk, &label(step), &body(step)))
}

/// A disk on which the run was saved after each of `steps`, and the run's keeper.
fn kept(steps: impl IntoIterator<Item = u64>) -> (Disk, Keeper) {
    let (disk, mut keeper) = (Disk::default(), Keeper::fresh(pair(ID)));
    for step in steps {
        save(&mut keeper, &disk, step).expect("nothing fails");
    }
    (disk, keeper)
}

fn list(disk: &Disk) -> Catalogue {
    block_on(runs::list(disk, None)).expect("the files can be listed")
}

/// The step of the run on the disk, if there is a run. Checks that the list, the file and its label agree.
fn found(disk: &Disk) -> Option<u64> {
    let catalogue = list(disk);
    assert_eq!(catalogue.unreadable, [], "a whole run was there before");
    match block_on(pair(ID).load(disk)).expect("a whole run was there before") {
        Some(loaded) => {
            let read: Label = serde_json::from_slice(&loaded.header).expect("a label");
            assert_eq!((&read, &loaded.body), (&label(read.facts.step), &body(read.facts.step)));
            assert_eq!(catalogue.runs.iter().map(|run| run.facts.step).collect::<Vec<_>>(), [read.facts.step]);
            Some(read.facts.step)
        }
        None => {
            assert_eq!(catalogue.runs, []);
            None
        }
    }
}

/// Does `operation` with each fault at each of its steps, until the fault no longer happens. Returns the number of
/// faults.
fn at_every_step(mut operation: impl FnMut(usize, Fault) -> bool) -> usize {
    let mut count = 0;
    for fault in FAULTS {
        let steps = (0..).take_while(|&at| operation(at, fault)).count();
        assert!(steps < 1_000);
        count += steps;
    }
    count
}

#[test]
fn a_save_that_breaks_off_anywhere_leaves_the_old_or_the_new_run() {
    for before in 0..4 {
        let count = at_every_step(|at, fault| {
            let (disk, mut keeper) = kept(1..=before);
            disk.break_at(at, fault);
            let saved = save(&mut keeper, &disk, 50);
            let is_broken = disk.mend();
            let step = match list_or_torn(&disk.reopened(), before) {
                Some(step) => step,
                // This was the first save of the run, so nothing was there before.
                None => return is_broken,
            };
            match &saved {
                Ok(_) => assert_eq!(step, 50, "it was said to be kept: {fault:?} at {at}"),
                Err(_) => assert!(step == before || step == 50, "{step} after {fault:?} at {at}"),
            }
            // If only one operation failed, the same tab goes on. The next tab goes on in any case.
            if fault == Fault::Fails {
                save(&mut keeper, &disk, 60).expect("only one operation fails");
                assert_eq!(found(&disk), Some(60));
            }
            let next = disk.reopened();
            let mut keeper = block_on(Keeper::of(pair(ID), &next)).expect("it is known what is there");
            save(&mut keeper, &next, 70).expect("nothing fails any more");
            assert_eq!(found(&next), Some(70));
            is_broken
        });
        println!("{count} faults in a save after {before} others");
        assert!(count >= 30, "{count}");
    }
}

/// The step that is found. `None` if no save had succeeded before, and this one did not.
fn list_or_torn(disk: &Disk, before: u64) -> Option<u64> {
    if before > 0 {
        return Some(found(disk).expect("the run is there"));
    }
    match block_on(pair(ID).load(disk)) {
        Ok(Some(_)) => found(disk),
        Ok(None) => None,
        // An unreadable file is reported, unless it is empty.
        Err(why) => {
            assert!(matches!(why, Unreadable::Unfinished | Unreadable::Damaged(_)), "{why}");
            let is_empty = disk.content(&pair(ID).files()[0]).is_some_and(|bytes| bytes.is_empty());
            assert_eq!(list(disk).unreadable.len(), usize::from(!is_empty));
            None
        }
    }
}

#[test]
fn a_deletion_that_breaks_off_anywhere_leaves_the_run_as_it_was_or_none() {
    for before in 1..4 {
        let count = at_every_step(|at, fault| {
            let (disk, _) = kept(1..=before);
            block_on(runs::note(&disk, ID, |notes| notes.name = Some("mine".into()))).expect("nothing fails");
            disk.break_at(at, fault);
            let removed = block_on(runs::remove(&disk, ID));
            let is_broken = disk.mend();
            let next = disk.reopened();
            match found(&next) {
                Some(step) => assert!(step == before && removed.is_err(), "{step} after {fault:?} at {at}"),
                None => assert!(next.names_now().is_empty(), "{:?}", next.names_now()),
            }
            is_broken
        });
        println!("{count} faults in a deletion after {before} saves");
        assert!(count >= 8, "{count}");
    }
}

#[test]
fn a_name_that_breaks_off_anywhere_is_the_old_or_the_new_one_and_the_run_stays() {
    let count = at_every_step(|at, fault| {
        let (disk, _) = kept(1..=2);
        let name = |disk: &Disk, name: &str| {
            let name = Some(name.to_owned());
            block_on(runs::note(disk, ID, |notes| notes.name = name))
        };
        name(&disk, "old").expect("nothing fails");
        disk.break_at(at, fault);
        let named = name(&disk, "new");
        let is_broken = disk.mend();
        let next = disk.reopened();
        assert_eq!(found(&next), Some(2));
        let found = list(&next).runs[0].name.clone().expect("it has a name");
        assert!(found == "new" || (found == "old" && named.is_err()), "{found} after {fault:?} at {at}");
        is_broken
    });
    assert!(count >= 24, "{count}");
}

/// The content of an earlier version's file, which tells its step.
fn earlier(step: u64) -> Vec<u8> {
    body(step)
}

fn label_of(bytes: &[u8]) -> Result<Label, String> {
    let step = (0..100).find(|&step| bytes == body(step)).ok_or("it is no run")?;
    Ok(label(step))
}

/// The steps of all runs, and the names of all unreadable files.
fn everything(disk: &Disk) -> (Vec<u64>, Vec<String>) {
    let unreadable = block_on(adopt(disk, label_of)).expect("the files can be listed");
    let catalogue = list(disk);
    let files = unreadable.into_iter().chain(catalogue.unreadable).map(|file| file.file).collect();
    (catalogue.runs.iter().map(|run| run.facts.step).collect(), files)
}

#[test]
fn a_migration_that_breaks_off_anywhere_leaves_every_run_once() {
    let count = at_every_step(|at, fault| {
        let disk = Disk::default();
        disk.put("run.tenfold", earlier(9));
        disk.put("run.tenfold.5f.part", earlier(12));
        disk.put("run.tenfold.77.part", earlier(12)[..30].to_vec());
        disk.put("run.claim", Vec::new());
        disk.break_at(at, fault);
        let _ = block_on(adopt(&disk, label_of));
        let is_broken = disk.mend();
        let next = disk.reopened();
        let found = everything(&next);
        assert_eq!(found, (vec![12, 9], vec!["run.tenfold.77.part".to_owned()]), "after {fault:?} at {at}");
        assert_eq!(everything(&next), found, "nothing is taken in twice");
        assert_eq!(next.content("run.tenfold"), None);
        is_broken
    });
    println!("{count} faults in a migration");
    assert!(count >= 60, "{count}");
}

#[test]
fn a_run_that_was_taken_in_and_went_on_is_not_taken_in_again() {
    let disk = Disk::default();
    disk.put("run.tenfold", earlier(9));
    assert_eq!(everything(&disk).0, [9]);
    let id = list(&disk).runs[0].id;
    let mut keeper = block_on(Keeper::of(pair(id), &disk)).expect("it is there");
    save(&mut keeper, &disk, 20).expect("nothing fails");
    // The earlier file is there again, as if removing it had failed.
    disk.put("run.tenfold", earlier(9));
    assert_eq!(everything(&disk).0, [20]);
}

#[test]
fn a_tab_of_an_earlier_version_keeps_its_run_while_it_is_open() {
    let disk = Disk::default();
    disk.put("run.tenfold", earlier(9));
    disk.take("run.claim");
    assert_eq!(everything(&disk), (Vec::new(), Vec::new()));
    assert_eq!(disk.content("run.tenfold"), Some(earlier(9)));
    disk.give_back("run.claim");
    assert_eq!(everything(&disk).0, [9]);
}

#[test]
fn a_flipped_bit_anywhere_is_said_and_the_copy_before_is_taken_or_the_file_is_listed() {
    let [newest, before] = {
        let [a, b] = pair(ID).files();
        [b, a]
    };
    let len = kept(1..=2).0.content(&newest).expect("it is kept").len();
    for at in 0..len {
        let (disk, _) = kept(1..=2);
        disk.change(&newest, |bytes| bytes[at] ^= 1 << (at % 8));
        let loaded = block_on(runs::load(&disk, ID));
        let loaded = loaded.unwrap_or_else(|why| panic!("byte {at}: {why}"));
        assert_eq!(loaded.body, body(1), "byte {at}");
        assert!(loaded.passed_over.is_some(), "byte {at}");
        // The next save overwrites the damaged file, and is the newest again.
        let mut keeper = loaded.keeper;
        save(&mut keeper, &disk, 3).expect("nothing fails");
        assert_eq!(block_on(runs::load(&disk, ID)).expect("it is whole").body, body(3), "byte {at}");
    }
    let (disk, _) = kept(1..=2);
    for file in [&newest, &before] {
        disk.change(file, |bytes| bytes[60] ^= 1);
    }
    let catalogue = list(&disk);
    assert_eq!(catalogue.runs, []);
    assert_eq!(catalogue.unreadable.len(), 2);
    assert!(catalogue.unreadable[0].reason.contains("damaged"), "{:?}", catalogue.unreadable);
    for file in &catalogue.unreadable {
        block_on(runs::remove_unreadable(&disk, &file.file)).expect("nobody has it");
    }
    assert_eq!(list(&disk), Catalogue::default());
}

#[test]
fn what_a_newer_version_wrote_is_named_and_never_written_over() {
    let (disk, _) = kept(1..=2);
    let newest = pair(ID).files()[1].clone();
    disk.change(&newest, |bytes| {
        bytes[16] = 2;
        let seal = tenfold::shelf::record::digest(&[&bytes[..112]]);
        bytes[112..128].copy_from_slice(&seal[..16]);
    });
    assert_eq!(block_on(runs::load(&disk, ID)).expect_err("a later format"), Unreadable::Newer(2));
    assert!(block_on(Keeper::of(pair(ID), &disk)).is_err());
    let catalogue = list(&disk);
    assert_eq!(catalogue.runs, []);
    assert!(catalogue.unreadable[0].reason.contains("a newer version of Tenfold"), "{:?}", catalogue.unreadable);
}

#[test]
fn a_full_disk_is_said_and_the_run_stays_as_it_was() {
    let (disk, mut keeper) = kept(1..=2);
    let used = 2 * list(&disk).runs[0].size_bytes / 2;
    disk.limit(Some(used));
    save(&mut keeper, &disk, 3).expect("it takes the place of the older copy");
    let (disk, mut keeper) = kept(1..=1);
    disk.limit(Some(used / 2 + 100));
    assert_eq!(save(&mut keeper, &disk, 2), Err(FileError::Full));
    assert_eq!(found(&disk), Some(1));
}

#[test]
fn a_record_without_a_header_or_a_body_is_kept() {
    let disk = Disk::default();
    for (name, header, body) in [("trusted", &b""[..], &b"[]"[..]), ("labelled", b"{}", b""), ("empty", b"", b"")] {
        let mut keeper = Keeper::fresh(Pair::new(name));
        block_on(keeper.save(&disk, header, &[body])).unwrap_or_else(|error| panic!("{name}: {error}"));
        let loaded = block_on(Pair::new(name).load(&disk)).expect("just written").expect("just written");
        assert_eq!((&loaded.header[..], &loaded.body[..]), (header, body), "{name}");
    }
}

#[test]
fn what_another_tab_writes_is_neither_listed_as_damaged_nor_deleted() {
    let (disk, _) = kept([]);
    let _claim = block_on(disk.claim(&claim_name(ID))).expect("names can be taken");
    disk.put(&pair(ID).files()[0], vec![0; 200]);
    assert_eq!(list(&disk), Catalogue::default());
    assert_eq!(block_on(runs::remove_unreadable(&disk, &pair(ID).files()[0])), Err(FileError::Busy));
    drop(_claim);
    assert_eq!(list(&disk).unreadable.len(), 1);
}

#[test]
fn a_keeper_notices_that_another_tab_went_on_with_its_run() {
    let (disk, mut mine) = kept(1..=3);
    assert!(block_on(mine.is_newest(&disk)));
    let mut other = block_on(Keeper::of(pair(ID), &disk)).expect("it is there");
    save(&mut other, &disk, 4).expect("nothing fails");
    assert!(!block_on(mine.is_newest(&disk)));
    save(&mut mine, &disk, 9).expect("nothing fails");
    let (disk, mine) = kept(1..=3);
    block_on(runs::remove(&disk, ID)).expect("nothing fails");
    assert!(!block_on(mine.is_newest(&disk)));
    let (disk, mut mine) = kept(1..=3);
    // The browser has cleared the page's storage.
    disk.clear();
    assert!(!block_on(mine.is_newest(&disk)));
    save(&mut mine, &disk, 4).expect("nothing fails");
    assert_eq!(found(&disk), Some(4));
}

/// A disk on which another tab acts before a chosen operation.
struct Interleaved<'a> {
    disk: &'a Disk,
    /// Operations before the chosen one.
    left: Cell<usize>,
    other_tab: RefCell<Option<Box<dyn FnOnce() + 'a>>>,
}

impl Interleaved<'_> {
    fn step(&self) {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => {
                if let Some(act) = self.other_tab.take() {
                    act();
                }
            }
        }
    }
}

impl Files for Interleaved<'_> {
    type Open = disk::Open;
    type Claim = disk::Claim;

    async fn names(&self) -> Result<Vec<String>, FileError> {
        self.step();
        self.disk.names().await
    }
    async fn size(&self, name: &str) -> Result<Option<u64>, FileError> {
        self.step();
        self.disk.size(name).await
    }
    async fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        self.step();
        self.disk.read(name, range).await
    }
    async fn open(&self, name: &str) -> Result<disk::Open, FileError> {
        self.step();
        self.disk.open(name).await
    }
    async fn remove(&self, name: &str) -> Result<(), FileError> {
        self.step();
        self.disk.remove(name).await
    }
    async fn room(&self) -> Option<u64> {
        self.disk.room().await
    }
    async fn claim(&self, name: &str) -> Result<Option<disk::Claim>, FileError> {
        self.step();
        self.disk.claim(name).await
    }
    async fn is_claimed(&self, name: &str) -> bool {
        self.step();
        self.disk.is_claimed(name).await
    }
}

/// Another tab begins to write a run, of which `left` is left in a file, before each file operation of `operation` in
/// turn. Checks that what the other tab keeps stays. Returns the number of times that it could begin.
fn what_another_tab_keeps_stays(left: &[u8], operation: impl Fn(&Interleaved)) -> usize {
    let (mut begun, mut at) = (0, 0);
    loop {
        let disk = Disk::default();
        disk.put(&pair(ID).files()[0], left.to_vec());
        let claim = Cell::new(None);
        let write = || {
            claim.set(block_on(disk.claim(&claim_name(ID))).expect("names can be taken"));
            let held = claim.take();
            if held.is_some() {
                let mut keeper = block_on(Keeper::of(pair(ID), &disk)).expect("nothing whole is there");
                save(&mut keeper, &disk, 1).expect("nothing fails");
            }
            claim.set(held);
        };
        let files = Interleaved { disk: &disk, left: Cell::new(at), other_tab: RefCell::new(Some(Box::new(write))) };
        operation(&files);
        if files.other_tab.borrow().is_some() {
            return begun;
        }
        drop(files);
        if claim.take().is_some() {
            begun += 1;
            assert_eq!(found(&disk), Some(1), "the other tab began before operation {at}");
        }
        at += 1;
    }
}

#[test]
fn a_listing_never_removes_what_another_tab_begins_to_write_meanwhile() {
    let begun = what_another_tab_keeps_stays(&[], |files| {
        block_on(runs::list(files, None)).expect("the files can be listed");
    });
    assert!(begun >= 4, "{begun}");
}

#[test]
fn a_damaged_file_is_not_removed_once_another_tab_writes_the_run() {
    let file = &pair(ID).files()[0];
    // If another tab writes the run before the claim is asked for, that tab has the claim. If it comes later, it finds
    // what is left.
    let begun = what_another_tab_keeps_stays(&[7; 200], |files| {
        let _ = block_on(runs::remove_unreadable(files, file));
    });
    assert!(begun >= 1, "{begun}");
}
