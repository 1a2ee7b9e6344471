//! Sizes and themes: nothing is cut, the theme lasts, and screenshots are kept for people to look at.

use crate::{
    browser::Kind,
    files,
    tab::{DESK, PHONE, Tab},
};
use data_encoding::BASE64;
use serde_json::json;
use std::{fs, path::Path};

impl Tab {
    /// Keeps a screenshot of the whole page in the folder `screenshots` of cargo's target folder.
    pub fn keep_screenshot(&self, name: &str) {
        let png = self.screenshot(true);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        fs::create_dir_all(target.join("screenshots")).expect("a folder for screenshots");
        fs::write(target.join("screenshots").join(format!("{name}.png")), png).expect("a screenshot");
    }

    /// The window as a PNG, or the whole page if `is_whole`.
    pub fn screenshot(&self, is_whole: bool) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": is_whole }));
        BASE64.decode(shot["data"].as_str().expect("base64").as_bytes()).expect("base64")
    }

    /// Fails if any element reaches beyond the window's right edge.
    pub fn assert_nothing_is_cut(&self) {
        let wide = self.evaluate(
            "(() => {
                const width = document.documentElement.clientWidth;
                const scrolls = element => element && (getComputedStyle(element).overflowX !== 'visible'
                    || scrolls(element.parentElement));
                const beyond = [...document.querySelectorAll('body *')].filter(element => {
                    const box = element.getBoundingClientRect();
                    return box.width > 0 && box.right > width + 0.5 && !scrolls(element.parentElement);
                });
                return { scroll: document.documentElement.scrollWidth - width,
                    beyond: beyond.map(element => element.outerHTML.slice(0, 120)) };
            })()",
        );
        assert_eq!(wide, json!({ "scroll": 0, "beyond": [] }));
    }
}

#[test]
fn nothing_is_cut_on_a_desk_or_a_phone_and_screenshots_are_kept() {
    let tab = Tab::open(Kind::WebGpu);
    for scheme in ["light", "dark"] {
        tab.prefer(scheme);
        tab.resize(DESK);
        tab.visit("?device=webgpu");
        tab.wait_until_ready();
        for (size, width) in [(DESK, "1280"), (PHONE, "390")] {
            tab.resize(size);
            tab.assert_nothing_is_cut();
            tab.keep_screenshot(&format!("{scheme}-{width}-empty"));
        }
        let folder = files::folder(&format!("looks-{scheme}"));
        let long = "a-rather-long-name-as-telephones-give-them-to-their-pictures.png";
        let paths = ["cat.png", long].map(|name| files::write(&folder, name, files::cat()));
        tab.resize(DESK);
        tab.drop_files(&paths);
        tab.wait_for_answer(long);
        for view in ["look", "learn", "runs", "about"] {
            tab.show(view);
            for (size, width) in [(DESK, "1280"), (PHONE, "390")] {
                tab.resize(size);
                tab.assert_nothing_is_cut();
                tab.keep_screenshot(&format!("{scheme}-{width}-{view}"));
            }
        }
    }
}

#[test]
fn a_chosen_theme_lasts_through_a_reload() {
    let tab = Tab::open(Kind::WebGpu);
    tab.prefer("light");
    tab.visit("?device=cpu");
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = tab.evaluate(ground);
    tab.click("[data-action=theme]");
    tab.wait_until("another ground", &format!("{ground} !== {light}"));
    let dark = tab.evaluate(ground);
    tab.visit("?device=cpu");
    assert_eq!(tab.evaluate(ground), dark, "the visitor's choice, not the system's");

    tab.click("[data-action=theme]");
    tab.wait_until("the first ground", &format!("{ground} === {light}"));
    tab.prefer("dark");
    tab.visit("?device=cpu");
    assert_eq!(tab.evaluate(ground), light, "the visitor's choice, not the system's");
}

#[test]
fn forced_colours_keep_every_bar() {
    let tab = Tab::open(Kind::WebGpu);
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    tab.call("Emulation.setEmulatedMedia", forced);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.drop_files(&[files::write(&files::folder("forced"), "cat.png", &files::scene("cat"))]);
    tab.wait_for_answer("cat.png");
    // Of what has a colour of its own, how many places show it, and how many have the ground's.
    let seen = |selector: &str| {
        tab.evaluate(&format!(
            "(() => {{
                const colour = element => getComputedStyle(element).backgroundColor;
                const all = [...document.querySelectorAll('{selector}')].map(colour);
                return [all.length, all.filter(one => one === colour(document.body)).length, new Set(all).size];
            }})()"
        ))
    };
    assert_eq!(seen(".ten .meter span"), json!([10, 0, 2]), "the ten cards, of which one wins");
    tab.click("[data-action=inside-what-if]");
    tab.wait_until("ten bars", "document.querySelectorAll('[data-painted-class]').length === 10");
    assert_eq!(seen(".painted-bars .meter span"), json!([10, 0, 2]));
    let swatches = seen(".swatch");
    assert!(swatches[2].as_u64() > Some(4), "a paint box of several colours: {swatches}");
    tab.keep_screenshot("forced-look");
    tab.click("[data-action=inside-layers]");
    tab.click("button[data-layer]:is(li:last-child *)");
    tab.wait_until("its shares", "document.querySelector('.shares td [data-sum]')");
    let shares = seen(".share-bar span");
    assert!(shares[0].as_u64() > Some(4) && shares[1] == 0, "{shares}");
    tab.show("learn");
    assert_eq!(seen(".glance .meter span"), json!([10, 0, 2]), "the ten beside a run");
    tab.keep_screenshot("forced-learn");
}

#[test]
fn a_phone_on_its_side_shows_the_invitation_whole() {
    let tab = Tab::open(Kind::WebGpu);
    for size in [(667, 375), (844, 390), (932, 430)] {
        tab.resize(size);
        tab.visit("?device=cpu");
        tab.wait_until_ready();
        tab.assert_nothing_is_cut();
        let below = tab.evaluate(
            "[...document.querySelectorAll('.hero h2, .hero .button')]
                .filter(part => part.getBoundingClientRect().bottom > innerHeight).map(part => part.innerText)",
        );
        assert_eq!(below, json!([]), "{size:?}");
        tab.keep_screenshot(&format!("landscape-{}", size.0));
    }
}
