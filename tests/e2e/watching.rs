//! A run that is being watched: what the page says of it, where and when. Nothing is done to it by accident.

use crate::{
    browser::Kind,
    files,
    tab::{DESK, PHONE, Tab},
};
use serde_json::json;

const RUN: &str = "?device=cpu&network=cui2017&batch=64&epochs=20&images=1280";

/// Double-clicks the middle of the first element that `selector` finds.
fn double_click(tab: &Tab, selector: &str) {
    let place = tab.evaluate(&format!(
        "(() => {{ const box = document.querySelector({selector:?}).getBoundingClientRect();
            return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()"
    ));
    for count in [1, 2] {
        for kind in ["mousePressed", "mouseReleased"] {
            let click =
                json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": count });
            tab.call("Input.dispatchMouseEvent", click);
        }
    }
}

#[test]
fn a_run_is_in_the_title_its_curve_fills_the_plot_and_its_images_tell_the_truth() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, RUN) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(11);
    let title = tab.evaluate("document.title");
    assert!(title.as_str().is_some_and(|title| title.starts_with("Epoch 1 of 20, ")), "{title}");
    let width = "document.querySelector('.plot-line').getBBox().width / 1000";
    tab.wait_until("a curve over half of the plot", &format!("{width} > 0.4"));
    let steps = tab.step();
    assert!(steps < 200, "of 400 steps: the axis has grown with the run");
    // Each image's true class, and the network's answer if it differs.
    tab.wait_until("answers to the test images", "document.querySelector('.live-images li[data-winner]')");
    let images = tab.evaluate(
        "[...document.querySelectorAll('.live-images li[data-winner]')].map(image =>
            [image.dataset.label, image.dataset.winner, image.querySelector('.live-name').innerText.toLowerCase()])",
    );
    let images: Vec<[String; 3]> = serde_json::from_value(images).expect("texts");
    for [label, winner, said] in &images {
        assert!(said.contains(winner.as_str()), "{said}: {winner}");
        assert_eq!(said.contains("really"), label != winner, "{said}: {label}");
        assert!(label == winner || said.ends_with(label.as_str()), "{said}: {label}");
    }
    let score = tab.text(".live-score");
    assert!(score.ends_with(&format!(" of {} right", images.len())), "{score}");
    for (name, size) in [("watching", DESK), ("watching-phone", PHONE)] {
        tab.resize(size);
        tab.assert_nothing_is_cut();
        tab.keep_screenshot(name);
    }
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
    assert_eq!(tab.evaluate("document.title"), "Learn: Tenfold");
}

#[test]
fn a_pause_is_said_at_once_and_a_double_click_on_stop_begins_no_other_run() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, RUN) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(2);
    tab.evaluate(
        "window.said = []; new MutationObserver(() => {
            const button = document.querySelector('[data-action=pause]');
            if (button && said.at(-1) !== button.innerText) said.push(button.innerText);
        }).observe(document.body, { subtree: true, childList: true, characterData: true }); undefined",
    );
    tab.click("[data-action=pause]");
    tab.wait_for_phase("paused");
    assert_eq!(tab.evaluate("said.at(-1)"), "Pausing…");
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
    double_click(&tab, "[data-action=stop]");
    tab.wait_for_phase("ready");
    let step = tab.step();
    tab.wait_until("a second of rest", "new Promise(resolve => setTimeout(() => resolve(true), 1000))");
    assert_eq!((tab.attribute("data-phase").as_str(), tab.step()), ("ready", step));
}

#[test]
fn a_run_that_is_over_says_in_a_sentence_how_good_it_is_and_where_it_began() {
    let query =
        "?device=cpu&network=cui2017&batch=64&epochs=1&images=1280&conv-rate=0.005&dense-rate=0.0005&warm-up=0.2";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.evaluate("navigator.canShare = undefined");
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_phase("ready");
    tab.wait_until("the finale", "document.querySelector('.finale[data-ended]')");
    let said = tab.text(".finale p");
    assert!(said.contains("% right after ") && said.contains("It began at 10%; the shipped network has 72."), "{said}");
    assert!(said.ends_with("Train on?"), "{said}");
    for (name, size) in [("finale", DESK), ("finale-phone", PHONE)] {
        tab.resize(size);
        tab.keep_screenshot(name);
    }
    let share = "document.querySelector('[data-action=share-card]')";
    assert_eq!(tab.evaluate(&format!("{share} === null")), true, "not every browser has a share sheet");
    // One that has gets the card as a file. The page is drawn again with the next message.
    tab.evaluate("navigator.canShare = data => data.files.length === 1; navigator.share = async data => { window.shared = data; }");
    tab.click("[data-action=copy-link]");
    tab.wait_until("the button", share);
    tab.click("[data-action=share-card]");
    tab.wait_until("the card", "window.shared?.files[0].type === 'image/png' && window.shared.files[0].size > 10000");
}

#[test]
fn how_a_run_learnt_is_played_with_the_picture_s_bars_and_comes_back_with_the_kept_run() {
    let query =
        "?device=cpu&network=cui2017&batch=32&epochs=20&images=1280&conv-rate=0.005&dense-rate=0.0005&warm-up=0.2";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.drop_files(&[files::write(&files::folder("lapse"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.show("learn");
    tab.click("[data-action=train]");
    tab.wait_until("several moments", "document.querySelector('.lapse').dataset.moments > 4");
    tab.click(".controls [data-action=pause]");
    tab.wait_for_phase("paused");
    let said = "document.querySelector('.live-images').innerText + document.querySelector('.glance-ten').innerText";
    let present = tab.evaluate(said);
    tab.evaluate(&format!(
        "window.seen = []; new MutationObserver(() => {{
            const [moment, now] = [Number(document.querySelector('.lapse').dataset.moment), {said}];
            const is_playing = document.querySelector('[data-action=lapse]').innerText === 'Stop';
            if (is_playing && seen.at(-1)?.[0] !== moment) seen.push([moment, now]);
        }}).observe(document.body, {{ subtree: true, childList: true, characterData: true, attributes: true }}); undefined"
    ));
    tab.click("[data-action=lapse]");
    tab.wait_until("the end", "document.querySelector('[data-action=lapse]').innerText !== 'Stop' && seen.length > 3");
    let seen: Vec<(usize, String)> = serde_json::from_value(tab.evaluate("seen")).expect("moments");
    assert!(seen.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1), "one after the other: {seen:?}");
    assert_eq!(seen[0].0, 0);
    assert!(seen.iter().any(|(_, said)| json!(said) != present), "the answers change");
    assert_eq!(tab.evaluate(said), present, "it ends with the present");

    let slide = "(() => { const slider = document.querySelector('.lapse input'); slider.value = 1;
        slider.dispatchEvent(new Event('input', { bubbles: true })); })()";
    tab.evaluate(slide);
    tab.wait_until("the second moment", "document.querySelector('.lapse').dataset.moment === '1'");
    assert_eq!(json!(seen[1].1), tab.evaluate(said), "as it was played");
    assert_eq!(
        tab.evaluate("document.querySelector('.lapse input').getAttribute('aria-valuetext')"),
        tab.evaluate("document.querySelector('.lapse span').innerText")
    );
    for scheme in ["light", "dark"] {
        tab.prefer(scheme);
        for (name, size) in [("lapse", DESK), ("lapse-phone", PHONE)] {
            tab.resize(size);
            tab.assert_nothing_is_cut();
            tab.evaluate("document.querySelector('.live').scrollIntoView()");
            tab.keep_screenshot(&format!("{name}-{scheme}"));
        }
    }
    tab.resize(DESK);
    // Who wants less motion has the slider alone.
    assert_eq!(tab.evaluate("getComputedStyle(document.querySelector('[data-action=lapse]')).display"), "none");

    let images = "document.querySelector('.live-images').innerText";
    let then = tab.evaluate(images);
    tab.visit("?device=cpu#learn");
    tab.wait_until_ready();
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
    tab.wait_until("its moments", "document.querySelector('.lapse').dataset.moments > 4");
    tab.evaluate(slide);
    tab.wait_until("the same moment", "document.querySelector('.lapse').dataset.moment === '1'");
    assert_eq!(tab.evaluate(images), then);
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
}

#[test]
fn a_menu_closes_with_escape_and_with_a_click_outside() {
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    let is_open = "document.querySelector('details:has(> .menu-items)').open";
    tab.click("details:has(> .menu-items) > summary");
    assert_eq!(tab.evaluate(is_open), true);
    tab.press("Escape");
    assert_eq!(tab.evaluate(is_open), false);
    assert_eq!(tab.evaluate("document.activeElement.matches('details:has(> .menu-items) > summary')"), true);
    tab.click("details:has(> .menu-items) > summary");
    tab.click("#train-title");
    assert_eq!(tab.evaluate(is_open), false);
}

#[test]
fn nothing_scrolls_sideways_at_any_width_with_everything_open() {
    let tab = Tab::ready_on_cpu();
    tab.drop_files(&[files::write(&files::folder("widths"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.click("[data-action=compare]");
    tab.wait_until("both answers", "document.querySelectorAll('[data-compared][data-winner]').length === 2");
    for view in ["look", "learn", "runs", "about"] {
        tab.show(view);
        tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)");
        for width in [320, 360, 390, 568, 640, 700, 768, 844, 1000, 1024, 1280, 1440, 1920] {
            tab.resize((width, 800));
            let beyond = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(beyond, 0, "{view} at {width} pixels");
        }
        tab.resize(DESK);
    }
}
