//! Several pictures at once make a strip, and the keyboard moves through it.

use crate::{files, tab::Tab};

/// The picture that the strip shows as selected.
const SELECTED: &str = "document.querySelector('[data-picture][aria-selected=true]')?.dataset.picture";

#[test]
fn several_dropped_pictures_make_a_strip_that_arrow_keys_move() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("strip");
    let names = ["a.png", "b.png", "c.png"];
    let paths: Vec<_> =
        names.iter().zip(files::pictures()).map(|(name, png)| files::write(&folder, name, png)).collect();
    tab.drop_files(&paths);
    names.iter().for_each(|name| tab.wait_for_answer(name));
    assert_eq!(tab.evaluate(SELECTED), "a.png", "the first of them is on the stage");

    // Each key with the picture that it selects. The cards must then show that picture's own answer.
    let steps = [("ArrowRight", "b.png"), ("ArrowRight", "c.png"), ("ArrowRight", "c.png"), ("ArrowLeft", "b.png")];
    for (key, name) in steps {
        tab.press(key);
        tab.wait_until(&format!("{name} after {key}"), &format!("{SELECTED} === {name:?}"));
        let probabilities = tab.probabilities();
        let likeliest = crate::native::winner(&probabilities);
        assert_eq!(tenfold::domain::CLASSES[likeliest], tab.winner(name), "the cards follow {name}");
    }
}

#[test]
fn pictures_dropped_one_after_the_other_join_the_strip() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("join");
    for name in ["first.png", "second.png"] {
        tab.drop_files(&[files::write(&folder, name, files::cat())]);
        tab.wait_for_answer(name);
        assert_eq!(tab.evaluate(SELECTED), name, "the newest is on the stage");
    }
    assert_eq!(tab.evaluate("document.querySelectorAll('[data-picture]').length"), 2);
}
