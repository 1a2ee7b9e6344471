//! Measures every state of the page: faults that axe-core finds, layout shifts, the longest stall, and what reaches
//! beyond the edge at any width. Keeps a screenshot of each state.

use crate::{
    browser::Kind,
    files,
    inside::PANES,
    tab::{DESK, PHONE, Tab},
};
use serde_json::Value;

/// Widths from the narrowest phone to a wide screen, in CSS pixels.
const WIDTHS: [u32; 6] = [320, 390, 700, 768, 1280, 1920];

/// The largest layout shift between two states, as the web's vitals define it: the share of the window that moved,
/// times the distance.
const MOST_SHIFT: f64 = 0.05;

/// Notes layout shifts that the visitor did not cause, and tasks that block the page.
const MEASURE: &str = "
    window.measured = { shift: 0, longest: 0, moved: [] };
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            measured.shift += entry.value;
            measured.moved.push(...entry.sources.map(({ node, previousRect: from, currentRect: to }) =>
                `${from.top} to ${to.top}: ${(node?.outerHTML ?? node?.nodeValue ?? '').slice(0, 90)}`));
        }
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) measured.longest = Math.max(measured.longest, entry.duration);
    }).observe({ type: 'longtask', buffered: true });
";

impl Tab {
    /// Judges the present state of the page, and keeps screenshots of it under this name.
    fn measure(&self, scheme: &str, state: &str) {
        // Every pending layout shift has happened after two frames.
        self.evaluate("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
        let measured = self.evaluate("measured");
        let (shift, longest) = (measured["shift"].as_f64(), measured["longest"].as_f64());
        let (shift, longest) = (shift.expect("a share"), longest.expect("milliseconds"));
        println!("{scheme}, {state}: layout shift {shift:.4}, longest task {longest:.0} ms");
        assert!(shift < MOST_SHIFT, "{scheme}, {state}: {shift} moved: {:#}", measured["moved"]);
        self.assert_nothing_found(&format!("{scheme}, {state}"));
        for width in WIDTHS {
            let height = if width < 600 { PHONE.1 } else { DESK.1 };
            self.resize((width, height));
            let beyond = self.beyond_the_edge();
            assert_eq!(beyond, Value::Array(Vec::new()), "{scheme}, {state}, {width} pixels wide");
            if [PHONE.0, DESK.0].contains(&width) {
                self.keep_screenshot(&format!("state-{scheme}-{width}-{state}"));
            }
        }
        self.resize(DESK);
        // The changes of width above caused these shifts, so they are forgotten.
        self.evaluate("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
        self.evaluate("Object.assign(measured, { shift: 0, longest: 0, moved: [] }) && undefined");
    }

    /// The elements beyond the window's right edge, or how far the page can be scrolled sideways.
    fn beyond_the_edge(&self) -> Value {
        self.evaluate(
            "(() => {
                const root = document.documentElement;
                const scrolls = element => element && (getComputedStyle(element).overflowX !== 'visible'
                    || scrolls(element.parentElement));
                const beyond = [...document.querySelectorAll('body *')].filter(element => {
                    const box = element.getBoundingClientRect();
                    return box.width > 0 && box.right > root.clientWidth + 0.5 && !scrolls(element.parentElement);
                }).map(element => element.outerHTML.slice(0, 120));
                if (root.scrollWidth > root.clientWidth) beyond.push(`scrolls by ${root.scrollWidth - root.clientWidth}`);
                return beyond;
            })()",
        )
    }
}

fn every_state_is_well(scheme: &str) {
    let tab = Tab::open(Kind::WebGpu);
    tab.prefer(scheme);
    tab.prepare(MEASURE);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.wait_until("the greeting's answer", "document.querySelector('.card[data-probability]')");
    tab.measure(scheme, "opened");
    let folder = files::folder(&format!("states-{scheme}"));
    let long = "a-rather-long-name-as-telephones-give-them-to-their-pictures.png";
    let paths = ["one.png", long].map(|name| files::write(&folder, name, files::cat()));
    tab.drop_files(&paths);
    tab.wait_for_answer(long);
    tab.measure(scheme, "two-pictures");
    tab.drop_files(&[files::write(&folder, "bad.png", b"no picture")]);
    tab.only_alert();
    tab.measure(scheme, "notice");
    tab.click("[data-action=dismiss]");
    for (pane, shown) in PANES {
        tab.click(&format!("[data-action=inside-{pane}]"));
        tab.wait_until(pane, &format!("document.querySelector('[data-inside={pane}] {shown}')"));
        tab.measure(scheme, &format!("inside-{pane}"));
    }
    tab.click("[data-action=inside-plane]");
    tab.click("[data-action=compare-here]");
    tab.wait_until("the other's word", "/^Cui 2017 says: /.test(document.querySelector('.beside')?.innerText)");
    tab.wait_until("both networks", "document.querySelectorAll('[data-compared][data-winner]').length === 2");
    tab.measure(scheme, "compared");
    for view in ["runs", "about", "learn"] {
        tab.show(view);
        if view == "learn" {
            tab.wait_until("an estimate", "document.querySelector('[data-action=quick][data-seconds]')");
        }
        tab.measure(scheme, view);
    }
    tab.click(".plan summary");
    tab.measure(scheme, "settings");
}

#[test]
fn nothing_jumps_stalls_or_is_cut_in_the_light_theme() {
    every_state_is_well("light");
}

#[test]
fn nothing_jumps_stalls_or_is_cut_in_the_dark_theme() {
    every_state_is_well("dark");
}

#[test]
fn nothing_jumps_stalls_or_is_cut_while_a_run_begins_goes_on_and_ends() {
    let query = "?device=cpu&network=cui2017&batch=32&epochs=2&images=640";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    let scheme = "run";
    tab.prefer("light");
    tab.drop_files(&[files::write(&files::folder("states-run"), "cat.png", &files::scene("cat"))]);
    tab.wait_for_answer("cat.png");
    tab.wait_until("an estimate", "document.querySelector('[data-action=quick][data-seconds]')");
    tab.evaluate(&format!("{MEASURE}; undefined"));
    tab.measure(scheme, "images");
    tab.click("[data-action=train]");
    tab.wait_for_step(2);
    tab.click("[data-action=pause]");
    tab.wait_for_phase("paused");
    tab.measure(scheme, "paused");
    tab.click("[data-action=resume]");
    tab.wait_until("an end", "document.querySelector('.finale[data-ended]')");
    tab.wait_until("results", "document.querySelector('[data-cell]')");
    tab.measure(scheme, "ended");
    tab.click("[data-cell]");
    tab.wait_until("images behind it", "document.querySelector('.behind .image-button[title]')");
    tab.measure(scheme, "behind");
    tab.show("runs");
    tab.click("[data-draw]");
    tab.wait_until("its curve", "document.querySelector('[data-drawn=\"1\"] .plot-line')");
    tab.measure(scheme, "compare");
}

#[test]
fn a_quick_run_says_how_long_it_takes_and_its_end_what_is_still_wrong() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, "?device=cpu&network=cui2017") else { return };
    tab.wait_until("estimates", "document.querySelectorAll('[data-action=quick][data-seconds], [data-action=train][data-seconds]').length === 2");
    let secs = |action: &str| {
        let secs = tab.evaluate(&format!("Number(document.querySelector('[data-action={action}]').dataset.seconds)"));
        secs.as_f64().expect("seconds")
    };
    let (quick, full) = (secs("quick"), secs("train"));
    assert!((20.0..=150.0).contains(&quick) && quick <= full, "{quick} of {full}");
    assert!(tab.text("[data-action=quick]").starts_with("Quick run, "), "{}", tab.text("[data-action=quick]"));
    tab.click("[data-action=quick]");
    tab.wait_for_step(2);
    let query = tab.evaluate("location.search");
    assert!(query.as_str().is_some_and(|query| query.contains("epochs=") || query.contains("images=")), "{query}");
    tab.click("main .controls [data-action=stop]");
    tab.wait_for_phase("ready");
    tab.click(".plan summary");
    tab.click("[data-action=defaults]");
    tab.wait_until("the default settings", "!/epochs|images/.test(location.search)");
}

#[test]
fn kept_runs_are_sorted_drawn_and_saved_as_tables() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, "?device=cpu&network=cui2017&batch=32&epochs=2&images=320") else {
        return;
    };
    for _ in 0..2 {
        tab.click("[data-action=train]");
        tab.wait_for_phase("training");
        tab.wait_until(
            "an end",
            "document.querySelector('.finale[data-ended]') && document.querySelector('[data-cell]')",
        );
    }
    // The most frequent mistake leads to the images behind it.
    tab.click(".results [data-action=behind]");
    tab.wait_until("images", "document.querySelector('.behind .image-button[title]')");
    tab.show("runs");
    tab.wait_until("two runs", "document.querySelectorAll('[data-draw]').length === 2");
    for place in [1, 2] {
        tab.click(&format!(".run-table tbody tr:nth-child({place}) input"));
    }
    tab.wait_until(
        "two curves",
        "document.querySelectorAll('[data-drawn=\"2\"] .chart:first-child .plot-line').length === 2",
    );
    let order = "[...document.querySelectorAll('[data-draw]')].map(box => box.dataset.draw).join()";
    let before = tab.evaluate(order);
    tab.click("[data-sort=kept]");
    tab.wait_until("the other order", &format!("{order} !== {before}"));
    assert_eq!(tab.evaluate("document.querySelector('[aria-sort]').innerText.includes('Kept')"), true);
    // Files to save are read in the page, in place of the browser's own dialogue.
    tab.evaluate(
        "window.saved = []; HTMLAnchorElement.prototype.click = function () {
            saved.push(fetch(this.href).then(file => file.text()).then(text => [this.download, text])); }; undefined",
    );
    tab.show("learn");
    tab.click("[data-action=save-results]");
    tab.show("runs");
    tab.click("[data-action=save-runs]");
    tab.click("[data-action=save-curves]");
    let mut saved: Vec<[String; 2]> =
        serde_json::from_value(tab.evaluate("Promise.all(window.saved)")).expect("names and texts");
    let results = saved.remove(0);
    assert!(results[0] == "tenfold-results.csv" && results[1].lines().count() == 11, "{results:?}");
    assert_eq!(saved[0][0], "tenfold-runs.csv");
    assert_eq!(saved[0][1].lines().count(), 3, "{}", saved[0][1]);
    assert!(saved[0][1].starts_with("run,name,network,"), "{}", saved[0][1]);
    assert!(saved[1][1].lines().count() > 4, "{}", saved[1][1]);
}

#[test]
fn the_delete_key_takes_a_picture_out_and_shows_its_neighbour() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("delete-key");
    let paths = ["one.png", "two.png"].map(|name| files::write(&folder, name, files::cat()));
    tab.drop_files(&paths);
    tab.wait_for_answer("two.png");
    tab.evaluate("document.querySelector('.strip-item[aria-selected=true]').focus()");
    tab.press("Delete");
    tab.wait_until("one picture", "document.querySelectorAll('.strip-item').length === 1");
    assert_eq!(tab.text("figure.picture figcaption"), "two.png");
    // The focus is on the neighbour, so that the key can be pressed again.
    tab.wait_until("focus on it", "document.activeElement.dataset.picture === 'two.png'");
    tab.press("Delete");
    tab.wait_until("no picture", "!document.querySelector('.strip-item')");
    tab.wait_until("focus on the button for others", "document.activeElement.dataset.action === 'choose'");
    assert_eq!(tab.alerts(), [""; 0]);
}
