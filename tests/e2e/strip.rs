//! Several pictures at once make a strip, and the keyboard moves through it.

use crate::{browser::Kind, files, tab::Tab};
use serde_json::json;
use std::{fs, time::Instant};
use tenfold::domain::NetworkName;

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
        let likeliest = crate::native::likeliest(&probabilities);
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

#[test]
fn the_pictures_in_a_dropped_folder_and_its_folders_come_in_and_its_other_files_do_not() {
    let tab = Tab::ready_on_cpu();
    let outer = files::folder("holiday").join("holiday");
    let inner = outer.join("beach");
    fs::create_dir_all(&inner).expect("folders to drop");
    files::write(&outer, "one.png", files::cat());
    // The content tells what a file is, not its name.
    files::write(&outer, "a-picture.txt", files::cat());
    files::write(&outer, "notes.png", b"Milk, eggs, bread.\n");
    // A batch of CIFAR-10 begins so. It must not be taken for training images.
    files::write(&outer, "data_batch_1.bin", &[3; 30_730]);
    files::write(&inner, "two.png", files::cat());
    let beside = files::write(&files::folder("beside"), "beside.png", files::cat());
    tab.drop_files(&[beside, outer]);
    ["beside.png", "a-picture.txt", "one.png", "two.png"].iter().for_each(|name| tab.wait_for_answer(name));
    let names = tab.evaluate("[...document.querySelectorAll('[data-picture]')].map(item => item.dataset.picture)");
    assert_eq!(names, json!(["beside.png", "a-picture.txt", "one.png", "two.png"]));
    assert_eq!(tab.alerts(), [""; 0]);
    assert_eq!(tab.attribute("data-images"), "absent");
}

#[test]
fn a_folder_of_too_many_pictures_fills_the_strip_and_one_sentence_says_how_many_were_left_out() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("many").join("many");
    fs::create_dir_all(&folder).expect("a folder to drop");
    let original = files::write(&folder, "0.png", &files::plain_png(1));
    for number in 1..260 {
        fs::hard_link(&original, folder.join(format!("{number}.png"))).expect("a second name for the same picture");
    }
    tab.drop_files(&[folder]);
    assert_eq!(tab.only_alert(), "The strip holds 200 pictures, so 60 of 260 were left out.");
    assert_eq!(tab.evaluate("document.querySelectorAll('[data-picture]').length"), 200);
}

/// Prints how long two hundred pictures take to be answered on each device, and how long the page's own program computes
/// for each of them.
#[test]
#[ignore = "measures and checks nothing; `docs/performance.md` has the result"]
fn the_time_of_two_hundred_pictures() {
    for (network, device) in
        NetworkName::ALL.into_iter().flat_map(|name| ["cpu", "webgpu"].map(|device| (name, device)))
    {
        time_two_hundred_pictures(network, device);
    }
}

fn time_two_hundred_pictures(network: NetworkName, device: &str) {
    const COUNT: usize = 200;
    let tab = Tab::open(Kind::WebGpu);
    tab.visit(&format!("?device={device}&network={}", network.id()));
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), device);
    let folder = files::folder("two-hundred");
    // The device has compiled its code for a picture, as after the one that greets the visitor.
    tab.drop_files(&[files::write(&folder, "first.png", files::cat())]);
    tab.wait_for_answer("first.png");
    let pictures = files::pictures().iter().cycle().enumerate().take(COUNT - 1);
    let paths: Vec<_> = pictures.map(|(at, png)| files::write(&folder, &format!("{at}.png"), png)).collect();
    tab.call("Performance.enable", json!({}));
    let script_secs = || {
        let metrics = tab.call("Performance.getMetrics", json!({}));
        let metrics = metrics["metrics"].as_array().expect("a list").clone();
        let script = metrics.iter().find(|metric| metric["name"] == "ScriptDuration").expect("it is measured");
        script["value"].as_f64().expect("seconds")
    };
    tab.evaluate(
        "window.longest = 0; new PerformanceObserver(list => list.getEntries().forEach(task => \
         window.longest = Math.max(window.longest, task.duration))).observe({ type: 'longtask' })",
    );
    let before_secs = script_secs();
    let start = Instant::now();
    tab.drop_files(&paths);
    tab.wait_for_answer("0.png");
    let first_secs = start.elapsed().as_secs_f64();
    let answered = format!("document.querySelectorAll('[data-picture][data-winner]').length === {COUNT}");
    tab.wait_until("all answers", &answered);
    let secs = start.elapsed().as_secs_f64();
    let page_ms = (script_secs() - before_secs) * 1e3 / (COUNT - 1) as f64;
    eprintln!(
        "{} on {device}: {secs:.1} s, the first one after {first_secs:.2} s; the page computes {page_ms:.1} ms for each; \
         its longest task took {} ms",
        network.id(),
        tab.evaluate("window.longest"),
    );
}
