//! Runs on the shelf, in the browser's own storage: two tabs, tabs that are closed while they write, damaged files, and
//! the files of earlier versions.

use crate::{
    browser::Kind,
    tab::{DESK, PHONE, Tab},
};
use serde_json::json;
use std::{thread, time::Duration};

/// A long epoch of small steps, without images to validate on. A run is kept when it is paused.
const SETTINGS: &str = "device=cpu&network=tenfold2026&batch=16&epochs=1&images=10000&warm-up=0";

/// Gives the tab functions that read and change the files that the browser keeps.
const FILES: &str = "
    window.folder = () => navigator.storage.getDirectory();
    window.names = async () => { const all = []; for await (const name of (await folder()).keys()) all.push(name); return all; };
    window.content = async name =>
        new Uint8Array(await (await (await (await folder()).getFileHandle(name)).getFile()).arrayBuffer());
    window.put = async (name, bytes) => {
        const writer = await (await (await folder()).getFileHandle(name, { create: true })).createWritable();
        await writer.write(bytes);
        await writer.close();
    };
";

impl Tab {
    fn revisit(&self) {
        self.visit(&format!("?{SETTINGS}#learn"));
        self.wait_until_ready();
        self.wait_for_images();
        self.evaluate(FILES);
    }

    /// The steps of the listed runs; the one that was kept last comes first.
    fn listed(&self) -> Vec<u64> {
        let rows = "[...document.querySelectorAll('[data-run]')].map(row => Number(row.dataset.keptStep))";
        serde_json::from_value(self.evaluate(rows)).expect("numbers")
    }

    /// Shows the shelf, and waits until it has `count` runs.
    fn wait_for_runs(&self, count: usize) {
        self.show("runs");
        self.wait_until("the runs", &format!("document.querySelectorAll('[data-run]').length === {count}"));
    }

    /// Lets a new run make some steps, pauses it so that it is kept, and resumes it. Returns the step up to which it is
    /// kept.
    fn train_and_keep(&self) -> u64 {
        self.show("learn");
        self.click("[data-action=train]");
        self.wait_for_step(3);
        self.click("[data-action=pause]");
        self.wait_for_phase("paused");
        let kept_step = self.step();
        self.show("runs");
        self.wait_until("that it is kept", "document.body.innerText.includes('It is the run of this page.')");
        assert_eq!(self.alerts(), [""; 0]);
        self.show("learn");
        self.click("[data-action=resume]");
        self.wait_for_phase("training");
        kept_step
    }
}

#[test]
fn two_tabs_train_different_runs_and_both_are_kept() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{SETTINGS}")) else { return };
    let other = tab.beside();
    other.revisit();
    for tab in [&tab, &other] {
        tab.train_and_keep();
    }
    // A tab sees that the run belongs to another tab.
    let third = tab.beside();
    third.revisit();
    third.wait_for_runs(2);
    assert_eq!(third.text(".runs").matches("Another tab is training it.").count(), 2, "{}", third.describe());
    assert_eq!(third.evaluate("document.querySelectorAll('[data-action=resume-run]:not(:disabled)').length"), json!(0));
    drop(third);
    for tab in [&tab, &other] {
        tab.click("[data-action=stop]");
        tab.wait_for_phase("ready");
    }
    let mut steps = [tab.step(), other.step()];
    drop(other);
    tab.revisit();
    tab.wait_for_runs(2);
    let mut listed = tab.listed();
    listed.sort_unstable();
    steps.sort_unstable();
    assert_eq!(listed, steps);
    assert_eq!(tab.alerts(), [""; 0]);
    for (name, size) in [("runs", DESK), ("runs-phone", PHONE)] {
        tab.resize(size);
        tab.evaluate("document.querySelector('.runs').scrollIntoView()");
        tab.keep_screenshot(name);
    }
}

#[test]
fn a_tab_that_is_closed_while_it_writes_leaves_its_run_as_it_was_said_to_be_kept() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{SETTINGS}")) else { return };
    let mut least = Vec::new();
    for round in 0..5_u64 {
        let victim = tab.beside();
        victim.revisit();
        // If there are earlier runs, a button that resumes the last one is in the place of "Train".
        victim.wait_for_runs(least.len());
        let kept_step = victim.train_and_keep();
        victim.wait_for_step(kept_step + 2);
        // The second copy is being written from now on. The tab is closed at some moment of that.
        victim.click("[data-action=pause]");
        thread::sleep(Duration::from_millis(23 * round));
        least.push(kept_step);
        drop(victim);
    }
    tab.revisit();
    tab.wait_for_runs(least.len());
    // The run that began last is listed first.
    for (listed, said) in tab.listed().into_iter().zip(least.iter().rev()) {
        assert!(listed >= *said && *said > 0, "{listed} is there, {said} was said");
    }
    assert_eq!(tab.evaluate("document.querySelectorAll('[data-unreadable]').length"), json!(0));
    tab.show("learn");
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
}

#[test]
fn damaged_and_unfinished_files_are_said_and_can_be_deleted_and_an_earlier_run_is_taken_in() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{SETTINGS}")) else { return };
    tab.evaluate(FILES);
    let kept_step = tab.train_and_keep();
    tab.wait_for_step(kept_step + 2);
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
    let step = tab.step();
    tab.wait_for_runs(1);
    // The run as an earlier version kept it, and a second run whose tab was closed while it wrote the file aside.
    tab.evaluate(
        "(async () => {
            const file = (await names()).filter(name => /^run-.{16}.[ab]$/.test(name)).sort()[0];
            const record = await content(file);
            const body = record.slice(128 + new DataView(record.buffer).getUint32(28, true));
            await put('run.tenfold', body);
            await put('run.tenfold.5f.part', body.slice(0, 5000));
            record[record.length - 9] ^= 1;
            for (const name of await names()) if (/^run-.{16}.[ab]$/.test(name)) await put(name, record);
        })()",
    );
    tab.revisit();
    tab.show("runs");
    // The earlier run is whole. Both copies of the other one are damaged, and so is the file that was written aside.
    tab.wait_until("what cannot be read", "document.querySelector('[data-unreadable=\"run.tenfold.5f.part\"]')");
    assert!(tab.text("[data-unreadable]").contains("not written to its end"), "{}", tab.describe());
    tab.wait_for_runs(2);
    assert!(!tab.evaluate("names()").to_string().contains("\"run.tenfold\""), "it was taken in");
    // The damage is in the weights, so it is found and told when they are read.
    let resume = "[...document.querySelectorAll('[data-action=resume-run]')]";
    for at in 0..2 {
        tab.show("runs");
        tab.evaluate(&format!("{resume}[{at}].click()"));
        tab.wait_until(
            "an answer",
            "document.documentElement.dataset.phase === 'training' || document.querySelector('[role=alert]')",
        );
        if tab.attribute("data-phase") == "training" {
            assert!(tab.step() <= step);
            tab.click("[data-action=stop]");
            tab.wait_for_phase("ready");
        } else {
            let said = tab.only_alert();
            assert!(said.contains("damaged"), "{said}");
            tab.click("[data-action=dismiss]");
        }
    }
    tab.show("runs");
    let rows = tab.evaluate("document.querySelectorAll('.run-row').length").as_u64().expect("a number");
    for left in (0..rows).rev() {
        tab.click("[data-action=delete-run]");
        tab.click("[data-action=confirm-delete-run]");
        tab.wait_until("one less", &format!("document.querySelectorAll('.run-row').length === {left}"));
    }
    let left = tab.evaluate("names()").to_string();
    assert!(!left.contains("run"), "{left}");
}
