//! Settings that are changed during a run: in the form, on the curves, in the kept run and in the link.

use crate::{
    browser::Kind,
    tab::{DESK, PHONE, Tab},
};
use serde_json::json;

const RUN: &str = "device=cpu&network=cui2017&batch=32&epochs=2&images=640&conv-rate=0.003&dense-rate=0.0003";

/// The texts that are copied, in place of the clipboard, which a tab without the focus cannot use.
const CLIPBOARD: &str = "Object.defineProperty(navigator, 'clipboard', \
                         { value: { writeText: async text => { window.copied = text; } } });";

impl Tab {
    /// The steps after which something was changed, as the first chart marks them.
    fn changed_at(&self) -> Vec<u64> {
        let marks = "[...document.querySelector('.chart').querySelectorAll('[data-changed]')]";
        let steps = self.evaluate(&format!("{marks}.map(mark => Number(mark.dataset.changed))"));
        serde_json::from_value(steps).expect("steps")
    }

    fn wait_for_changes(&self, count: usize) {
        let marks = "document.querySelector('.chart').querySelectorAll('[data-changed]')";
        self.wait_until("a mark of each change", &format!("{marks}.length === {count}"));
    }

    /// The rows of the first chart's table, as text.
    fn curve(&self) -> String {
        self.losses();
        let rows = "document.querySelector('.chart tbody').innerText";
        self.evaluate(rows).as_str().expect("text").to_owned()
    }
}

#[test]
fn what_is_changed_during_a_run_is_marked_kept_and_repeated_by_its_link() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{RUN}")) else { return };
    tab.prepare(CLIPBOARD);
    tab.visit(&format!("?{RUN}#learn"));
    tab.wait_until_ready();
    tab.wait_for_images();
    tab.click(".plan summary");
    tab.click("[data-action=train]");
    tab.wait_for_step(2);
    let fixed =
        tab.evaluate("[...document.querySelectorAll('.fields :is(input, select):disabled')].map(field => field.name)");
    assert_eq!(fixed, json!(["epochs", "batch", "optimiser", "warm-up", "seed", "images", "start"]));
    let why = tab.evaluate(
        "document.querySelector('.fields input:disabled').getAttribute('aria-describedby').split(' ')
            .map(id => document.getElementById(id).innerText).join(' ')",
    );
    assert!(why.as_str().is_some_and(|why| why.contains("fixed during a run")), "{why}");

    tab.fill("field-dropout", "7");
    tab.wait_until("the nearest value", "document.querySelector('.plan-error')?.innerText.includes('nearest is 0.95')");
    assert_eq!(tab.changed_at(), [0; 0]);
    tab.fill("field-dropout", "0.1");
    tab.wait_for_changes(1);
    assert_eq!(tab.evaluate("document.querySelector('.plan-error')"), json!(null));
    tab.click(".controls [data-action=pause]");
    tab.wait_for_phase("paused");
    tab.fill("field-flip", "off");
    tab.wait_for_changes(2);
    let steps = tab.changed_at();
    assert!(steps[0] >= 2 && steps[1] == tab.step(), "{steps:?}");
    for scheme in ["light", "dark"] {
        tab.prefer(scheme);
        for (name, size) in [("changed", DESK), ("changed-phone", PHONE)] {
            tab.resize(size);
            tab.assert_nothing_is_cut();
            tab.keep_screenshot(&format!("{name}-{scheme}"));
        }
    }
    tab.resize(DESK);
    tab.assert_nothing_found("a run that was changed");
    let sentence = format!("Changed at step {}: dropout 0.1", steps[0]);
    assert!(tab.text(".plan-sentence").contains(&sentence), "{}", tab.text(".plan-sentence"));
    assert!(tab.curve().contains("changed: dropout 0.1"), "{}", tab.curve());

    // A reload ends the worker, not the run.
    tab.visit("?device=cpu#learn");
    tab.wait_until_ready();
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
    tab.wait_for_phase("ready");
    assert_eq!(tab.changed_at(), steps);
    let curve = tab.curve();
    tab.click("[data-action=copy-link]");
    let link = tab.evaluate("window.copied");
    let link = link.as_str().expect("an address");
    let changes = format!("changes={}:dropout=0.1,{}:flip=off", steps[0], steps[1]);
    assert!(link.contains(&changes), "{link}");
    tab.show("runs");
    assert!(tab.text(".run-row").contains(&sentence), "{}", tab.text(".run-row"));

    tab.visit("?device=cpu");
    tab.visit_address(link);
    tab.wait_until_ready();
    tab.wait_for_images();
    tab.show("learn");
    assert!(tab.text(".plan-sentence").contains(&sentence), "{}", tab.text(".plan-sentence"));
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_phase("ready");
    assert_eq!(tab.changed_at(), steps);
    assert_eq!(tab.curve(), curve, "the link repeats the run");
}

#[test]
fn a_link_with_impossible_changes_is_refused_in_a_sentence_and_the_rest_of_it_holds() {
    let tab = Tab::open(Kind::WebGpu);
    for (changes, why) in [("3:batch=1", "changes are written as"), ("3:dropout=99", "Dropout must be 0 to 0.95")] {
        tab.visit(&format!("?device=cpu&network=cui2017&epochs=3&changes={changes}#learn"));
        tab.wait_until_ready();
        let said = tab.only_alert();
        assert!(
            said.starts_with("What this link changes during the run is left out: ") && said.contains(why),
            "{said}"
        );
        let sentence = tab.text(".plan-sentence");
        assert!(sentence.contains("3 epochs") && !sentence.contains("Changed"), "{sentence}");
    }
}
