//! Files that cannot be classified: each gives one sentence, and the page goes on.

use crate::{files, tab::Tab};
use std::{fs, path::PathBuf};

/// Drops `paths` and expects one alert that contains all `words`. A good picture must still be classified.
fn is_refused(test: &str, paths: &[PathBuf], words: &[&str]) {
    let tab = Tab::ready_on_cpu();
    tab.drop_files(paths);
    let sentence = tab.only_alert();
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
    assert!(sentence.ends_with('.') && sentence.len() < 250, "a sentence: {sentence:?}");
    tab.drop_files(&[files::write(&files::folder(&format!("{test}-good")), "good.png", files::cat())]);
    tab.wait_for_answer("good.png");
    assert_eq!(tab.attribute("data-phase"), "ready");
}

#[test]
fn a_text_file_is_refused() {
    let text = files::write(&files::folder("text"), "notes.txt", b"Milk, eggs, bread.\n");
    is_refused("text", &[text], &["notes.txt", "not a picture"]);
}

#[test]
fn an_empty_file_is_refused() {
    let empty = files::write(&files::folder("empty"), "empty.png", b"");
    is_refused("empty", &[empty], &["empty.png", "is empty"]);
}

#[test]
fn a_truncated_picture_is_refused() {
    let whole = files::cat();
    let cut = files::write(&files::folder("cut"), "cut.png", &whole[..whole.len() / 2]);
    is_refused("cut", &[cut], &["cut.png", "cut short"]);
}

#[test]
fn a_picture_of_a_hundred_megapixels_is_refused_before_it_is_decoded() {
    let huge = files::write(&files::folder("huge"), "huge.png", &files::hundred_megapixel_png());
    is_refused("huge", &[huge], &["huge.png", "10000 by 10000 pixels"]);
}

#[test]
fn a_folder_without_pictures_is_refused() {
    let folder = files::folder("folder").join("letters");
    fs::create_dir(&folder).expect("a folder to drop");
    files::write(&folder, "notes.txt", b"Milk, eggs, bread.\n");
    is_refused("folder", &[folder], &["letters", "no picture"]);
}

#[test]
fn of_ten_thousand_pictures_the_first_are_taken_and_the_page_says_so() {
    let folder = files::folder("thousands");
    let original = files::write(&folder, "0.png", &files::plain_png(1));
    let linked = (1..10_000).map(|number| {
        let path = folder.join(format!("{number}.png"));
        fs::hard_link(&original, &path).expect("a second name for the same picture");
        path
    });
    let paths: Vec<_> = std::iter::once(original.clone()).chain(linked).collect();
    let tab = Tab::ready_on_cpu();
    tab.drop_files(&paths);
    let sentence = tab.only_alert();
    assert!(sentence.contains("9,800 of 10,000") && sentence.contains("200"), "{sentence:?}");
    // The strip is full. Once it is cleared, it takes others.
    tab.click("[data-action=clear]");
    tab.drop_files(&[files::write(&folder, "good.png", files::cat())]);
    tab.wait_for_answer("good.png");
}

#[test]
fn good_files_among_bad_ones_are_answered() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("mixed");
    let bad = files::write(&folder, "bad.png", b"no picture");
    let good = files::write(&folder, "fine.png", files::cat());
    tab.drop_files(&[bad, good]);
    tab.wait_for_answer("fine.png");
    assert!(tab.only_alert().contains("bad.png"));
}
