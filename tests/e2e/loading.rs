//! Before the network has arrived, the page paints, takes pictures, and counts the bytes.

use crate::{
    browser::Kind,
    files,
    server::{Fault, FaultKind},
    tab::Tab,
};

/// Holds `file` half-way. Expects its progress in bytes, and a page that takes a picture. Then lets the file through.
fn arrives_in_view(test: &str, file: &'static str, label: &str) {
    let tab = Tab::open_with(Kind::WebGpu, vec![Fault { file, kind: FaultKind::Stuck }]);
    tab.visit("?device=cpu");
    let figures = "document.querySelector('[role=progressbar]').parentElement.innerText";
    tab.wait_until("bytes of all bytes", &format!("/{label}: [1-9][0-9.]* [kM]B of [0-9.]+ [kM]B/.test({figures})"));
    let now = "Number(document.querySelector('[role=progressbar]').getAttribute('aria-valuenow'))";
    tab.wait_until("half of it on the bar", &format!("40 <= {now} && {now} <= 60"));
    assert_eq!(tab.attribute("data-phase"), "loading");

    tab.drop_files(&[files::write(&files::folder(test), "early.png", files::cat())]);
    tab.wait_until("the picture", "document.querySelector('[data-picture=\"early.png\"]')");
    tab.server().repair();
    tab.wait_for_answer("early.png");
    assert_eq!(tab.attribute("data-phase"), "ready");
}

#[test]
fn the_program_arrives_in_view_and_an_early_picture_is_answered() {
    arrives_in_view("early-program", "worker_bg.wasm", "The program");
}

#[test]
fn the_weights_arrive_in_view_and_an_early_picture_is_answered() {
    arrives_in_view("early-weights", "weights.safetensors", "The weights");
}
