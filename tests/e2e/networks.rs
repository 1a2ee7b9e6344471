//! Two networks: each is chosen in the bar or by the address, and both are asked about every picture.

use crate::{
    browser::Kind,
    server::{Fault, FaultKind},
    tab::{DESK, PHONE, Tab},
};
use serde_json::Value;

impl Tab {
    fn wait_for_network(&self, network: &str) {
        let root = "document.documentElement.dataset";
        let answers = format!("{root}.phase === 'ready' && {root}.network === '{network}'");
        self.wait_until(&format!("{network} answers"), &answers);
    }

    fn choose_network(&self, network: &str) {
        self.click(&format!("[data-action=network][data-choice={network}]"));
    }

    fn pressed(&self) -> Value {
        self.evaluate(
            "[...document.querySelectorAll('[data-choice][aria-pressed=true]')].map(one => one.dataset.choice)",
        )
    }
}

#[test]
fn a_choice_in_the_bar_answers_every_picture_anew_and_is_in_the_address() {
    let tab = Tab::ready_on_cpu();
    assert_eq!(tab.attribute("data-network"), "tenfold2026");
    tab.click("[data-class=ship]");
    tab.wait_until("an answer", "document.querySelector('[data-picture][data-winner]')");
    let before = tab.probabilities();
    tab.choose_network("cui2017");
    tab.wait_for_network("cui2017");
    let figure = "document.querySelector('[data-class=ship]').dataset.probability";
    tab.wait_until("another answer", &format!("Math.abs({figure} - {}) > 1e-5", before[8]));
    assert!(tab.text(".network").contains("7,083,004 parameters"), "{}", tab.text(".network"));
    assert_eq!(tab.evaluate("location.search.includes('network=cui2017')"), true);
    assert_eq!(tab.pressed(), serde_json::json!(["cui2017"]));
    tab.choose_network("tenfold2026");
    tab.wait_for_network("tenfold2026");
    tab.wait_until("the first answer", &format!("Math.abs({figure} - {}) < 1e-5", before[8]));
    assert_eq!(tab.evaluate("location.search.includes('network')"), false);
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn both_networks_answer_the_same_picture_beside_each_other_and_nothing_is_cut() {
    let tab = Tab::ready_on_cpu();
    tab.click("[data-class=ship]");
    tab.wait_until("an answer", "document.querySelector('[data-picture][data-winner]')");
    tab.click("[data-action=compare]");
    tab.wait_until("both answers", "document.querySelectorAll('[data-compared][data-winner]').length === 2");
    let networks = "[...document.querySelectorAll('[data-compared]')].map(one => one.dataset.compared)";
    assert_eq!(tab.evaluate(networks), serde_json::json!(["cui2017", "tenfold2026"]));
    let layers = tab.text("[data-layers=cui2017] tfoot");
    assert!(layers.contains("7,083,004"), "{layers}");
    for (name, size) in [("networks", DESK), ("networks-phone", PHONE)] {
        tab.resize(size);
        tab.assert_nothing_is_cut();
        tab.keep_screenshot(name);
    }
    // The comparison follows the picture on the stage.
    tab.click("[data-class=frog]");
    tab.wait_for_answer("frog.png");
    let winner = tab.winner("frog.png");
    let follows = format!("document.querySelector('[data-compared=tenfold2026]').dataset.winner === '{winner}'");
    tab.wait_until("its answer", &follows);
    assert_eq!(tab.attribute("data-network"), "tenfold2026");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_network_that_is_missing_is_told_and_the_other_can_be_chosen() {
    let fault = Fault { file: "cui2017/card.json", kind: FaultKind::Missing };
    let tab = Tab::open_with(Kind::WebGpu, vec![fault]);
    tab.visit("?device=cpu&network=cui2017");
    let sentence = tab.only_alert();
    assert!(sentence.starts_with("The weights of Cui 2017 could not be loaded."), "{sentence:?}");
    tab.choose_network("tenfold2026");
    tab.wait_for_network("tenfold2026");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn without_a_choice_a_missing_network_is_replaced() {
    let fault = Fault { file: "tenfold2026/card.json", kind: FaultKind::Missing };
    let tab = Tab::open_with(Kind::WebGpu, vec![fault]);
    tab.visit("?device=cpu");
    tab.wait_for_network("cui2017");
    assert_eq!(tab.pressed(), serde_json::json!(["cui2017"]));
    assert_eq!(tab.alerts(), [""; 0]);
}
