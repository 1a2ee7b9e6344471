//! axe-core finds no fault with the page in any state. It checks that people with assistive devices can use it.

use crate::{files, inside::PANES, tab::Tab};
use serde_json::Value;

/// axe-core 4.14.1, unchanged. Its licence is in axe-LICENSE.txt in this folder.
const AXE: &str = include_str!("axe.min.js");

impl Tab {
    /// Fails if axe-core finds a fault in this `state` of the page.
    pub fn assert_nothing_found(&self, state: &str) {
        self.evaluate(&format!("{AXE}; undefined"));
        let found = self.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
                ({ id, help, nodes }) => ({ id, help, nodes: nodes.map(node => [node.html, node.failureSummary]) })
            ))",
        );
        assert_eq!(found, Value::Array(Vec::new()), "{state}: {found:#}");
    }
}

fn nothing_is_found(scheme: &str) {
    let tab = Tab::open(crate::browser::Kind::WebGpu);
    tab.prefer(scheme);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.assert_nothing_found(&format!("{scheme}, without a picture"));
    for view in ["learn", "runs", "about", "look"] {
        tab.show(view);
        tab.assert_nothing_found(&format!("{scheme}, {view}"));
    }
    let folder = files::folder(&format!("axe-{scheme}"));
    let paths = ["one.png", "two.png"].map(|name| files::write(&folder, name, files::cat()));
    tab.drop_files(&paths);
    tab.wait_for_answer("two.png");
    for view in ["learn", "look"] {
        tab.show(view);
        tab.assert_nothing_found(&format!("{scheme}, {view} with answers"));
    }
    for (pane, shown) in PANES {
        tab.click(&format!("[data-action=inside-{pane}]"));
        tab.wait_until(pane, &format!("document.querySelector('[data-inside={pane}] {shown}')"));
        if pane == "layers" {
            tab.click("[data-layer='1']");
            tab.wait_until("its arithmetic", "document.querySelector('.steps')");
        }
        tab.assert_nothing_found(&format!("{scheme}, {pane}"));
    }
    tab.drop_files(&[files::write(&folder, "bad.png", b"no picture")]);
    tab.only_alert();
    tab.assert_nothing_found(&format!("{scheme}, with an alert"));
}

#[test]
fn axe_finds_nothing_in_the_light_theme() {
    nothing_is_found("light");
}

#[test]
fn axe_finds_nothing_in_the_dark_theme() {
    nothing_is_found("dark");
}

#[test]
fn the_keyboard_alone_gets_an_answer() {
    let tab = Tab::ready_on_cpu();
    let on_card = "document.activeElement?.dataset.class === 'airplane'";
    // More tab stops than the page has before its first card.
    for _ in 0..20 {
        if tab.evaluate(on_card) == true {
            break;
        }
        tab.press("Tab");
    }
    assert_eq!(tab.evaluate(on_card), true, "the tab key reaches the first card");
    tab.press("Enter");
    tab.wait_until("an answer", "document.querySelector('[data-picture][data-winner]')");
}
