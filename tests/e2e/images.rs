//! CIFAR-10's way to the device: fetched, dropped, kept, found again, deleted. Also the ways in which that fails.

use crate::{
    browser::Kind,
    files,
    lacks::boot_after,
    needs,
    server::{Fault, FaultKind},
    tab::Tab,
};
use std::path::{Path, PathBuf};

const ARCHIVE: &str = "cifar-10-binary.tar.gz";

/// A worker's script by which its timers take a tenth of their time.
const QUICK_TIMERS: &str =
    "{ const wait = self.setTimeout; self.setTimeout = (act, ms, ...rest) => wait(act, ms / 10, ...rest); }";

/// The folder with CIFAR-10's published files; none if they are missing, and the test then skips.
#[track_caller]
pub fn real_files() -> Option<PathBuf> {
    let around = needs::real_images()?.parent().map(Path::to_owned);
    let around = around.filter(|folder| folder.join(ARCHIVE).is_file() && folder.join("plain_text").is_dir());
    if around.is_none() {
        needs::skip(&format!("{ARCHIVE} and plain_text/ do not lie beside the folder that CIFAR10_DIR names"));
    }
    around
}

impl Tab {
    /// Waits until CIFAR-10 is there. Fails at once with the page's words if an alert says that it will not come.
    pub fn wait_for_images(&self) {
        let images = "document.documentElement.dataset.images";
        let alert = "[...document.querySelectorAll('[role=alert]')].some(alert => alert.innerText)";
        self.wait_until("CIFAR-10", &format!("{images} === 'present' || {alert}"));
        assert_eq!(self.attribute("data-images"), "present", "{}", self.describe());
    }

    /// A tab on the CPU whose host has CIFAR-10's files, with `faults`. It shows "Learn".
    pub fn with_images_on_host(around: &Path, faults: Vec<Fault>) -> Self {
        let tab = Self::open_with(Kind::WebGpu, faults);
        tab.server().serve_data(around);
        tab.visit("?device=cpu#learn");
        tab.wait_until_ready();
        tab
    }

    /// The sentence on where CIFAR-10 is.
    fn images_sentence(&self) -> String {
        self.text("[aria-label='CIFAR-10']")
    }
}

/// Fetches the images. After a reload they must be there within a second of the network.
fn is_fetched_and_found_again(faults: Vec<Fault>) {
    let Some(around) = real_files() else { return };
    let tab = Tab::with_images_on_host(&around, faults);
    assert_eq!(tab.attribute("data-images"), "absent");
    tab.click("[data-action=fetch]");
    tab.wait_until("bytes on their way", "document.documentElement.dataset.images === 'fetching'");
    tab.wait_for_images();
    let sentence = tab.images_sentence();
    assert!(sentence.contains("50,000") && sentence.contains("10,000"), "{sentence:?}");
    assert!(
        sentence.contains("other images in CIFAR-10’s format"),
        "re-encoded ones are not as published: {sentence:?}"
    );
    tab.show("look");
    tab.wait_until("ten of each class", "document.querySelectorAll('.deal-images .pixels').length === 100");

    tab.evaluate("document.querySelector('.deal-images button').click()");
    tab.wait_until("an answer to a test image", "document.querySelector('[data-picture^=\"test-\"]')?.dataset.winner");
    let pixels = "document.querySelector('.deal-images .pixels').style.backgroundImage";
    let before = tab.evaluate(pixels);
    tab.click("[data-action=shuffle]");
    tab.wait_until("others", &format!("{pixels} !== {before}"));

    // The host has no files this time, so the images can only come from the device.
    tab.server().serve_no_data();
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    let soon = "new Promise(resolve => setTimeout(() => resolve(document.documentElement.dataset.images), 1000))";
    assert_eq!(tab.evaluate(soon), "present");

    tab.show("about");
    tab.click("[data-action=delete-images]");
    assert!(tab.text("[data-action=confirm-delete-images]").starts_with("Delete images, "), "{}", tab.describe());
    assert_eq!(
        tab.evaluate("document.activeElement.dataset.action"),
        "keep",
        "a second click or Enter deletes nothing"
    );
    tab.click("[data-action=keep]");
    assert_eq!(tab.attribute("data-images"), "present");
    tab.click("[data-action=delete-images]");
    tab.click("[data-action=confirm-delete-images]");
    tab.wait_until("nothing on the device", "document.documentElement.dataset.images === 'absent'");
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn the_archive_is_fetched_checked_kept_and_found_after_a_reload() {
    is_fetched_and_found_again(Vec::new());
}

#[test]
fn without_the_archive_the_parquet_files_are_fetched_checked_kept_and_found_after_a_reload() {
    is_fetched_and_found_again(vec![Fault { file: ARCHIVE, kind: FaultKind::Missing }]);
}

/// Fetches with `fault` and expects one alert that contains `words`. On a repaired host a second try must have bytes on their
/// way; the tab is given back then.
fn a_bad_download_is_told_and_tried_again(fault: FaultKind, words: &[&str]) -> Option<Tab> {
    let around = real_files()?;
    let mut faults = vec![Fault { file: ARCHIVE, kind: fault }, boot_after(QUICK_TIMERS)];
    for file in ["train-00000-of-00001.parquet", "test-00000-of-00001.parquet"] {
        faults.push(Fault { file, kind: FaultKind::Missing });
    }
    let tab = Tab::with_images_on_host(&around, faults);
    tab.click("[data-action=fetch]");
    let sentence = tab.only_alert();
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
    assert_eq!(tab.attribute("data-images"), "absent");
    tab.server().repair();
    tab.click("[data-action=fetch]");
    tab.wait_until("no alert", "!document.querySelector('[role=alert]')");
    tab.wait_until(
        "bytes on their way",
        "document.querySelector('.fetch [role=progressbar]')?.getAttribute('aria-valuenow') > 0",
    );
    Some(tab)
}

#[test]
fn an_archive_that_ends_early_is_told_and_never_used_and_a_whole_one_is() {
    let tab = a_bad_download_is_told_and_tried_again(FaultKind::Half, &[ARCHIVE, "cut short"]);
    if let Some(tab) = tab {
        tab.wait_for_images();
    }
}

#[test]
fn a_host_without_the_files_and_without_a_way_out_is_told() {
    a_bad_download_is_told_and_tried_again(FaultKind::Missing, &["drop cifar-10-binary.tar.gz"]);
}

#[test]
fn a_web_page_in_place_of_the_archive_is_not_taken_for_images() {
    let page = b"<!doctype html><title>Not found</title>".to_vec();
    a_bad_download_is_told_and_tried_again(FaultKind::Instead(page), &["web page"]);
}

#[test]
fn a_download_that_stalls_is_told() {
    a_bad_download_is_told_and_tried_again(FaultKind::Stuck, &["No byte of", "30 seconds", "Try again"]);
}

#[test]
fn a_fetch_can_be_cancelled_and_begun_again() {
    let Some(around) = real_files() else { return };
    let tab = Tab::with_images_on_host(&around, vec![Fault { file: ARCHIVE, kind: FaultKind::Stuck }]);
    tab.click("[data-action=fetch]");
    tab.wait_until("bytes on their way", "document.documentElement.dataset.images === 'fetching'");
    tab.click("[data-action=cancel]");
    tab.wait_until("no more", "document.documentElement.dataset.images === 'absent'");
    assert_eq!(tab.alerts(), [""; 0]);
    tab.server().repair();
    tab.click("[data-action=fetch]");
    tab.wait_for_images();
}

#[test]
fn a_run_learns_from_the_first_training_batch_while_the_others_arrive() {
    let Some(around) = real_files() else { return };
    let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: ARCHIVE, kind: FaultKind::Stuck }]);
    tab.server().serve_data(&around);
    tab.visit("?device=cpu&layers=flat-dense10&batch=64&images=6400&epochs=3#learn");
    tab.wait_until_ready();
    tab.click("[data-action=train]");
    // The same button asks whether the download may begin.
    tab.wait_until("a question", "document.querySelector('[data-action=train]').innerText === 'Fetch and train'");
    tab.click("[data-action=train]");
    tab.wait_for_step(1);
    assert_eq!(tab.attribute("data-images"), "fetching", "the other images are still missing");
    let learns = "It learns from the first 10,000 images. The others are being downloaded.";
    tab.wait_until("what it learns from", &format!("document.body.innerText.includes('{learns}')"));
    tab.keep_screenshot("first-batch");
    tab.wait_for_step(300);
    assert_eq!(tab.attribute("data-phase"), "training", "it waits for the images that measure it");
    tab.server().repair();
    tab.wait_until("an end", "document.querySelector('.finale[data-ended]')");
    assert_eq!(tab.attribute("data-images"), "present");
    assert!(!tab.text(".live-images").is_empty(), "the last answers are about test images");
    let told = "The first 300 steps learnt from one batch of images, while the others were downloaded.";
    tab.wait_until("what it has learnt from", &format!("document.body.innerText.includes('{told}')"));
    tab.wait_until("results", "document.querySelector('[data-cell]')");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_long_address_in_the_sentence_on_the_images_widens_nothing() {
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    // As the sentence has when a place of the images cannot be reached.
    tab.evaluate(
        "document.querySelector('.images p').textContent = `https://images.example/${'a1b2c3d4'.repeat(20)}.parquet`",
    );
    for width in [320, 390, 768, 1280] {
        tab.resize((width, 800));
        let beyond = tab.evaluate(
            "[document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll('.images button')].map(
                button => Math.max(0, button.getBoundingClientRect().right - document.querySelector('.train').getBoundingClientRect().right)
            )].filter(pixels => pixels > 0)",
        );
        assert_eq!(beyond, serde_json::json!([]), "{width}");
    }
}

#[test]
fn single_batches_can_be_dropped_one_after_the_other() {
    let Some(around) = real_files() else { return };
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    let batches = around.join("cifar-10-batches-bin");
    tab.drop_files(&[batches.join("data_batch_2.bin")]);
    tab.wait_until("a part", "document.documentElement.dataset.images === 'partial'");
    let sentence = tab.images_sentence();
    assert!(sentence.contains("data_batch_2") && sentence.contains("test_batch"), "{sentence:?}");
    tab.drop_files(&[batches.join("test_batch.bin")]);
    tab.wait_for_images();
    assert!(tab.images_sentence().contains("10,000"), "{:?}", tab.images_sentence());
}

#[test]
fn a_dropped_file_that_is_no_images_is_told_and_takes_nothing_away() {
    let Some(around) = real_files() else { return };
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    let batches = around.join("cifar-10-batches-bin");
    tab.drop_files(&[batches.join("data_batch_1.bin")]);
    tab.wait_until("a part", "document.documentElement.dataset.images === 'partial'");
    let folder = files::folder("no-images");
    tab.drop_files(&[files::write(&folder, "test_batch.bin", &[7; 100])]);
    let sentence = tab.only_alert();
    assert!(sentence.contains("test_batch.bin"), "{sentence:?}");
    assert_eq!(tab.attribute("data-images"), "partial");
}

#[test]
fn a_full_disk_is_told_and_the_images_stay_in_memory() {
    let Some(around) = real_files() else { return };
    let tab = Tab::with_images_on_host(&around, Vec::new());
    tab.limit_storage(Some(50_000_000));
    tab.click("[data-action=fetch]");
    tab.wait_for_images();
    let sentence = tab.images_sentence();
    assert!(sentence.contains("in memory only") && sentence.contains("no room"), "{sentence:?}");
    tab.limit_storage(None);
}
