//! Four views, each with an address of its own.

use crate::{
    browser::Kind,
    files,
    tab::{DESK, PHONE, Tab},
};
use serde_json::json;

const VIEWS: [&str; 4] = ["look", "learn", "runs", "about"];

impl Tab {
    fn wait_for_view(&self, view: &str) {
        self.wait_until(view, &format!("document.documentElement.dataset.view === '{view}'"));
    }

    /// Whether the selected picture and its ten bars are completely inside the window, and nothing covers them.
    fn sees_the_answer(&self) -> bool {
        let seen = "[document.querySelector('.glance-frame'), ...document.querySelectorAll('[data-class] .meter')]
            .every(element => {
                const box = element.getBoundingClientRect();
                const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return box.top >= 0 && box.bottom <= innerHeight && box.width > 0
                    && (element.contains(there) || there?.contains(element));
            })";
        self.evaluate(seen) == true
    }
}

#[test]
fn each_view_has_an_address_a_title_and_a_heading_that_takes_the_keyboard_and_back_leads_back() {
    let tab = Tab::ready_on_cpu();
    assert_eq!(tab.attribute("data-view"), "look");
    assert_eq!(tab.evaluate("document.activeElement === document.body"), true, "a visit takes the keyboard nowhere");
    let mut titles = vec![tab.evaluate("document.title")];
    for view in &VIEWS[1..] {
        tab.show(view);
        assert_eq!(tab.evaluate("location.hash"), format!("#{view}"));
        assert_eq!(tab.evaluate("document.activeElement.matches('main h2.view-title')"), true, "{view}");
        assert_eq!(tab.text("nav [aria-current=page]").to_lowercase(), *view);
        titles.push(tab.evaluate("document.title"));
    }
    titles.dedup();
    assert_eq!(titles.len(), VIEWS.len(), "{titles:?}");
    for view in ["runs", "learn", "look"] {
        tab.evaluate("history.back()");
        tab.wait_for_view(view);
        assert_eq!(tab.evaluate("document.activeElement.matches('main h2.view-title')"), true, "back to {view}");
    }
    assert_eq!(tab.evaluate("location.search"), "?device=cpu");
}

#[test]
fn a_link_names_a_view_and_settings_at_once() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=cpu&network=cui2017&epochs=3#learn");
    assert_eq!(tab.attribute("data-view"), "learn");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-network"), "cui2017");
    tab.evaluate("document.querySelector('.plan details').open = true");
    assert_eq!(tab.evaluate("document.querySelector('[name=epochs]').value"), "3");
    tab.show("about");
    assert_eq!(tab.evaluate("location.search + location.hash"), "?network=cui2017&epochs=3&device=cpu#about");
}

#[test]
fn only_the_view_that_is_shown_is_there() {
    let tab = Tab::ready_on_cpu();
    let parts = [("look", ".stage"), ("learn", ".train"), ("runs", ".runs"), ("about", ".race")];
    for (view, _) in parts {
        tab.show(view);
        let there: Vec<_> = parts.into_iter().filter(|(_, part)| !tab.text(part).is_empty()).collect();
        let [(shown, _)] = there.as_slice() else { panic!("{view}: {there:?}") };
        assert_eq!(*shown, view);
    }
}

#[test]
fn a_picture_that_comes_where_no_answer_is_shown_leads_to_its_answer() {
    let tab = Tab::ready_on_cpu();
    let cat = files::write(&files::folder("views"), "cat.png", files::cat());
    for (from, to) in [("about", "look"), ("learn", "learn")] {
        tab.show(from);
        tab.drop_files(&[&cat]);
        tab.wait_for_view(to);
        tab.wait_for_answer("cat.png");
    }
}

#[test]
fn no_line_of_the_answer_is_cut_beside_a_run_on_a_phone_with_and_without_a_picture() {
    let tab = Tab::ready_on_cpu();
    let is_whole = "(() => {
        const said = document.querySelector('.glance .verdict');
        return said.scrollHeight <= said.clientHeight;
    })()";
    tab.drop_files(&[files::write(&files::folder("glance"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.resize(PHONE);
    tab.show("learn");
    assert_eq!(tab.evaluate(is_whole), true, "with a picture");
    tab.show("look");
    tab.click("[data-action=clear]");
    tab.show("learn");
    tab.wait_until("no picture", "document.querySelector('.glance-choose')");
    assert_eq!(tab.evaluate(is_whole), true, "without a picture");
}

#[test]
fn the_selected_picture_and_its_ten_bars_stay_in_view_and_change_while_a_network_learns() {
    let query = "?device=cpu&network=cui2017&batch=64&epochs=20&images=1280";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.drop_files(&[files::write(&files::folder("in-view"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.click("[data-action=train]");
    tab.wait_for_step(2);
    for size in [DESK, PHONE] {
        tab.resize(size);
        for at in ["0", "document.documentElement.scrollHeight"] {
            tab.evaluate(&format!("scrollTo({{ top: {at}, behavior: 'instant' }})"));
            assert!(tab.sees_the_answer(), "at {at} of a window of {size:?}: {}", tab.describe());
        }
        let probability = "document.querySelector('[data-class=cat]').dataset.probability";
        let before = tab.evaluate(probability);
        tab.wait_until("another answer", &format!("{probability} !== {before}"));
    }
    // Another view does not stop the run, and shows it at its foot.
    tab.show("about");
    let step = tab.step();
    tab.wait_for_step(step + 2);
    assert!(tab.text(".run-bar").starts_with("Epoch "), "{}", tab.text(".run-bar"));
    tab.click(".run-bar [data-action=pause]");
    tab.wait_for_phase("paused");
    tab.click(".run-bar [data-action=resume]");
    tab.wait_for_phase("training");
    tab.click(".run-bar a");
    tab.wait_for_view("learn");
    assert_eq!(tab.alerts(), [""; 0]);
    assert_eq!(tab.uncaught(), json!([]).as_array().expect("a list").clone());
}
