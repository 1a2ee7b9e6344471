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
    /// Keeps a picture of the whole page among the build's artefacts, in `screenshots` of cargo's target folder.
    pub fn keep_screenshot(&self, name: &str) {
        let png = self.screenshot(true);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        fs::create_dir_all(target.join("screenshots")).expect("a folder for screenshots");
        fs::write(target.join("screenshots").join(format!("{name}.png")), png).expect("a screenshot");
    }

    /// What the window shows, or where `is_whole` the whole page, as a PNG.
    pub fn screenshot(&self, is_whole: bool) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": is_whole }));
        BASE64.decode(shot["data"].as_str().expect("base64").as_bytes()).expect("base64")
    }

    /// Fails if anything reaches beyond the window's right edge.
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
