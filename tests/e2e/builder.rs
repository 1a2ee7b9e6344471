//! A visitor's own network: built with the mouse, with keys and on a phone, trained, asked, and shared by a link.

use crate::{
    browser::Kind,
    files,
    tab::{PHONE, Tab},
};
use serde_json::json;

/// Settings of a short run, for the article's network and for networks made from it.
const SHORT: &str = "network=cui2017&device=cpu&batch=32&epochs=1&images=640";

/// The article's network with a second convolution behind the first.
const BUILT: &str = "conv18k4r-max8s1p-conv24k4r-max2-flat-drop-dense384r-drop-dense10";

impl Tab {
    /// Puts `value` into the field with this id, as a visitor who leaves it then.
    pub fn fill(&self, id: &str, value: &str) {
        self.evaluate(&format!(
            "(() => {{ const field = document.getElementById('{id}'); field.value = '{value}'; \
             field.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
        ));
    }

    /// The layers in the address.
    fn layers(&self) -> String {
        let layers = self.evaluate("new URLSearchParams(location.search).get('layers') ?? ''");
        layers.as_str().expect("a string").to_owned()
    }

    fn wait_for_layers(&self, layers: &str) {
        let seen = format!("new URLSearchParams(location.search).get('layers') === {layers:?}");
        self.wait_until(layers, &seen);
    }

    /// The titles of the cards, in order.
    fn cards(&self) -> Vec<String> {
        let titles = "[...document.querySelectorAll('[data-card]')].map(card => card.dataset.title)";
        serde_json::from_value(self.evaluate(titles)).expect("strings")
    }

    /// Adds a card in the gap of this index.
    fn add_card(&self, gap: usize, name: &str) {
        self.click(&format!("[data-gap='{gap}'] summary"));
        self.click(&format!("[data-gap='{gap}'] [data-add='{name}']"));
    }

    /// Replaces the text in a field of a card.
    fn turn(&self, card: usize, knob: &str, text: &str) {
        self.evaluate(&format!("document.querySelector(\"[data-card='{card}'] [data-knob={knob}]\").select()"));
        self.evaluate(&format!("document.querySelector(\"[data-card='{card}'] [data-knob={knob}]\").focus()"));
        self.call("Input.insertText", json!({ "text": text }));
        self.press("Enter");
    }

    /// Drags the card by its grip to the place before card `to`.
    fn drag_card(&self, from: usize, to: usize) {
        self.evaluate(&format!(
            "document.querySelector(\"[data-card='{to}']\").scrollIntoView({{ block: 'start', behavior: 'instant' }}); \
             window.scrollBy({{ top: -100, behavior: 'instant' }})"
        ));
        let place = |card: usize| {
            self.evaluate(&format!(
                "(() => {{ const box = document.querySelector(\"[data-card='{card}'] .grip\").getBoundingClientRect(); \
                 return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()"
            ))
        };
        let (start, end) = (place(from), place(to));
        let above = end["y"].as_f64().expect("a number") - 20.0;
        for (kind, y) in
            [("mousePressed", start["y"].clone()), ("mouseMoved", end["y"].clone()), ("mouseMoved", json!(above))]
        {
            let event =
                json!({ "type": kind, "x": start["x"], "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
        self.wait_until("where it would go", &format!("document.querySelector(\"[data-gap='{to}'].is-over\")"));
        let event = json!({ "type": "mouseReleased", "x": start["x"], "y": above, "button": "left", "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", event);
    }
}

#[test]
fn a_network_built_by_mouse_is_trained_answers_pictures_and_opens_from_its_link_in_another_tab() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{SHORT}")) else { return };
    tab.click("[data-action=build]");
    let article = ["conv2d_maxpool", "flatten", "dropout", "fully_conn", "dropout", "output"];
    assert_eq!(tab.cards(), article);
    assert_eq!(tab.evaluate("document.querySelectorAll('.drawing [role=listitem]').length"), 5);
    tab.add_card(1, "conv2d-maxpool");
    tab.turn(1, "outputs", "24");
    tab.wait_for_layers(BUILT);
    assert_eq!(tab.evaluate("document.querySelector(\"[data-card='1'] [data-output]\").dataset.output"), "24x16x16");

    tab.drag_card(1, 0);
    tab.wait_for_layers("conv24k4r-max2-conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10");
    tab.click("[data-action=undo-edit]");
    tab.wait_for_layers(BUILT);

    // A convolution cannot follow `flatten`. The card says so, and no run can begin until the move is undone.
    tab.drag_card(2, 0);
    tab.wait_until("what is wrong", "document.querySelector(\"[data-card='1'] .card-fault\")");
    assert!(tab.text("[data-card='1'] .card-fault").contains("put it before they are flattened"));
    assert_eq!(tab.evaluate("document.querySelector('[data-action=train]').disabled"), true);
    tab.click("[data-action=undo-edit]");
    tab.wait_for_layers(BUILT);
    assert_eq!(tab.evaluate("document.querySelector('[data-action=train]').disabled"), false);

    tab.click("[data-action=time-step]");
    tab.wait_until("a time", "document.querySelector('[data-step-ms]')");
    assert!(tab.text("[data-step-ms]").starts_with("An epoch takes about "), "{}", tab.text("[data-step-ms]"));

    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_step(20);
    tab.wait_for_phase("ready");
    assert_eq!(tab.attribute("data-network"), "own");
    tab.drop_files(&[files::write(&files::folder("built"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");

    let link = tab.evaluate("location.href");
    let other = tab.beside();
    other.visit_address(link.as_str().expect("an address"));
    other.wait_until("the builder", "document.querySelector('[data-card]')");
    assert_eq!((other.layers(), other.cards()), (BUILT.to_owned(), tab.cards()));
    assert_eq!(other.evaluate("document.querySelector('[name=epochs]').value"), "1");
    drop(other);

    // The run keeps its network, even if another one is built in the meantime.
    tab.show("runs");
    assert!(tab.text("[data-run] h3").contains("Own network (conv 18, 24; dense 384)"), "{}", tab.text("[data-run]"));
    tab.show("learn");
    tab.evaluate("document.querySelector('[name=start-from]').value = 'softmax'");
    tab.evaluate("document.querySelector('[name=start-from]').dispatchEvent(new Event('change', { bubbles: true }))");
    tab.wait_for_layers("flat-dense10");
    tab.show("runs");
    tab.click("[data-action=build-on]");
    tab.wait_for_layers(BUILT);
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_network_is_built_by_keys_alone_also_on_a_phone() {
    let tab = Tab::open(Kind::WebGpu);
    tab.resize(PHONE);
    tab.visit("?network=cui2017&device=cpu#learn");
    tab.wait_until_ready();
    let focus = |selector: &str| tab.evaluate(&format!("document.querySelector({selector:?}).focus()"));
    focus("[data-action=build]");
    tab.press("Enter");
    tab.wait_until("the cards", "document.querySelector('[data-card]')");
    tab.assert_nothing_is_cut();
    focus("[data-gap='1'] summary");
    tab.press("Enter");
    tab.press("Tab");
    tab.press("Enter");
    tab.wait_until("a second one", "document.querySelectorAll('[data-title=conv2d_maxpool]').length === 2");
    let is_on = |what: &str| format!("document.activeElement?.closest('[data-card]')?.dataset.card === '{what}'");
    tab.wait_until("the keyboard on the new card", &is_on("1"));
    // The keyboard's focus stays on the card that moves.
    focus("[data-card='1'] .grip");
    tab.press("ArrowUp");
    tab.wait_for_layers("conv36k4r-max2-conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10");
    tab.wait_until("the keyboard on the moved card", &is_on("0"));
    tab.press("ArrowDown");
    tab.wait_for_layers("conv18k4r-max8s1p-conv36k4r-max2-flat-drop-dense384r-drop-dense10");
    tab.wait_until("the keyboard on the moved card", &is_on("1"));
    tab.press("Delete");
    tab.wait_until("the article's network", "!location.search.includes('layers')");
    assert_eq!(tab.cards().len(), 6);
    tab.add_card(1, "convolution");
    tab.wait_until("a convolution", "document.querySelector('[data-title=Convolution]')");
    tab.assert_nothing_is_cut();
    tab.keep_screenshot("builder-phone");
}

#[test]
fn a_hostile_network_in_a_link_is_refused_in_a_sentence_and_the_page_answers() {
    let tab = Tab::open(Kind::WebGpu);
    let many = ["act"; 500].join("-");
    for layers in ["conv1000000000k3-flat-dense10", "convNaNk3-flat-dense10", many.as_str()] {
        tab.visit(&format!("?device=cpu&layers={layers}"));
        tab.wait_until("a sentence", "document.querySelector('.notice')");
        assert!(
            tab.text(".notice").starts_with("The network in this link cannot be read: "),
            "{}",
            tab.text(".notice")
        );
    }
    tab.wait_until_ready();
    tab.wait_until("an answer", "document.querySelector('[data-class][data-probability]')");
    tab.visit("?device=cpu&layers=conv999999k3-flat-dense10#learn");
    tab.wait_until("what is wrong", "document.querySelector(\"[data-card='0'] .card-fault\")");
    assert!(tab.text(".card-fault").contains("1 to 1024, not 999999"), "{}", tab.text(".card-fault"));
    tab.wait_until_ready();
    assert_eq!(tab.evaluate("document.querySelector('[data-action=train]').disabled"), true);
}

#[test]
fn the_builder_is_looked_at_in_both_themes() {
    let tab = Tab::open(Kind::WebGpu);
    for scheme in ["light", "dark"] {
        tab.prefer(scheme);
        tab.resize(crate::tab::DESK);
        tab.visit(
            "?device=cpu&layers=conv18k4r-max8s1p-conv36k4r-max2-conv72k4r-max2-flat-drop-dense384r-drop-dense10#learn",
        );
        tab.wait_until_ready();
        tab.wait_until("the drawing", "document.querySelector('.drawing svg')");
        for (size, width) in [(crate::tab::DESK, "1280"), (PHONE, "390")] {
            tab.resize(size);
            tab.assert_nothing_is_cut();
            tab.keep_screenshot(&format!("{scheme}-{width}-builder"));
        }
        tab.assert_nothing_found(&format!("{scheme}, the builder"));
    }
}

#[test]
fn two_values_are_tried_one_after_the_other_and_the_list_survives_a_reload() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{SHORT}")) else { return };
    tab.show("runs");
    tab.fill("several-axis", "0:outputs");
    tab.fill("several-values", "4, 8");
    tab.click("[data-action=try-several]");
    tab.wait_for_phase("training");
    let done = "document.querySelectorAll('[data-stands=Done]').length === 2";
    tab.wait_until("both are done", done);
    tab.wait_until("the last is measured", "document.querySelectorAll('[data-run]').length === 2");
    let row = tab.text("[data-trial='4']");
    // 4 filters of 4x4x3 with biases, 4,096 values to 384 units, and 384 values to ten classes.
    assert!(row.contains("1,577,294") && row.contains('%') && row.contains(" s"), "{row}");
    for (name, size) in [("several", crate::tab::DESK), ("several-phone", PHONE)] {
        tab.resize(size);
        tab.assert_nothing_is_cut();
        tab.keep_screenshot(name);
    }
    tab.resize(crate::tab::DESK);
    tab.assert_nothing_found("two trials");

    // A point is a link to its run. The shipped networks have points too.
    assert_eq!(tab.evaluate("document.querySelectorAll('.scatter-point').length"), 4);
    tab.click(".scatter-point:not(.is-shipped)");
    tab.wait_until("its run", "document.activeElement?.closest('[data-run]')");

    tab.visit(&format!("?{SHORT}#runs"));
    tab.wait_until_ready();
    tab.wait_until("the list", done);
    tab.click("[data-trial='4'] [data-action=drop-trial]");
    tab.wait_until("one less", "!document.querySelector(\"[data-trial='4']\")");
    tab.evaluate("document.querySelector('[name=another-value]').focus()");
    tab.call("Input.insertText", json!({ "text": "2" }));
    tab.press("Enter");
    tab.wait_until("a third", "document.querySelector(\"[data-trial='2']\")");
    tab.wait_until("it is done", "document.querySelector(\"[data-trial='2'][data-stands=Done]\")");
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_network_of_ones_own_is_exported_imported_in_another_visit_and_shown_inside() {
    let layers = "conv8k5s2r-normsr-max2-flat-drop20-dense16r-dense10";
    let settings = "device=cpu&batch=16&epochs=1&images=160";
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?layers={layers}&{settings}")) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(10);
    tab.wait_for_phase("ready");
    assert_eq!(tab.attribute("data-network"), "own");
    let files = [tab.exported("export-own-weights", "weights"), tab.exported("export-own-run", "run")];
    drop(tab);

    let tab = Tab::ready_on_cpu();
    tab.drop_files(&[files::write(&files::folder("own-inside"), "cat.png", &files::scene("cat"))]);
    tab.wait_for_answer("cat.png");
    for file in &files {
        tab.drop_files(&[file]);
        tab.wait_until("the own network", "document.documentElement.dataset.network === 'own'");
        tab.wait_for_answer("cat.png");
        tab.visit("?device=cpu");
        tab.wait_until_ready();
        tab.drop_files(&[files::write(&files::folder("own-inside"), "cat.png", &files::scene("cat"))]);
        tab.wait_for_answer("cat.png");
    }
    tab.drop_files(&[&files[0]]);
    tab.wait_until("the own network", "document.documentElement.dataset.network === 'own'");
    tab.open_pane("filters");
    tab.wait_until("its filters", "document.querySelectorAll('.filter-list canvas').length === 8");
    tab.open_pane("layers");
    // The convolution with its normalisation, the pool, and two dense layers.
    tab.wait_until("its layers", "document.querySelectorAll('button.layer').length === 4");
    tab.click("[data-layer='0']");
    tab.wait_until("a unit's arithmetic", "document.querySelector('.steps td [data-sum]')");
    assert!(tab.text(".steps").contains("a learnt scale and shift"), "{}", tab.text(".steps"));
    tab.open_pane("why");
    for method in ["occlusion", "gradient"] {
        tab.click(&format!("[data-method={method}]"));
        tab.wait_until(method, &format!("document.querySelector('[data-heat={method}]')"));
    }
    tab.assert_nothing_is_cut();
    tab.keep_screenshot("own-inside");
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn weights_of_another_program_are_loaded_after_showing_which_tensor_goes_where() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/foreign/keras.safetensors");
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=cpu&layers=conv4k5s4-max2-normsr-conv6k3r-flat-drop-dense12t-dense10");
    tab.wait_until_ready();
    // Dropped where the table is not shown, it leads there.
    tab.drop_files(&[file]);
    tab.wait_until("the table", "document.querySelectorAll('.fitted tbody tr').length === 12");
    assert!(tab.only_alert().contains("in the order of Keras"), "{}", tab.only_alert());
    let row = tab.text(".fitted tbody tr");
    assert!(row.contains("sequential/conv2d/kernel, 5×5×3×4") && row.contains("conv1.weight, 5×5×3×4"), "{row}");
    for (name, size) in [("foreign", crate::tab::DESK), ("foreign-phone", PHONE)] {
        tab.resize(size);
        tab.assert_nothing_is_cut();
        tab.keep_screenshot(name);
    }
    tab.assert_nothing_found("another program's weights");
    assert_eq!(tab.attribute("data-network"), "tenfold2026", "nobody has agreed");
    tab.click("[data-action=load-fitted]");
    tab.wait_until("the import", "document.documentElement.dataset.network === 'own'");
    assert_eq!(tab.evaluate("document.querySelector('.fitted')"), serde_json::Value::Null);

    // Where it does not fit, the reason is said.
    tab.resize(crate::tab::DESK);
    tab.visit("?device=cpu&layers=flat-dense10#learn");
    tab.wait_until_ready();
    tab.drop_files(&[file]);
    assert!(tab.only_alert().contains("10×3072 (PyTorch) or 3072×10 (Keras)"), "{}", tab.only_alert());
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn the_drawing_of_the_network_is_saved_as_a_picture_of_its_own() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=cpu&layers=conv8k3r-max2-flat-dense10#learn");
    tab.wait_until_ready();
    let file = tab.saved("save-drawing", "[data-action=save-drawing]");
    assert_eq!(file.file_name().and_then(|name| name.to_str()), Some("network.svg"));
    let svg = std::fs::read_to_string(&file).expect("the file that was saved");
    // The page's own drawing has the same boxes, and the file is one that browsers show.
    let seen = tab.evaluate(&format!(
        "(async () => {{
            const svg = {};
            const file = new DOMParser().parseFromString(svg, 'image/svg+xml');
            const said = root => [...root.querySelectorAll('[role=listitem]')].map(box => box.getAttribute('aria-label'));
            const image = new Image();
            image.src = URL.createObjectURL(new Blob([svg], {{ type: 'image/svg+xml' }}));
            await image.decode();
            return [said(file), said(document.querySelector('.drawing')), image.naturalWidth > 0];
        }})()",
        json!(svg)
    ));
    assert_eq!(seen[0].as_array().map(Vec::len), Some(4), "{seen}");
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[2], true);
}

#[test]
fn a_group_with_a_residual_connection_around_it_has_a_bracket() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=cpu&layers=conv8k3r-conv8k3r-conv8k3r-add1-conv8k3r-add4-gavg-dense10#learn");
    tab.wait_until_ready();
    let groups =
        "[...document.querySelectorAll('.layer-cards > li')].map(card => card.style.getPropertyValue('--groups'))";
    assert_eq!(tab.evaluate(groups), json!(["", "1", "2", "2", "1", "1", "", ""]));
    for (name, size) in [("groups", crate::tab::DESK), ("groups-phone", PHONE)] {
        tab.resize(size);
        tab.assert_nothing_is_cut();
        tab.keep_screenshot(name);
    }
}

#[test]
fn trials_that_are_to_take_a_time_are_timed_and_then_take_about_that() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{SHORT}#runs")) else { return };
    tab.show("runs");
    tab.fill("several-axis", "0:outputs");
    tab.fill("several-values", "2, 4");
    tab.fill("several-minutes", "0.1");
    tab.click("[data-action=try-several]");
    tab.wait_until("both are done", "document.querySelectorAll('[data-stands=Done]').length === 2");
    tab.wait_until("both are measured", "document.querySelectorAll('[data-run]').length === 2");
    let took = tab.text("[data-trial='2'] td:nth-child(4)");
    let secs: f64 =
        took.trim_end_matches("\u{a0}s").trim_end_matches(" s").parse().unwrap_or_else(|_| panic!("{took}"));
    assert!((1.0..30.0).contains(&secs), "{took}");
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}
