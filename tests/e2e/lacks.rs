//! Browsers and hosts without some part: the page works without it, or names what is missing within ten seconds.

use crate::{
    browser::Kind,
    files,
    server::{Fault, FaultKind},
    tab::Tab,
};
use tenfold::protocol::BUILD;

/// A fault that puts `script` before the worker's boot script.
pub fn boot_after(script: &str) -> Fault {
    let boot = concat!(env!("CARGO_MANIFEST_DIR"), "/src/platform/boot.js");
    let boot = std::fs::read_to_string(boot).expect("the boot script");
    Fault { file: "boot.js", kind: FaultKind::Instead(format!("{script}\n{boot}").into_bytes()) }
}

/// Visits `address`. Within ten seconds the page must say all `words`, in place of its program.
fn is_said_by_the_shell(tab: &Tab, address: &str, words: &[&str]) {
    let begun = std::time::Instant::now();
    tab.go(address);
    let sentence = tab.only_alert();
    assert!(begun.elapsed().as_secs_f64() < 10.0, "after {:?}", begun.elapsed());
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
}

/// Expects that a worker in which `script` ran first classifies pictures, without an alert.
fn is_done_without(test: &str, script: &str) {
    let tab = Tab::open_with(Kind::WebGpu, vec![boot_after(script)]);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.drop_files(&[files::write(&files::folder(test), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    assert_eq!(tab.alerts(), [""; 0]);
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_browser_without_a_private_file_system_answers_all_the_same() {
    is_done_without("no-opfs", "StorageManager.prototype.getDirectory = undefined;");
}

#[test]
fn a_browser_that_writes_no_private_files_from_workers_answers_all_the_same() {
    is_done_without("no-access-handles", "FileSystemFileHandle.prototype.createSyncAccessHandle = undefined;");
}

#[test]
fn a_browser_without_module_workers_is_told() {
    let tab = Tab::open(Kind::WebGpu);
    tab.prepare("window.Worker = class { terminate() {} postMessage() {} };");
    tab.visit("");
    let sentence = tab.only_alert();
    assert!(sentence.contains("no module workers"), "{sentence:?}");
    assert_eq!(tab.attribute("data-phase"), "failed");
}

#[test]
fn a_browser_without_vectors_is_told() {
    let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: "_bg.wasm", kind: FaultKind::Half }]);
    tab.prepare("WebAssembly.validate = () => false;");
    is_said_by_the_shell(&tab, &tab.server().address(), &["SIMD", "Chrome"]);
}

#[test]
fn a_host_whose_policy_forbids_webassembly_is_told_what_to_allow() {
    let policy = FaultKind::Header("content-security-policy: script-src 'self' 'unsafe-inline'");
    let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: "index.html", kind: policy }]);
    is_said_by_the_shell(&tab, &tab.server().address(), &["content security policy", "wasm-unsafe-eval"]);
}

#[test]
fn a_sandboxed_page_is_told() {
    let policy = FaultKind::Header("content-security-policy: sandbox allow-scripts");
    let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: "index.html", kind: policy }]);
    is_said_by_the_shell(&tab, &tab.server().address(), &["did not"]);
}

#[test]
fn a_page_that_was_opened_as_a_file_is_told_what_to_do() {
    let tab = Tab::open(Kind::WebGpu);
    let address = format!("file://{}/index.html", tab.server().folder().display());
    is_said_by_the_shell(&tab, &address, &["opened as a file", "web server"]);
}

#[test]
fn a_program_of_the_page_that_is_missing_cut_short_or_something_else_is_told() {
    let page = b"<!doctype html><title>Not found</title>".to_vec();
    for kind in [FaultKind::Missing, FaultKind::Half, FaultKind::Instead(page)] {
        let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: "_bg.wasm", kind: kind.clone() }]);
        is_said_by_the_shell(&tab, &tab.server().address(), &["program did not start"]);
    }
}

#[test]
fn a_program_of_the_page_that_is_slow_is_told_and_works_once_it_is_here() {
    let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: "_bg.wasm", kind: FaultKind::Stuck }]);
    is_said_by_the_shell(&tab, &format!("{}?device=cpu", tab.server().address()), &["not here yet"]);
    tab.server().repair();
    tab.wait_until_ready();
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_program_of_the_worker_that_is_cut_short_or_something_else_is_told() {
    let page = b"<!doctype html><title>Not found</title>".to_vec();
    for kind in [FaultKind::Half, FaultKind::Instead(page)] {
        let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file: "worker_bg.wasm", kind }]);
        tab.visit("?device=cpu");
        let sentence = tab.only_alert();
        assert!(sentence.contains("program did not start"), "{sentence:?}");
        tab.server().repair();
        tab.click("[data-action=retry]");
        tab.wait_until_ready();
    }
}

#[test]
fn a_worker_of_another_build_is_noticed_and_the_page_loads_itself_anew_once() {
    let tab = Tab::open(Kind::WebGpu);
    let mut program = tab.server().content("worker_bg.wasm");
    // The compiler may have put the build's name anywhere.
    let is_name = |window: &[u8]| window == BUILD.as_bytes();
    let places: Vec<_> =
        (0..=program.len() - BUILD.len()).filter(|&at| is_name(&program[at..at + BUILD.len()])).collect();
    assert!(!places.is_empty(), "the page and the tests are to be built from the same files");
    for at in places {
        program[at..at + BUILD.len()].copy_from_slice(&[b'0'; 16]);
    }
    tab.server().break_with(vec![Fault { file: "worker_bg.wasm", kind: FaultKind::Instead(program) }]);
    tab.prepare("sessionStorage.loads = Number(sessionStorage.loads ?? 0) + 1;");
    tab.visit("?device=cpu");
    let sentence = tab.only_alert();
    assert!(sentence.contains("different builds"), "{sentence:?}");
    assert_eq!(tab.evaluate("sessionStorage.loads"), "2");
    tab.server().repair();
    tab.visit("?device=cpu");
    tab.wait_until_ready();
}

#[test]
fn a_gpu_that_is_not_there_at_first_is_asked_for_once_more() {
    let script = "{ const ask = GPU.prototype.requestAdapter; let count = 0;
        GPU.prototype.requestAdapter = function (...wishes) {
            return ++count === 1 ? Promise.resolve(null) : ask.apply(this, wishes);
        }; }";
    let tab = Tab::open_with(Kind::WebGpu, vec![boot_after(script)]);
    tab.visit("?network=cui2017");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "webgpu");
}

#[test]
fn a_browser_that_never_answers_for_its_gpu_lets_the_cpu_compute() {
    let tab =
        Tab::open_with(Kind::WebGpu, vec![boot_after("GPU.prototype.requestAdapter = () => new Promise(() => {});")]);
    tab.visit("?network=cui2017");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "cpu");
    let badge = tab.text("header");
    assert!(badge.contains("has not answered for 10 seconds"), "{badge:?}");
}
