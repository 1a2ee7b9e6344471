//! The inside of the network: its layers, a unit's arithmetic, heat maps, filters, and the picture to paint on.

use crate::{
    browser::Kind,
    files,
    tab::{DESK, PHONE, Tab},
};
use serde_json::{Value, json};

/// The panes, each with what it shows once it is answered where no images are on this device.
pub const PANES: [(&str, &str); 6] = [
    ("layers", "button.layer"),
    ("why", "[data-heat]"),
    ("what-if", "[data-painted-class]"),
    ("filters", ".filter-list canvas"),
    ("nearest", ".nearest"),
    ("plane", ".inside-pane"),
];

/// Counts what the page asks of the worker.
const COUNT_REQUESTS: &str = "
    globalThis.requests = 0;
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (...message) {
        requests++;
        return postMessage.apply(this, message);
    };
";

/// The shipped network's blocks: the whitening, six convolutions, the maximum of each map, and the dense layer.
const LAYERS: usize = 9;

impl Tab {
    /// A tab on `device` in which the scene of a cat is classified.
    fn with_cat(device: &str) -> Self {
        let tab = Self::open(Kind::WebGpu);
        tab.visit(&format!("?device={device}"));
        tab.wait_until_ready();
        assert_eq!(tab.attribute("data-device"), device, "{}", tab.describe());
        tab.drop_files(&[files::write(&files::folder(&format!("inside-{device}")), "cat.png", &files::scene("cat"))]);
        tab.wait_for_answer("cat.png");
        tab
    }

    /// Opens a pane of the inside.
    pub fn open_pane(&self, pane: &str) {
        self.click(&format!("[data-action=inside-{pane}]"));
        self.wait_until(&format!("the pane {pane}"), &format!("document.querySelector('[data-inside={pane}]')"));
    }

    fn number(&self, expression: &str) -> f64 {
        self.evaluate(expression).as_f64().expect("a number")
    }

    fn assert_well(&self) {
        assert_eq!(self.alerts(), [""; 0]);
        assert_eq!(self.uncaught(), [Value::Null; 0]);
    }

    /// Keeps screenshots of both sizes, in which nothing is cut.
    fn keep_looks(&self, name: &str) {
        for (size, width) in [(PHONE, "390"), (DESK, "1280")] {
            self.resize(size);
            self.assert_nothing_is_cut();
            self.keep_screenshot(&format!("inside-{name}-{width}"));
        }
    }
}

#[test]
fn each_layer_is_shown_with_its_maps_and_a_units_figures_are_its_value() {
    for device in ["cpu", "webgpu"] {
        let tab = Tab::with_cat(device);
        assert_eq!(tab.number("document.querySelectorAll('.layer').length"), 0.0, "closed at first");
        tab.open_pane("layers");
        tab.wait_until("layers", &format!("document.querySelectorAll('button.layer').length === {LAYERS}"));
        let coloured = "[...document.querySelectorAll('button.layer canvas')].filter(canvas => canvas.getContext('2d')\
                        .getImageData(0, 0, canvas.width, canvas.height).data.some((byte, at) => at % 4 === 3 && byte > 0)).length";
        tab.wait_until("pixels in each", &format!("{coloured} === {LAYERS}"));
        if device == "cpu" {
            tab.keep_looks("layers");
        }
        tab.click("[data-layer='2']");
        tab.wait_until("the unit's arithmetic", "document.querySelector('.steps td [data-sum]')");
        let said = tab.text(".unit h3:nth-of-type(2), .unit [aria-live] h3");
        assert!(said.to_lowercase().starts_with("map "), "{said}");
        // The last step gives the value in the unit's title.
        let steps = tab.text(".steps li:last-child");
        let value = said.rsplit(": ").next().expect("a figure");
        assert!(steps.ends_with(&format!("becomes {value}.")), "{said}: {steps}");
        if device == "cpu" {
            tab.keep_looks("unit");
        }
        // Without CIFAR-10 on this device there are no test images to search.
        assert!(tab.text(".patches").contains("This needs CIFAR-10 on this device"), "{}", tab.text(".patches"));
        let before = tab.text(".unit-name");
        tab.click("[data-action=next-map]");
        tab.wait_until("another map", &format!("document.querySelector('.unit-name').innerText.trim() !== {before:?}"));

        // The last layer's contributions add up to the logit of the answered class.
        tab.click(&format!("[data-layer='{}']", LAYERS - 1));
        tab.wait_until("its shares", "document.querySelector('.shares td [data-sum]')");
        let shown = tab.text(".unit [aria-live] h3");
        let sum = tab.text(".shares td [data-sum]");
        assert!(shown.ends_with(&format!(": {sum}")), "{shown}: {sum}");
        if device == "cpu" {
            tab.keep_looks("shares");
        }
        tab.click("[data-action=inside-layers]");
        tab.wait_until("all closed", "!document.querySelector('.inside-pane')");
        tab.assert_well();
    }
}

#[test]
fn heat_maps_are_made_by_three_methods_for_any_class() {
    for device in ["cpu", "webgpu"] {
        let tab = Tab::with_cat(device);
        tab.open_pane("why");
        tab.wait_until("the map by hiding", "document.querySelector('[data-heat=occlusion]')");
        assert_eq!(tab.evaluate("document.querySelector('[data-heat]').dataset.heatOf"), tab.winner("cat.png"));
        let said = tab.text(".why-choice p.figures");
        assert!(said.starts_with(&format!("Most for {}", tab.winner("cat.png"))), "{said}");
        if device == "cpu" {
            tab.keep_looks("why");
        }
        for method in ["gradient", "activation"] {
            tab.click(&format!("[data-method={method}]"));
            tab.wait_until(method, &format!("document.querySelector('[data-heat={method}]')"));
            tab.click("[data-heat-class=ship]");
            tab.wait_until("the ship's", &format!("document.querySelector('[data-heat={method}][data-heat-of=ship]')"));
            if device == "cpu" {
                tab.keep_looks(method);
            }
        }
        // One of the ten cards chooses the class as well. After the map is closed, the card shows its scene again.
        tab.click("[data-class=frog]");
        tab.wait_until("the frog's", "document.querySelector('[data-heat=activation][data-heat-of=frog]')");
        assert_eq!(tab.evaluate("document.querySelector('[data-class=frog]').ariaPressed"), "true");
        assert_eq!(tab.text("figure.picture figcaption"), "cat.png");
        tab.click("[data-action=inside-why]");
        tab.click("[data-class=frog]");
        tab.wait_for_answer("frog.png");
        tab.assert_well();
    }
}

#[test]
fn painting_moves_the_bars_and_undo_brings_them_back() {
    let tab = Tab::with_cat("cpu");
    tab.open_pane("what-if");
    let cat = "Number(document.querySelector('[data-painted-class=cat]').dataset.paintedProbability)";
    tab.wait_until("ten bars", "document.querySelectorAll('[data-painted-class]').length === 10");
    let before = tab.number(cat);
    assert!((before - f64::from(tab.probabilities()[3])).abs() < 1e-4, "the picture as it came");
    tab.keep_looks("what-if");
    // A stroke with the mouse, from the middle to the right.
    let place = tab.evaluate(
        "(() => { const paper = document.querySelector('[data-paper]'); paper.scrollIntoView({ block: 'center' });
            const box = paper.getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 } })()",
    );
    let (x, y) = (place["x"].as_f64().expect("a place"), place["y"].as_f64().expect("a place"));
    let hand = |kind: &str, x: f64| {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        tab.call("Input.dispatchMouseEvent", event);
    };
    // The square is 32 pixels wide, so the stroke ends seven or eight pixels to the right of the middle.
    let under_the_hand =
        "[...document.querySelector('[data-paper] canvas').getContext('2d').getImageData(21, 16, 1, 1).data].join()";
    let was = tab.evaluate(under_the_hand);
    hand("mousePressed", x);
    for step in 1..=8 {
        hand("mouseMoved", x + 10.0 * f64::from(step));
    }
    hand("mouseReleased", x + 80.0);
    tab.wait_until("another probability", &format!("Math.abs({cat} - {before}) > 1e-4"));
    assert_eq!(tab.evaluate("document.querySelector('[data-paper]').dataset.paper"), "painted");
    assert_ne!(tab.evaluate(under_the_hand), was, "the stroke follows the hand");
    tab.keep_looks("painted");
    tab.click("[data-action=undo]");
    tab.wait_until("the picture as it came", "document.querySelector('[data-paper=as-it-came]')");
    tab.wait_until("its probability", &format!("Math.abs({cat} - {before}) < 1e-6"));

    // By keyboard, the tool begins in the middle.
    tab.evaluate("document.querySelector('[data-paper]').focus()");
    tab.press("ArrowRight");
    tab.press("Enter");
    tab.wait_until("a painted picture", "document.querySelector('[data-paper=painted]')");
    tab.click("[data-filter=mirror]");
    tab.click("[data-action=paint-reset]");
    tab.wait_until("the picture as it came", "document.querySelector('[data-paper=as-it-came]')");

    tab.assert_well();
}

#[test]
fn an_empty_picture_to_draw_on_is_a_source_like_any_other() {
    let tab = Tab::ready_on_cpu();
    tab.click("[data-action=draw]");
    tab.wait_for_answer("canvas.bmp");
    tab.wait_until("the tools", "document.querySelector('[data-inside=what-if] [data-paper=as-it-came]')");
    tab.wait_until(
        "the paper in view",
        "document.querySelector('[data-paper]').getBoundingClientRect().top < innerHeight",
    );
    tab.wait_until("a paint box", "document.querySelectorAll('.swatch').length >= 8");
    tab.wait_until("ten bars", "document.querySelectorAll('[data-painted-class]').length === 10");
    let bars =
        "[...document.querySelectorAll('[data-painted-class]')].map(bar => bar.dataset.paintedProbability).join()";
    let before = tab.evaluate(bars);
    tab.click(".swatch:nth-child(4)");
    tab.evaluate("document.querySelector('[data-paper]').focus()");
    for key in ["Enter", "ArrowRight", "Enter", "ArrowDown", "Enter"] {
        tab.press(key);
    }
    tab.wait_until("other bars", &format!("{bars} !== {before}"));
    tab.keep_looks("drawn");
    // A second click finds the same picture again. The strip shows it among the others.
    tab.click("[data-class=ship]");
    tab.wait_for_answer("ship.png");
    tab.click("[data-action=draw]");
    tab.wait_until("the drawing again", "document.querySelector('[data-paper=painted]')");
    assert_eq!(tab.evaluate("document.querySelectorAll('.strip-item').length"), 2);
    tab.assert_well();
}

#[test]
fn the_bars_follow_each_change_on_the_cpu() {
    let tab = Tab::with_cat("cpu");
    tab.open_pane("what-if");
    tab.wait_until("ten bars", "document.querySelectorAll('[data-painted-class]').length === 10");
    // The time from a change of the picture to the change of its bars: the median of nine changes.
    let took = tab.evaluate(
        "(async () => {
            const took = [];
            const bars = () => [...document.querySelectorAll('[data-painted-class]')].map(bar => bar.dataset.paintedProbability).join();
            for (let time = 0; time < 9; time++) {
                const before = bars();
                const start = performance.now();
                document.querySelector('[data-filter=noise]').click();
                while (bars() === before) await new Promise(resolve => setTimeout(resolve, 1));
                took.push(performance.now() - start);
            }
            return took.sort((a, b) => a - b)[4];
        })()",
    );
    println!("bars follow after {:.0} ms", took.as_f64().expect("milliseconds"));
}

/// A tab on the CPU with the article's network, real images, and a classified scene of a cat.
fn with_images_and_cat(test: &str) -> Option<Tab> {
    let query = "?device=cpu&network=cui2017&batch=32&epochs=1&images=1280&conv-rate=0.005";
    let tab = Tab::with_images(Kind::WebGpu, query)?;
    tab.show("look");
    tab.drop_files(&[files::write(&files::folder(test), "cat.png", &files::scene("cat"))]);
    tab.wait_for_answer("cat.png");
    Some(tab)
}

#[test]
fn the_first_filters_are_shown_as_pictures_and_change_while_the_network_learns() {
    let Some(tab) = with_images_and_cat("inside-run") else { return };
    tab.open_pane("filters");
    tab.wait_until("18 filters", "document.querySelectorAll('.filter-list canvas').length === 18");
    tab.keep_looks("filters");
    let shown = "[...document.querySelectorAll('.filter-list li')].map(filter => filter.innerText).join()";
    let before = tab.evaluate(shown);
    tab.show("learn");
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.show("look");
    tab.wait_until("filters that have learnt", &format!("{shown} && {shown} !== {before}"));
    tab.click("[data-action=inside-layers]");
    tab.wait_until("layers during the run", "document.querySelectorAll('button.layer').length === 4");
    tab.click("[data-action=inside-layers]");
    tab.assert_well();
}

#[test]
fn the_nearest_training_images_are_found_and_kept_and_test_images_lie_in_the_plane() {
    let Some(tab) = with_images_and_cat("inside-near") else { return };
    tab.open_pane("plane");
    tab.wait_until("a thousand points", "document.querySelector('[data-plane=\"1000\"]')");
    tab.click("[data-class=ship]");
    tab.wait_until("both pictures", "document.querySelector('[data-plane-pictures=\"2\"] .plane-other')");
    tab.click(".plane-others button");
    tab.wait_until("the cat again", "document.querySelector('figure.picture figcaption').innerText === 'cat.png'");
    tab.click("[data-action=next-point]");
    tab.wait_until("its image", "document.querySelector('.plane-image .pixels')");
    tab.keep_looks("plane");

    tab.click("[data-action=inside-nearest]");
    tab.click("[data-action=find-nearest]");
    tab.wait_until("the nearest twelve", "document.querySelector('[data-nearest=\"12\"]')");
    tab.keep_looks("nearest");
    let nearest = tab.text(".near-list");

    // The test images have passed already, so the parts that excite a map are there at once, for any map.
    tab.click("[data-action=inside-layers]");
    tab.wait_until("layers", "document.querySelectorAll('button.layer').length === 4");
    for (layer, side) in [(0, 4), (2, 32)] {
        tab.click(&format!("[data-layer='{layer}']"));
        if layer == 0 {
            tab.wait_until("its arithmetic", "document.querySelector('.steps')");
            tab.click("[data-action=find-patches]");
        }
        tab.wait_until("nine patches", &format!(
            "[...document.querySelectorAll('[data-patches=\"9\"] canvas')].filter(patch => patch.width <= {side} && patch.width > {side} / 2).length === 9"
        ));
    }
    tab.keep_looks("patches");

    // After a reload they are there at once, without another pass.
    tab.visit("?device=cpu&network=cui2017");
    tab.wait_until_ready();
    tab.drop_files(&[files::write(&files::folder("inside-near-again"), "cat.png", &files::scene("cat"))]);
    tab.wait_for_answer("cat.png");
    tab.click("[data-action=inside-nearest]");
    tab.wait_until("the nearest twelve", "document.querySelector('[data-nearest=\"12\"]')");
    assert_eq!(tab.text(".near-list"), nearest);
    tab.assert_well();
}

#[test]
fn each_pane_opens_during_a_run_on_both_devices_and_leaves_no_work_behind() {
    for device in ["cpu", "webgpu"] {
        let query = format!("?device={device}&network=cui2017&batch=16&epochs=20&images=1280");
        let Some(tab) = Tab::with_images(Kind::WebGpu, &query) else { return };
        assert_eq!(tab.attribute("data-device"), device, "{}", tab.describe());
        tab.click("[data-action=train]");
        tab.wait_for_step(1);
        tab.show("look");
        tab.drop_files(&[files::write(&files::folder(&format!("panes-{device}")), "cat.png", &files::scene("cat"))]);
        tab.wait_for_answer("cat.png");
        tab.evaluate(COUNT_REQUESTS);
        for (pane, shown) in PANES {
            tab.open_pane(pane);
            let shown = if pane == "plane" { "[data-plane='1000']" } else { shown };
            tab.wait_until(pane, &format!("document.querySelector(`[data-inside={pane}] {shown}`)"));
            assert_eq!(tab.attribute("data-phase"), "training", "{}", tab.describe());
        }
        let requests = tab.number("requests");
        assert!(requests >= PANES.len() as f64 - 1.0, "{requests} requests");
        tab.click("[data-action=inside-plane]");
        tab.wait_until("all closed", "!document.querySelector('.inside-pane')");
        let (step, requests) = (tab.step(), tab.number("requests"));
        tab.wait_for_step(step + 3);
        assert_eq!(tab.number("requests"), requests, "nothing is asked while all panes are closed");

        // Once the network no longer changes, the training images can be searched, and the search can be given up.
        tab.show("learn");
        tab.click("[data-action=stop]");
        tab.wait_for_phase("ready");
        tab.show("look");
        tab.open_pane("nearest");
        tab.click("[data-action=find-nearest]");
        tab.click("[data-action=cancel-nearest]");
        tab.wait_until("another try", "document.querySelector('[data-action=find-nearest]')");
        tab.click("[data-action=inside-nearest]");
        let requests = tab.number("requests");
        tab.evaluate("new Promise(resolve => setTimeout(resolve, 2000))");
        assert_eq!(tab.number("requests"), requests, "a search that was given up leaves no work behind");
        tab.assert_well();
    }
}

#[test]
#[ignore = "takes minutes, and prints instead of judging; docs/performance.md has what it printed"]
fn what_the_inside_costs() {
    let median = |mut took: Vec<f64>| {
        took.sort_by(f64::total_cmp);
        took[took.len() / 2]
    };
    for network in ["tenfold2026", "cui2017"] {
        let tab = Tab::open(Kind::WebGpu);
        tab.visit(&format!("?device=cpu&network={network}"));
        tab.wait_until_ready();
        tab.drop_files(&[files::write(&files::folder("inside-costs"), "cat.png", &files::scene("cat"))]);
        tab.wait_for_answer("cat.png");
        // A closed pane forgets its findings and asks again when it is opened.
        let time = |pane: &str, done: &str, times: usize| {
            let took = (0..times).map(|_| {
                tab.open_pane(pane);
                tab.wait_until(pane, &format!("document.querySelector('{done}')"));
                let took = tab.number("Number(document.querySelector('.inside-pane').dataset.milliseconds)");
                tab.click(&format!("[data-action=inside-{pane}]"));
                tab.wait_until("all closed", "!document.querySelector('.inside-pane')");
                took
            });
            median(took.collect())
        };
        println!("{network}, layers: {:.0} ms", time("layers", "button.layer", 9));
        for (method, times) in [("occlusion", 3), ("gradient", 9), ("activation", 9)] {
            tab.open_pane("why");
            tab.click(&format!("[data-method={method}]"));
            let done = format!("[data-heat={method}]");
            tab.wait_until(method, &format!("document.querySelector('{done}')"));
            tab.click("[data-action=inside-why]");
            println!("{network}, {method}: {:.0} ms", time("why", &done, times));
        }
    }
}

#[test]
#[ignore = "takes minutes, and prints instead of judging; docs/performance.md has what it printed"]
fn what_following_a_run_costs() {
    let query = "?device=cpu&network=cui2017&epochs=40&images=10000";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.show("look");
    tab.drop_files(&[files::write(&files::folder("inside-following"), "cat.png", &files::scene("cat"))]);
    tab.wait_for_answer("cat.png");
    tab.show("learn");
    tab.click("[data-action=train]");
    tab.wait_for_step(20);
    tab.show("look");
    // Steps in twenty seconds, with the layers closed and open in turn.
    let steps = || {
        let before = tab.step();
        tab.evaluate("new Promise(resolve => setTimeout(resolve, 20_000))");
        tab.step() - before
    };
    for _ in 0..4 {
        let closed = steps();
        tab.open_pane("layers");
        tab.wait_until("layers", "document.querySelector('button.layer')");
        println!("{closed} steps while closed, {} while the layers follow", steps());
        tab.click("[data-action=inside-layers]");
    }
}
