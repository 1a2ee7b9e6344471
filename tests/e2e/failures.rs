//! Parts of the page that are missing, damaged or die: one sentence says so, and the page goes on.

use crate::{
    browser::Kind,
    files,
    server::{Fault, FaultKind},
    tab::Tab,
};

const WEIGHTS: &str = "weights.safetensors";

/// The notice for weights whose SHA-256 differs from the card's. The page then fetches them once more.
const FETCHED_AGAIN: &str = "arrived damaged, and are fetched again";

/// Visits a page with `fault` and expects one alert that contains all `words`. After the server is repaired, one more
/// try must lead to answers, also for a picture that was dropped in the meantime.
fn is_told_and_repaired(test: &str, fault: Fault, words: &[&str]) {
    let tab = Tab::open_with(Kind::WebGpu, vec![fault]);
    tab.visit("?device=cpu");
    tab.wait_until("the failure", "document.documentElement.dataset.phase === 'failed'");
    let is_notice = |alert: &String| alert.contains(FETCHED_AGAIN);
    let alerts: Vec<_> = tab.alerts().into_iter().filter(|alert| !is_notice(alert)).collect();
    let [sentence] = alerts.as_slice() else { panic!("one sentence, not {alerts:?}") };
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }

    tab.drop_files(&[files::write(&files::folder(test), "waiting.png", files::cat())]);
    tab.wait_until("the picture", "document.querySelector('[data-picture=\"waiting.png\"]')");
    tab.server().repair();
    tab.click("[data-action=retry]");
    tab.wait_for_answer("waiting.png");
    assert_eq!(tab.attribute("data-phase"), "ready");
    // The notice of the second download stays until it is dismissed.
    assert!(tab.alerts().iter().all(is_notice), "{:?}", tab.alerts());
}

#[test]
fn missing_weights_are_told() {
    let fault = Fault { file: WEIGHTS, kind: FaultKind::Missing };
    is_told_and_repaired("weights-missing", fault, &["weights"]);
}

#[test]
fn weights_that_are_cut_short_are_told() {
    let fault = Fault { file: WEIGHTS, kind: FaultKind::Half };
    is_told_and_repaired("weights-half", fault, &["weights", "damaged twice"]);
}

#[test]
fn weights_that_are_something_else_are_told() {
    let fault = Fault { file: WEIGHTS, kind: FaultKind::Instead(b"<!doctype html><title>Not found</title>".to_vec()) };
    is_told_and_repaired("weights-html", fault, &["weights", "damaged twice"]);
}

#[test]
fn a_missing_program_of_the_worker_is_told() {
    let fault = Fault { file: "worker_bg.wasm", kind: FaultKind::Missing };
    is_told_and_repaired("program-missing", fault, &["program"]);
}

#[test]
fn a_worker_whose_program_does_not_start_is_told() {
    let broken = b"export default async function () { throw new Error('broken on purpose'); }".to_vec();
    let fault = Fault { file: "worker.js", kind: FaultKind::Instead(broken) };
    is_told_and_repaired("program-broken", fault, &["did not start"]);
}

/// Ends the worker by the error that `expression` throws. Expects one alert, unchanged answers, and a restart that
/// works.
fn a_death_is_survived(test: &str, expression: &str) {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder(test);
    tab.drop_files(&[files::write(&folder, "before.png", files::cat())]);
    tab.wait_for_answer("before.png");

    tab.evaluate_in_worker(expression);
    let sentence = tab.only_alert();
    assert!(sentence.contains("stopped"), "{sentence:?}");
    assert_eq!(tab.attribute("data-phase"), "failed");
    tab.wait_for_answer("before.png");

    tab.drop_files(&[files::write(&folder, "after.png", files::cat())]);
    tab.click("[data-action=retry]");
    tab.wait_for_answer("after.png");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_worker_that_dies_of_an_uncaught_error_is_told() {
    a_death_is_survived("death-error", "setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); })");
}

#[test]
fn a_worker_that_traps_inside_a_future_is_told() {
    a_death_is_survived("death-promise", "void Promise.reject(new WebAssembly.RuntimeError('unreachable'))");
}

#[test]
fn without_webgpu_the_cpu_computes_and_the_badge_says_why() {
    let tab = Tab::open(Kind::WithoutWebGpu);
    tab.visit("");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "cpu");
    let header = tab.text("header");
    assert!(header.contains("CPU, because "), "{header:?}");
    assert_eq!(tab.alerts(), [""; 0]);
    tab.drop_files(&[files::write(&files::folder("no-webgpu"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
}

#[test]
fn without_https_the_cpu_computes_and_the_badge_says_why() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit_address(&tab.server().untrusted_address());
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "cpu");
    let header = tab.text("header");
    assert!(header.contains("CPU, because ") && header.contains("https"), "{header:?}");
}

#[test]
fn webgpu_that_was_asked_for_and_is_not_there_is_told() {
    let tab = Tab::open(Kind::WithoutWebGpu);
    tab.visit("?device=webgpu");
    let sentence = tab.only_alert();
    assert!(sentence.contains("WebGPU"), "{sentence:?}");
    assert_eq!(tab.attribute("data-phase"), "failed");
}
