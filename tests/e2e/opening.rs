//! The first five seconds: the page opens with an answer, and says what it is and what to do.

use crate::{
    browser::Kind,
    files,
    tab::{DESK, PHONE, Tab},
};
use serde_json::json;

#[test]
fn the_page_opens_with_a_drawing_answered_and_the_first_picture_takes_its_place() {
    let tab = Tab::open(Kind::WebGpu);
    for network in ["tenfold2026", "cui2017"] {
        tab.visit(&format!("?device=cpu&network={network}"));
        tab.wait_until("an answer", "document.querySelector('.verdict').innerText.includes('%')");
        assert!(tab.text(".verdict").starts_with("Frog, "), "{network}: {}", tab.text(".verdict"));
        assert!(tab.probabilities()[6] > 0.5, "{network}: {:?}", tab.probabilities());
        assert_eq!(tab.evaluate("document.querySelectorAll('[data-picture]').length"), 0, "it is not the visitor's");
    }
    tab.drop_files(&[files::write(&files::folder("opening"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    assert_eq!(tab.text(".picture figcaption"), "cat.png");
    tab.press("ArrowLeft");
    assert_eq!(tab.text(".picture figcaption"), "cat.png", "the drawing is gone");
    tab.click("[data-action=clear]");
    tab.wait_until("the invitation", "document.querySelector('.invitation')");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_headline_a_line_and_two_buttons_say_what_the_page_is_and_a_finger_is_not_told_to_drop_or_paste() {
    let tab = Tab::ready_on_cpu();
    for size in [DESK, PHONE] {
        tab.resize(size);
        assert_eq!(tab.text(".hero h2"), "Watch a neural network see, and learn");
        let words = tab.text("main").to_lowercase();
        assert_eq!(words.contains("drop"), size == DESK, "{size:?}: {words}");
        assert!(size == DESK || !words.contains("paste"), "{words}");
        let in_view = "[...document.querySelectorAll('.hero .button')].map(button => \
                       button.getBoundingClientRect().bottom < innerHeight)";
        assert_eq!(tab.evaluate(in_view), json!([true, true]), "{size:?}");
    }
    tab.click(".hero a");
    tab.wait_until("the view", "document.documentElement.dataset.view === 'learn'");
}

#[test]
fn what_lies_outside_the_square_that_the_network_sees_is_dimmed() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("crop");
    for (name, width, height) in [("wide.png", 240, 80), ("tall.png", 60, 200), ("square.png", 50, 50)] {
        tab.drop_files(&[files::write(&folder, name, &files::plain_rectangle(width, height))]);
        tab.wait_for_answer(name);
        tab.wait_until("the square", "document.querySelector('.crop span')");
        let boxes = "['.photo', '.crop span', '.frame'].map(part => { const box = \
                     document.querySelector(part).getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })";
        let boxes: [[f64; 4]; 3] = serde_json::from_value(tab.evaluate(boxes)).expect("three boxes");
        let [photo, square, frame] = boxes;
        let near = |one: f64, other: f64| (one - other).abs() < 1.0;
        let side = photo[2].min(photo[3]);
        assert!(near(square[2], side) && near(square[3], side), "{name}: {boxes:?}");
        assert!(near(square[0] + side / 2.0, photo[0] + photo[2] / 2.0), "{name}: {boxes:?}");
        assert!(near(square[1] + side / 2.0, photo[1] + photo[3] / 2.0), "{name}: {boxes:?}");
        assert!(near(photo[2] / photo[3], f64::from(width) / f64::from(height)), "{name}: {boxes:?}");
        assert!(near(photo[2].max(photo[3]), frame[2].min(frame[3])), "as large as its frame: {boxes:?}");
    }
}

#[test]
fn an_answer_is_ticked_only_where_it_is_known_to_be_right() {
    let tab = Tab::ready_on_cpu();
    tab.drop_files(&[files::write(&files::folder("tick"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    assert_eq!(tab.evaluate("document.querySelectorAll('.card.is-winner').length"), 1);
    assert_eq!(tab.evaluate("document.querySelectorAll('.tick').length"), 0);
    assert_eq!(tab.text("[data-picture='cat.png']").to_lowercase(), tab.winner("cat.png"), "the class's full name");
}
