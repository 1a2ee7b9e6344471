//! Ways back: a GPU that stops answering, a worker that died in a run, and drops or pastes that are no picture.

use crate::{browser::Kind, files, lacks::boot_after, tab::Tab};
use serde_json::json;

/// A worker's script: the GPU stops answering once `self.isSilent` is true. Timers then run fifty times as fast, so
/// that the deadline is soon over.
const SILENCE: &str = "{ const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = function (...range) {
        return self.isSilent ? new Promise(() => {}) : mapAsync.apply(this, range);
    };
    const wait = self.setTimeout;
    self.setTimeout = (act, ms, ...rest) => wait(act, self.isSilent ? ms / 50 : ms, ...rest); }";

#[test]
fn a_gpu_that_stops_answering_is_given_up_and_the_cpu_answers_what_was_asked() {
    let tab = Tab::open_with(Kind::WebGpu, vec![boot_after(SILENCE)]);
    tab.visit("?network=cui2017");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "webgpu");
    tab.evaluate_in_worker("self.isSilent = true");
    tab.drop_files(&[files::write(&files::folder("silent-gpu"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    assert_eq!(tab.attribute("data-device"), "cpu");
    let badge = tab.text("header");
    assert!(badge.contains("the GPU was lost"), "{badge:?}");
}

/// A run with these settings that was begun on WebGPU. `script` runs first in its worker. None without the real images.
fn on_webgpu(settings: &str, script: &str) -> Option<Tab> {
    let around = crate::images::real_files()?;
    let tab = Tab::open_with(Kind::WebGpu, vec![boot_after(script)]);
    tab.visit(&format!("?{settings}#learn"));
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "webgpu");
    let batches = around.join("cifar-10-batches-bin");
    tab.drop_files(&[batches.join("data_batch_1.bin"), batches.join("test_batch.bin")]);
    tab.wait_for_images();
    tab.click("[data-action=train]");
    Some(tab)
}

/// Begins a run on WebGPU that is kept every fourth step, and lets `end` end the GPU in its second epoch. Expects a
/// sentence about it, and that the run goes on by itself on the CPU from the kept step.
fn the_cpu_goes_on_with_a_run(script: &str, end: impl Fn(&Tab)) -> Option<Tab> {
    let tab = on_webgpu("network=cui2017&batch=16&epochs=50&images=64&warm-up=0", script)?;
    tab.wait_for_step(5);
    end(&tab);
    let sentence = tab.only_alert();
    assert!(sentence.contains("GPU was lost after step"), "{sentence:?}");
    let kept = sentence.split("is kept up to step ").nth(1).and_then(|rest| rest.split(',').next());
    let kept: u64 = kept.and_then(|step| step.parse().ok()).unwrap_or_else(|| panic!("{sentence:?}"));
    assert!(kept >= 4 && kept.is_multiple_of(4), "{sentence:?}");
    tab.wait_until("the CPU", "document.documentElement.dataset.device === 'cpu'");
    tab.wait_for_phase("training");
    tab.wait_for_step(kept + 2);
    Some(tab)
}

#[test]
fn a_gpu_that_falls_silent_in_a_run_is_given_up_and_the_cpu_goes_on_from_what_was_kept() {
    the_cpu_goes_on_with_a_run(SILENCE, |tab| tab.evaluate_in_worker("self.isSilent = true"));
}

#[test]
fn where_the_browser_ends_its_gpu_process_the_cpu_goes_on_and_the_gpu_can_be_tried_again() {
    let Some(tab) = the_cpu_goes_on_with_a_run("", Tab::end_the_gpu_process) else { return };
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
    // The browser has a new GPU process by now, or starts one on the next request.
    tab.visit("?network=cui2017#learn");
    tab.wait_until_ready();
    assert_eq!(tab.attribute("data-device"), "webgpu", "{}", tab.text("header"));
    tab.wait_until("the offer", "document.querySelector('[data-action=resume]')");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn where_a_run_is_lost_with_the_gpu_a_click_tries_the_gpu_again_or_stays_on_the_cpu() {
    for (way, device) in [("retry", "webgpu"), ("use-cpu", "cpu")] {
        // The epoch does not end meanwhile, and its initial weights are gone with the GPU.
        let settings = "network=cui2017&batch=16&epochs=1&images=9600&start=current";
        let Some(tab) = on_webgpu(settings, "") else { return };
        tab.wait_for_step(2);
        tab.lose_the_gpu();
        let sentence = tab.only_alert();
        assert!(sentence.contains("had not been kept yet; begin it again"), "{sentence:?}");
        tab.wait_until("the CPU", "document.documentElement.dataset.device === 'cpu'");
        tab.wait_until_ready();
        tab.click(&format!(".trouble [data-action={way}]"));
        let is_ready = format!("dataset.device === '{device}' && document.documentElement.dataset.phase === 'ready'");
        tab.wait_until(way, &format!("!document.querySelector('.trouble') && document.documentElement.{is_ready}"));
    }
}

#[test]
fn after_a_death_in_a_run_every_way_back_starts_a_new_worker() {
    let ways = [
        "main .controls [data-action=retry]",
        ".network [data-action=retry]",
        "[data-action=network][aria-pressed=false]",
    ];
    for way in ways {
        let query = "?device=cpu&network=cui2017&batch=64&epochs=1&images=1280";
        let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
        tab.click("[data-action=train]");
        tab.wait_for_step(2);
        tab.evaluate_in_worker("setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); })");
        tab.wait_until("the death", "document.documentElement.dataset.phase === 'failed'");
        tab.click(way);
        tab.wait_until_ready();
    }
}

#[test]
fn a_picture_of_another_site_is_refused_with_what_to_do_and_the_page_stays() {
    let tab = Tab::ready_on_cpu();
    tab.evaluate("window.isThisPage = true");
    let html = "<img src=\"https://other.example/cat.png\">";
    tab.drop_texts(".stage", &[("text/uri-list", "https://other.example/cat.png"), ("text/html", html)]);
    let sentence = tab.only_alert();
    assert!(sentence.contains("cannot read pictures from other.example"), "{sentence:?}");
    assert_eq!(tab.evaluate("window.isThisPage"), true);
}

#[test]
fn a_picture_of_this_site_or_in_its_own_address_is_read() {
    let tab = Tab::ready_on_cpu();
    let own = format!("{}scenes/cat.png", tab.server().address());
    tab.drop_texts(".stage", &[("text/uri-list", &own)]);
    tab.wait_for_answer("cat.png");
    let pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    tab.drop_texts(".stage", &[("text/uri-list", pixel)]);
    tab.wait_for_answer("picture");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_picture_of_the_page_that_is_dragged_over_it_changes_nothing_and_files_come_in_afterwards() {
    let tab = Tab::ready_on_cpu();
    let folder = files::folder("own-picture");
    tab.drop_files(&[files::write(&folder, "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.evaluate(
        "{ window.seen = [];
           for (const kind of ['dragstart', 'drop', 'dragend']) addEventListener(kind, () => seen.push(kind), true); }",
    );
    for picture in ["[data-picture] img", "[data-class=dog] img"] {
        tab.evaluate("{ seen.length = 0; }");
        tab.drag(picture);
        tab.wait_until(&format!("the end of the drag of {picture}"), "seen.includes('dragend')");
        assert_eq!(tab.evaluate("seen"), json!(["dragstart", "drop", "dragend"]), "{picture}");
        assert_eq!(tab.evaluate("document.querySelectorAll('[data-picture]').length"), json!(1), "{picture}");
        assert_eq!(tab.alerts(), [""; 0], "{picture}");
    }
    // The picture leaves the page during the drag, so that the browser does not report its end.
    tab.evaluate(
        "{ seen.length = 0;
           addEventListener('dragover', () => document.querySelector('[data-class=frog] img').remove(), { once: true, capture: true }); }",
    );
    tab.drag("[data-class=frog] img");
    tab.wait_until("the end of the drag", "seen.includes('drop')");
    assert_eq!(tab.evaluate("seen"), json!(["dragstart", "drop"]));
    tab.drop_files(&[files::write(&folder, "good.png", files::cat())]);
    tab.wait_for_answer("good.png");
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_form_field_takes_the_text_that_is_dropped_or_pasted_into_it() {
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    tab.evaluate("document.querySelector('.plan details').open = true");
    tab.evaluate("{ const field = document.querySelector('[name=seed]'); field.focus(); field.select(); }");
    tab.drop_texts("[name=seed]", &[("text/plain", "77")]);
    tab.wait_until("the dropped text", "document.querySelector('[name=seed]').value.includes('77')");
    tab.call("Input.insertText", json!({ "text": "" }));
    tab.evaluate(
        "{ const field = document.querySelector('[name=epochs]'); field.focus();
           const data = new DataTransfer(); data.setData('text/plain', '3');
           window.wasPrevented = !field.dispatchEvent(
               new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }",
    );
    assert_eq!(tab.evaluate("window.wasPrevented"), false);
    assert_eq!(tab.alerts(), [""; 0]);
}

/// For each network, a piece of its optimiser's kernel, and a replacement that makes the update wrong. Adam's first
/// moment and the velocity then grow twice as fast as they should.
const WRONG_UPDATES: [(&str, [&str; 2]); 2] = [
    ("cui2017", ["update[0] * (g - m)", "update[0] * (2.0 * g - m)"]),
    ("tenfold2026", ["velocity[id.x] + g;", "velocity[id.x] + 2.0 * g;"]),
];

/// A script that replaces `right` by `wrong` in every kernel before it is compiled.
fn wrong_kernel([right, wrong]: [&str; 2]) -> String {
    format!(
        "{{ const create = GPUDevice.prototype.createShaderModule;
        GPUDevice.prototype.createShaderModule = function (wish) {{
            return create.call(this, {{ ...wish, code: wish.code.replace('{right}', '{wrong}') }});
        }}; }}"
    )
}

/// A run of `network` that has begun with `script` in the worker; none without real images.
fn in_training(network: &str, script: &str) -> Option<Tab> {
    let tab = on_webgpu(&format!("network={network}&batch=4&epochs=1&images=1280"), script)?;
    tab.wait_for_step(2);
    assert_eq!(tab.alerts(), [""; 0]);
    Some(tab)
}

#[test]
fn a_gpu_that_trains_as_the_cpu_does_is_trusted_and_that_is_remembered() {
    for (network, wrong) in WRONG_UPDATES {
        let Some(tab) = in_training(network, "") else { return };
        assert_eq!(tab.attribute("data-device"), "webgpu", "{network}: {}", tab.text("header"));
        // A check of the kernels would find the fault now.
        tab.server().break_with(vec![boot_after(&wrong_kernel(wrong))]);
        tab.visit(&format!("?network={network}&batch=4&epochs=1&images=1280#learn"));
        tab.wait_until_ready();
        tab.wait_for_images();
        tab.click("[data-action=train]");
        tab.wait_for_step(2);
        assert_eq!(tab.attribute("data-device"), "webgpu", "{network} is checked once: {}", tab.text("header"));
    }
}

#[test]
fn a_gpu_that_answers_rightly_and_trains_wrongly_is_noticed_and_the_cpu_trains() {
    for (network, wrong) in WRONG_UPDATES {
        let Some(tab) = in_training(network, &wrong_kernel(wrong)) else { return };
        assert_eq!(tab.attribute("data-device"), "cpu", "{network}");
        let bar = tab.text("header");
        assert!(bar.contains("trains differently from the CPU"), "{network}: {bar:?}");
    }
}

#[test]
fn a_run_goes_on_in_a_hidden_tab_of_a_browser_that_slows_these_down() {
    // An epoch that does not end during the test.
    let query = "?device=cpu&network=cui2017&batch=16&epochs=20&images=10000";
    let Some(tab) = Tab::with_images(Kind::Throttled, query) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(20);
    tab.hide();
    let before: u64 = tab.attribute("data-step").parse().expect("a number of steps");
    // Only a few steps: the computer gives a hidden page the lowest priority.
    tab.wait_for_step(before + 20);
    assert_eq!(tab.alerts(), [""; 0]);
}
