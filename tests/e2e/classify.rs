//! Pictures come by drop, paste, button and card. The page's answers are those of the native network.

use crate::{
    browser::Kind,
    files, native,
    tab::{DESK, PHONE, Tab},
};
use serde_json::Value;
use tenfold::domain::{CLASS_COUNT, CLASSES, NetworkName};

/// The largest difference between a probability on the page and the native one. Devices add in different orders.
const TOLERANCE: f32 = 1e-3;

impl Tab {
    /// Waits until the picture of this name is classified.
    pub fn wait_for_answer(&self, name: &str) {
        let picture = format!("[data-picture={name:?}][data-winner][data-milliseconds]");
        self.wait_until(&format!("an answer to {name}"), &format!("document.querySelector({picture:?})"));
    }

    /// The class that the page names for the picture of this name.
    pub fn winner(&self, name: &str) -> String {
        let picture = format!("[data-picture={name:?}]");
        let winner = self.evaluate(&format!("document.querySelector({picture:?}).dataset.winner"));
        winner.as_str().expect("a class").to_owned()
    }

    /// The ten cards' probabilities for the picture on the stage.
    pub fn probabilities(&self) -> [f32; CLASS_COUNT] {
        let read = "[...document.querySelectorAll('[data-class]')].map(card => [card.dataset.class, card.dataset.probability])";
        let read: Vec<(String, Option<String>)> = serde_json::from_value(self.evaluate(read)).expect("ten cards");
        assert!(read.iter().map(|(class, _)| class.as_str()).eq(CLASSES), "the cards' order: {read:?}");
        std::array::from_fn(|class| {
            let figure = read[class].1.as_deref().expect("a probability on each card");
            figure.parse().expect("a number")
        })
    }
}

/// Drops the first test image of each class on `network` on `device` and compares every answer with the native network's.
fn answers_are_the_native_ones(network: NetworkName, device: &str) {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit(&format!("?device={device}&network={}", network.id()));
    tab.wait_until_ready();
    // A page that fell back to the CPU would fail here.
    assert_eq!(tab.attribute("data-device"), device, "{}", tab.describe());
    assert_eq!(tab.attribute("data-network"), network.id());
    let folder = files::folder(&format!("native-{device}-{}", network.id()));
    let classifier = native::Classifier::load(network);
    for (class, png) in CLASSES.iter().zip(files::pictures()) {
        let name = format!("{class}.png");
        tab.drop_files(&[files::write(&folder, &name, png)]);
        tab.wait_for_answer(&name);
        let (expected, shown) = (classifier.probabilities(png), tab.probabilities());
        let far = expected.iter().zip(shown).map(|(expected, shown)| (expected - shown).abs()).fold(0.0, f32::max);
        assert!(far <= TOLERANCE, "{name}: {far} away: native {expected:?}, page {shown:?}");
        assert_eq!(tab.winner(&name), CLASSES[native::likeliest(&expected)], "{name}: native {expected:?}");
    }
    assert_eq!(tab.alerts(), [""; 0]);
    assert_eq!(tab.uncaught(), [Value::Null; 0]);
}

#[test]
fn dropped_test_images_are_answered_on_webgpu_as_natively() {
    for network in NetworkName::ALL {
        answers_are_the_native_ones(network, "webgpu");
    }
}

#[test]
fn dropped_test_images_are_answered_on_the_cpu_as_natively() {
    for network in NetworkName::ALL {
        answers_are_the_native_ones(network, "cpu");
    }
}

#[test]
fn webgpu_is_chosen_where_it_works() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "webgpu", "{}", tab.describe());
}

#[test]
fn the_answer_is_said_in_words_with_its_time_and_device() {
    let tab = Tab::ready_on_cpu();
    tab.drop_files(&[files::write(&files::folder("words"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    let winner = tab.winner("cat.png");
    let verdict = tab.text("[aria-live=polite]");
    let (class, rest) = verdict.split_once(',').expect("a class, then a percentage");
    assert_eq!(class.to_lowercase(), winner);
    assert!(rest.contains('%') && rest.contains(" ms on the CPU."), "{verdict}");
}

#[test]
fn a_picture_of_none_of_the_ten_is_doubted_and_says_what_it_is_most_like() {
    let tab = Tab::ready_on_cpu();
    let noise = files::noise();
    let expected = native::Classifier::load(NetworkName::FIRST_SHOWN).judgement(&noise);
    assert!(expected.is_none);
    tab.drop_files(&[files::write(&files::folder("none"), "noise.png", &noise)]);
    tab.wait_for_answer("noise.png");
    let verdict = tab.text("[aria-live=polite]");
    let class = tab.winner("noise.png");
    assert_eq!(class, CLASSES[native::likeliest(&expected.probabilities)]);
    assert!(verdict.starts_with("None of these, probably."), "{verdict}");
    assert!(verdict.to_lowercase().contains(&format!("closest guess: {class}")), "{verdict}");
    assert_eq!(tab.evaluate("document.querySelector('[data-picture]').dataset.none"), "true");
    assert_eq!(tab.evaluate("document.querySelectorAll('.card.is-winner').length"), 0);
    for (size, width) in [(DESK, "1280"), (PHONE, "390")] {
        tab.resize(size);
        tab.assert_nothing_is_cut();
        tab.keep_screenshot(&format!("none-{width}"));
    }
}

#[test]
fn a_pasted_picture_is_answered() {
    let tab = Tab::ready_on_cpu();
    tab.paste(files::cat());
    tab.wait_until("an answer", "document.querySelector('[data-picture][data-winner]')");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn pictures_chosen_with_the_button_are_answered() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("chosen");
    let paths = ["one.png", "two.png"].map(|name| files::write(&folder, name, files::cat()));
    tab.choose_files(&paths);
    tab.wait_for_answer("one.png");
    tab.wait_for_answer("two.png");
}

#[test]
fn a_click_on_a_card_classifies_its_scene() {
    let tab = Tab::ready_on_cpu();
    tab.click("[data-class=ship]");
    tab.wait_until("an answer", "document.querySelector('[data-picture][data-winner]')");
    let expected = native::Classifier::load(NetworkName::FIRST_SHOWN).probabilities(&files::scene("ship"));
    let far = expected.iter().zip(tab.probabilities()).map(|(expected, shown)| (expected - shown).abs());
    assert!(far.fold(0.0, f32::max) <= TOLERANCE);
}
