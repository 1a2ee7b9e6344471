//! What the page offers to teachers: the field's terms explained where they stand, the projector mode, and guided tasks that
//! are checked from runs.

use crate::{
    browser::Kind,
    tab::{DESK, PHONE, Tab},
};
use serde_json::{Value, json};

/// The terms that the page must explain.
const TERMS: [&str; 9] =
    ["epoch", "step", "batch", "loss", "validation", "accuracy", "overfitting", "learning rate", "dropout"];

impl Tab {
    /// The first words of each kind that a click explains in this view, in lower case.
    fn explained(&self) -> Vec<String> {
        let words =
            self.evaluate("[...document.querySelectorAll('.term summary')].map(word => word.innerText.toLowerCase())");
        serde_json::from_value(words).expect("texts")
    }

    /// The explanations that can be read now. Fails if one reaches beyond the window.
    fn explanations(&self) -> Vec<String> {
        let read = self.evaluate(
            "[...document.querySelectorAll('.term p')].filter(text => text.checkVisibility() && text.parentElement.open)
                .map(text => {
                    const box = text.getBoundingClientRect();
                    return [text.innerText, box.left >= 0 && box.right <= document.documentElement.clientWidth];
                })",
        );
        let read: Vec<(String, bool)> = serde_json::from_value(read).expect("texts");
        read.into_iter()
            .map(|(text, is_inside)| {
                assert!(is_inside, "{text:?} reaches beyond the window");
                text
            })
            .collect()
    }

    /// Touches the middle of the first element that `selector` finds with a finger.
    fn tap(&self, selector: &str) {
        let place = self.middle(selector);
        self.call("Input.dispatchTouchEvent", json!({ "type": "touchStart", "touchPoints": [place] }));
        self.call("Input.dispatchTouchEvent", json!({ "type": "touchEnd", "touchPoints": [] }));
    }
}

#[test]
fn a_term_is_explained_where_it_stands_by_mouse_keyboard_and_touch() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=cpu&network=cui2017#learn");
    tab.wait_until_ready();
    assert_eq!(tab.explained(), ["accuracy", "learning rates", "batches", "dropout", "epochs", "accuracy"]);
    assert_eq!(tab.explanations(), [""; 0]);
    let before = tab.evaluate("document.querySelector('.plan details').getBoundingClientRect().top");
    tab.click(".plan-sentence .term summary");
    assert!(tab.explanations()[0].starts_with("How far a step moves the weights."), "{:?}", tab.explanations());
    let after = tab.evaluate("document.querySelector('.plan details').getBoundingClientRect().top");
    assert_eq!(before, after, "nothing moves");
    tab.assert_nothing_found("an explanation");
    tab.keep_screenshot("explanation");
    tab.press("Escape");
    assert_eq!(tab.explanations(), [""; 0]);
    assert_eq!(tab.evaluate("document.activeElement.innerText"), "learning rates");
    tab.press("Tab");
    tab.press("Enter");
    assert!(tab.explanations()[0].starts_with("A few images"), "{:?}", tab.explanations());
    tab.click("#train-title");
    assert_eq!(tab.explanations(), [""; 0], "a click elsewhere closes it");
    // With a finger, at every width.
    tab.call("Emulation.setTouchEmulationEnabled", json!({ "enabled": true }));
    for width in [320, 390, 768, 1280] {
        tab.resize((width, 800));
        for place in 1..=4 {
            tab.tap(&format!(".plan-sentence .term:nth-of-type({place}) summary"));
            tab.wait_until("an explanation", "document.querySelector('.term[open]')");
            assert_eq!(tab.explanations().len(), 1, "{width}, {place}");
            assert_eq!(tab.evaluate("document.documentElement.scrollWidth - innerWidth"), 0, "{width}, {place}");
            if (width, place) == (PHONE.0, 1) {
                tab.keep_screenshot("explanation-phone");
            }
            tab.press("Escape");
        }
    }
    tab.resize(DESK);
    tab.show("about");
    let listed = tab.evaluate(
        "[...document.querySelectorAll('.terms dl > div')].map(term => [...term.children].map(part => part.innerText))",
    );
    let listed: Vec<[String; 2]> = serde_json::from_value(listed).expect("texts");
    let mut names: Vec<_> = listed.iter().map(|[name, _]| name.to_lowercase()).collect();
    names.sort();
    let mut expected = TERMS;
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(listed.iter().all(|[_, meaning]| (30..200).contains(&meaning.len())), "{listed:?}");
}

#[test]
fn each_figure_of_a_run_is_explained_at_its_name() {
    let query = "?device=cpu&network=cui2017&batch=64&epochs=1&images=640";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(1);
    for (width, name) in [(DESK.0, "figure"), (700, "figure-700"), (320, "figure-320")] {
        tab.resize((width, DESK.1));
        for (term, start) in [
            ("Step", "The network answers one batch."),
            ("Epoch", "One pass over"),
            ("Loss", "How wrong"),
            ("Accuracy", "The share of images"),
            ("Validation", "A test on images"),
        ] {
            let opened = tab.evaluate(&format!(
                "(() => {{
                    const name = [...document.querySelectorAll('.run-figures summary')].find(name => name.innerText === '{term}');
                    name?.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                    name?.click();
                    return name !== undefined;
                }})()"
            ));
            assert_eq!(opened, Value::Bool(true), "{term} has an explanation");
            assert!(tab.explanations().iter().any(|text| text.starts_with(start)), "{term}: {:?}", tab.explanations());
            tab.keep_screenshot(name);
            tab.press("Escape");
        }
    }
}

/// A small network, which learns 40 images by heart in 120 steps.
const FEW: &str =
    "?device=cpu&layers=flat-dense64r-drop-dense10&images=40&batch=2&epochs=6&dense-rate=0.002&dropout=0&flip=off";

impl Tab {
    /// Trains the planned run to its end.
    fn train_to_the_end(&self) {
        self.click("[data-action=train]");
        self.wait_for_phase("training");
        self.wait_until("an end", "document.querySelector('.finale[data-ended]')");
        // The kept runs are listed before the test images are answered.
        self.wait_until("results", "document.querySelector('[data-cell]')");
    }

    /// Writes `value` into the form's field.
    fn set(&self, field: &str, value: &str) {
        self.evaluate(&format!(
            "{{ const field = document.querySelector('[name={field}]'); field.value = '{value}';
                field.dispatchEvent(new Event('change', {{ bubbles: true }})); }}"
        ));
        // The address leaves out a value that is the network's default.
        let written = format!("(new URLSearchParams(location.search).get('{field}') ?? '{value}') === '{value}'");
        self.wait_until(field, &written);
    }

    /// Which steps of the task that is shown are done.
    fn ticks(&self) -> Value {
        self.evaluate("[...document.querySelectorAll('.task-steps li')].map(step => step.dataset.tick === 'true')")
    }

    fn wait_for_ticks(&self, ticks: &str) {
        let now = "JSON.stringify([...document.querySelectorAll('.task-steps li')].map(step => step.dataset.tick === 'true'))";
        self.wait_until(ticks, &format!("{now} === '{ticks}'"));
    }
}

#[test]
fn a_task_sets_its_first_run_says_so_and_starts_nothing() {
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    assert_eq!(tab.text(".task"), "");
    tab.click("[data-action=tasks]");
    for (task, settings) in [
        ("rate", [("dense-rate", "0.00001"), ("images", "250"), ("dropout", "0")]),
        ("dropout", [("dense-rate", ""), ("images", "250"), ("dropout", "0")]),
        ("overfit", [("dense-rate", ""), ("images", "250"), ("flip", "off")]),
    ] {
        tab.click(&format!("[data-action=task-{task}]"));
        assert!(!tab.ticks().as_array().expect("ticks").is_empty() && !tab.ticks().to_string().contains("true"));
        if task != "overfit" {
            tab.click("[data-action=prepare-task]");
        }
        for (name, value) in settings {
            let get = format!("(new URLSearchParams(location.search).get('{name}') ?? '') === '{value}'");
            tab.wait_until(&format!("{task}: {name}={value}"), &get);
        }
        let said = tab.text(".task-start [role=status]");
        assert!(said.starts_with("Set: Cui 2017 by Adam, ") && said.contains("12 epochs of 250 images"), "{said}");
        assert!(tab.evaluate("document.querySelector('[data-action=prepare-task]').disabled") == true);
        tab.assert_nothing_found(task);
        for (size, width) in [(DESK, 1280), (PHONE, 390)] {
            tab.resize(size);
            tab.assert_nothing_is_cut();
            tab.keep_screenshot(&format!("task-{task}-{width}"));
        }
        tab.resize(DESK);
    }
    assert_eq!(tab.attribute("data-phase"), "ready", "nothing has started");
    tab.click("[data-action=tasks]");
    assert_eq!(tab.text(".task"), "");
}

#[test]
fn the_tasks_are_ticked_from_real_runs_and_still_after_a_reload() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, FEW) else { return };
    tab.click(".plan summary");
    tab.click("[data-action=tasks]");
    tab.wait_for_ticks("[false,false,false]");
    tab.train_to_the_end();
    tab.wait_for_ticks("[true,true,true]");
    let said = tab.text(".task-said");
    let figures: Vec<_> = said.split(['%', ' ']).filter_map(|word| word.parse::<u32>().ok()).collect();
    let [training, validation] = figures[..] else { panic!("{said}") };
    assert!(training >= 90 && training >= validation + 30, "{said}");
    assert!(said.ends_with("it learnt the images by heart."), "{said}");
    tab.evaluate("document.querySelector('.tasks').scrollIntoView()");
    tab.keep_screenshot("task-overfit-done");
    // The same run is the first of the two other tasks.
    tab.click("[data-action=task-dropout]");
    tab.wait_for_ticks("[true,false]");
    tab.set("dropout", "0.5");
    tab.train_to_the_end();
    tab.wait_for_ticks("[true,true]");
    let said = tab.text(".task-said");
    assert!(said.starts_with("Right without dropout: ") && said.contains("With dropout 0.5: "), "{said}");
    tab.click("[data-action=task-rate]");
    tab.wait_for_ticks("[true,false,false]");
    tab.set("dropout", "0");
    for rate in ["0.00001", "0.0001"] {
        tab.set("dense-rate", rate);
        tab.train_to_the_end();
    }
    // Which of the three is the best is up to the runs.
    tab.wait_until("three rates", "document.querySelectorAll('.task-steps [data-tick=true]').length >= 2");
    let rates = tab.text(".task-said");
    assert!(rates.starts_with("Of 3 rates, 0.0") && rates.contains("% of new images right."), "{rates}");
    assert_eq!(tab.alerts(), [""; 0]);

    // After a reload, the kept runs and their curves say the same.
    tab.visit(&format!("{FEW}#learn"));
    tab.wait_until_ready();
    tab.click("[data-action=tasks]");
    tab.wait_for_ticks("[true,true,true]");
    assert!(tab.text(".task-said").ends_with("it learnt the images by heart."), "{}", tab.text(".task-said"));
    tab.click("[data-action=task-dropout]");
    tab.wait_until("the same words", &format!("document.querySelector('.task-said').innerText === {said:?}"));
    tab.click("[data-action=task-rate]");
    assert_eq!(tab.text(".task-said"), rates);
    assert_eq!(tab.uncaught(), json!([]).as_array().expect("a list").clone());
}

/// The window of a common projector.
const PROJECTOR: (u32, u32) = (1280, 720);

impl Tab {
    /// The elements that `selector` finds and that are not completely inside the window, at the top of the page.
    fn beyond_the_window(&self, selector: &str) -> Value {
        self.evaluate(&format!(
            "(() => {{
                scrollTo({{ top: 0, behavior: 'instant' }});
                const all = [...document.querySelectorAll('{selector}')];
                const beyond = all.filter(element => {{
                    const box = element.getBoundingClientRect();
                    return box.width === 0 || box.top < 0 || box.bottom > innerHeight || box.right > innerWidth;
                }});
                return [all.length, beyond.map(element => element.outerHTML.slice(0, 90) + element.getBoundingClientRect().bottom)];
            }})()"
        ))
    }
}

#[test]
fn the_projector_mode_shows_the_stage_with_its_ten_bars_at_once_and_is_remembered() {
    let tab = Tab::open(Kind::WebGpu);
    tab.prefer("light");
    tab.resize(PROJECTOR);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.wait_until("the greeting's answer", "document.querySelector('.card[data-probability]')");
    assert_eq!(tab.attribute("data-projector"), "");
    let type_size = "parseFloat(getComputedStyle(document.querySelector('.card-name')).fontSize)";
    let before = tab.evaluate(type_size).as_f64().expect("pixels");
    tab.click("[data-action=projector]");
    assert_eq!(tab.attribute("data-projector"), "on");
    assert!(tab.evaluate(type_size).as_f64() > Some(before * 1.3), "larger type");
    assert_eq!(tab.evaluate("document.querySelector('.sources').checkVisibility()"), false, "fewer words");
    assert_eq!(tab.beyond_the_window(".card"), json!([10, []]));
    assert_eq!(tab.beyond_the_window(".frame, .seen canvas, .verdict strong"), json!([3, []]));
    for scheme in ["light", "dark"] {
        tab.prefer(scheme);
        tab.assert_nothing_found(&format!("{scheme}, projector"));
        tab.keep_screenshot(&format!("projector-look-{scheme}"));
    }
    tab.visit("?device=cpu");
    assert_eq!(tab.attribute("data-projector"), "on", "it is remembered");
    tab.click("[data-action=projector]");
    tab.visit("?device=cpu&projector=on#learn");
    assert_eq!(tab.attribute("data-projector"), "on", "a link turns it on");
    tab.click("[data-action=projector]");
    assert_eq!((tab.attribute("data-projector").as_str(), tab.evaluate("location.search")), ("", "?device=cpu".into()));
    tab.evaluate("location.reload()");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-projector"), "", "the switch counts more than the link from before");
}

#[test]
fn nothing_scrolls_sideways_in_the_projector_mode_with_everything_open() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=cpu&projector=on");
    tab.wait_until_ready();
    for view in ["look", "learn", "runs", "about"] {
        tab.show(view);
        if view == "learn" {
            tab.click("[data-action=tasks]");
        }
        tab.evaluate("document.querySelectorAll('details:not(.menu)').forEach(part => part.open = true)");
        for width in [320, 360, 390, 568, 640, 700, 768, 844, 1000, 1024, 1280, 1440, 1920] {
            tab.resize((width, 720));
            let beyond = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(beyond, 0, "{view} at {width} pixels");
        }
        tab.resize(PROJECTOR);
        tab.keep_screenshot(&format!("projector-{view}"));
    }
}

#[test]
fn the_projector_mode_shows_a_runs_curves_accuracy_and_live_pictures_at_once() {
    let query = "?device=cpu&network=cui2017&batch=64&epochs=20&images=640&projector=on";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.prefer("light");
    tab.resize(PROJECTOR);
    tab.click("[data-action=train]");
    tab.wait_until("answers to the test images", "document.querySelector('.live-images li[data-winner]')");
    tab.wait_until("a validation", "document.querySelector('.plot-dots path')");
    assert_eq!(tab.beyond_the_window(".plot svg"), json!([2, []]));
    assert_eq!(
        tab.beyond_the_window(".run-figures div:not(.is-minor), .live-score, main [data-action=pause]"),
        json!([6, []])
    );
    let pictures = tab.evaluate("document.querySelectorAll('.live-images li').length");
    assert_eq!(tab.beyond_the_window(".live-images li"), json!([pictures, []]));
    assert_eq!(tab.beyond_the_window(".glance-frame, .glance-ten .meter"), json!([11, []]));
    let width = "getComputedStyle(document.querySelector('.plot-line')).strokeWidth";
    assert_eq!(tab.evaluate(width), "4px", "thick curves");
    for scheme in ["light", "dark"] {
        tab.prefer(scheme);
        tab.assert_nothing_found(&format!("{scheme}, a run on a projector"));
        tab.keep_screenshot(&format!("projector-run-{scheme}"));
    }
}
