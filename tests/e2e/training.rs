//! A run in the page: begun with two clicks, watched, paused, resumed, reloaded, exported, imported.

use crate::{
    browser::Kind,
    files,
    images::real_files,
    needs,
    tab::{DESK, PHONE, Tab},
};
use serde_json::json;
use std::{env, fs, path::PathBuf, process::Command, time::Instant};

/// Settings of a short run, without so much randomness that its learning would not show.
const SHORT: &str =
    "network=cui2017&batch=64&epochs=1&images=1280&conv-rate=0.005&dense-rate=0.0005&warm-up=0.2&dropout=0.3";

impl Tab {
    /// A tab that has visited `query` and shows "Learn". CIFAR-10's first batch and its test batch are in memory and on
    /// the device.
    pub fn with_images(kind: Kind, query: &str) -> Option<Self> {
        let around = real_files()?;
        let tab = Self::open(kind);
        tab.visit(query);
        tab.wait_until_ready();
        let batches = around.join("cifar-10-batches-bin");
        tab.drop_files(&[batches.join("data_batch_1.bin"), batches.join("test_batch.bin")]);
        tab.wait_for_images();
        tab.show("learn");
        Some(tab)
    }

    pub fn wait_for_phase(&self, phase: &str) {
        let seen = "document.documentElement.dataset.phase";
        self.wait_until(phase, &format!("['{phase}', 'failed'].includes({seen})"));
        assert_eq!(self.attribute("data-phase"), phase, "{}", self.describe());
    }

    pub fn wait_for_step(&self, step: u64) {
        self.wait_until(&format!("step {step}"), &format!("Number(document.documentElement.dataset.step) >= {step}"));
    }

    pub fn step(&self) -> u64 {
        self.attribute("data-step").parse().expect("a number of steps")
    }

    /// The training loss by step, from the table beside the chart.
    pub fn losses(&self) -> Vec<(u64, f64)> {
        // The rows exist only while the table is open.
        self.wait_until(
            "the table",
            "(() => { const table = document.querySelector('.chart details'); \
             if (!table.open) table.querySelector('summary').click(); return table.querySelector('tbody tr') })()",
        );
        let rows = "[...document.querySelector('.chart').querySelectorAll('tbody tr')].map(row => \
                    [...row.children].map(cell => cell.innerText))";
        let rows: Vec<Vec<String>> = serde_json::from_value(self.evaluate(rows)).expect("cells");
        let number = |cell: &String| cell.replace(',', "").parse::<f64>().ok();
        rows.iter().filter_map(|row| Some((number(row.first()?)? as u64, number(row.get(1)?)?))).collect()
    }

    /// The accuracy of the last test, in `0.0..=1.0`.
    fn test_accuracy(&self) -> f64 {
        self.wait_until("the test", "document.querySelector('.results .headline')");
        let percent = self.text(".results .headline");
        percent.trim_end_matches('%').parse::<f64>().expect("a percentage") / 100.0
    }

    /// Clicks the button that exports `format`, and returns the file.
    pub fn exported(&self, test: &str, format: &str) -> PathBuf {
        self.evaluate("document.querySelector('details:has(> .menu-items)').open = true");
        self.saved(test, &format!("[data-action=export][data-format={format}]"))
    }

    /// Clicks the `button`, and returns the file that the page then saves. The file's folder is named after the `test`.
    pub fn saved(&self, test: &str, button: &str) -> PathBuf {
        let folder = files::folder(test);
        let place = json!({
            "behavior": "allow", "downloadPath": folder.to_str(), "browserContextId": self.context,
            "eventsEnabled": false,
        });
        self.browser.call(None, "Browser.setDownloadBehavior", place).expect("the browser obeys");
        self.click(button);
        let deadline = Instant::now() + crate::browser::PATIENCE;
        loop {
            let done = fs::read_dir(&folder).expect("the folder").filter_map(Result::ok).map(|entry| entry.path());
            let done = done.filter(|path| path.extension().is_none_or(|extension| extension != "crdownload"));
            if let Some(path) = done.into_iter().next().filter(|path| path.metadata().is_ok_and(|file| file.len() > 0))
            {
                return path;
            }
            assert!(Instant::now() < deadline, "no file was saved");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

#[test]
fn two_clicks_fetch_and_train_and_the_main_thread_is_never_held_up() {
    let Some(around) = real_files() else { return };
    let tab = Tab::with_images_on_host(&around, Vec::new());
    tab.visit(&format!("?device=cpu&{SHORT}#learn"));
    tab.wait_until_ready();
    tab.click("[data-action=train]");
    tab.wait_until(
        "what it will fetch",
        "document.querySelector('[data-action=train]').innerText === 'Fetch and train'",
    );
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_step(2);
    // The browser itself reports tasks above 50 ms.
    tab.evaluate(
        "window.longTasks = []; new PerformanceObserver(list => longTasks.push(...list.getEntries().map(task => \
         task.duration))).observe({ type: 'longtask' })",
    );
    tab.drop_files(&[files::write(&files::folder("two-clicks"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.wait_for_step(12);
    assert_eq!(tab.evaluate("longTasks"), json!([]));
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_run_on_the_cpu_learns_to_a_stated_accuracy_on_test_images() {
    let settings =
        "network=cui2017&batch=128&epochs=1&images=10000&conv-rate=0.005&dense-rate=0.0005&warm-up=0.1&dropout=0.3";
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?device=cpu&{settings}")) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_phase("ready");
    let accuracy = tab.test_accuracy();
    eprintln!("{accuracy:.4} of the test images after 78 steps");
    assert!(accuracy > 0.35, "{accuracy}");
    // Each cell of the confusion matrix opens the images behind it.
    tab.evaluate("document.querySelector('.matrix td button').click()");
    tab.wait_until("the images behind it", "document.querySelector('.behind .pixels[style]')");
    for (name, size) in [("results", DESK), ("results-phone", PHONE)] {
        tab.resize(size);
        tab.keep_screenshot(name);
    }
}

#[test]
fn twenty_steps_on_webgpu_lower_the_loss() {
    let settings = "network=cui2017&device=webgpu&batch=64&epochs=1&images=1280&conv-rate=0.001&dense-rate=0.0001&warm-up=1&dropout=0";
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{settings}")) else { return };
    assert_eq!(tab.attribute("data-device"), "webgpu");
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_step(20);
    let losses = tab.losses();
    eprintln!("{losses:?}");
    // Single batches differ, so several are compared.
    let mean = |points: &[(u64, f64)]| points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
    let (first, last) = (mean(&losses[..3]), mean(&losses[losses.len() - 4..]));
    assert!(last < first - 0.1, "{losses:?}");
    assert_eq!(tab.attribute("data-device"), "webgpu");
    tab.click("[data-action=stop]");
}

#[test]
fn a_run_is_paused_resumed_reloaded_and_resumed() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?device=cpu&{SHORT}")) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(3);
    tab.click("[data-action=pause]");
    tab.wait_for_phase("paused");
    let paused_at = tab.step();
    assert!(tab.text("[data-action=resume]").contains(&format!("step {paused_at}")));
    tab.click("[data-action=test]");
    tab.test_accuracy();
    assert!(tab.text(".results").contains(&format!("by Cui 2017 after step {paused_at}.")), "{}", tab.describe());
    tab.click("[data-action=resume]");
    tab.wait_for_step(paused_at + 2);
    tab.click("[data-action=pause]");
    tab.wait_for_phase("paused");
    let kept_at = tab.step();

    tab.visit(&format!("?device=cpu&{SHORT}#learn"));
    tab.wait_until_ready();
    tab.wait_until("the offer", "document.querySelector('[data-action=resume]')");
    assert!(tab.text("[data-action=resume]").contains(&format!("step {kept_at}")), "{}", tab.describe());
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
    tab.wait_for_phase("ready");
    assert_eq!(tab.step(), 20);
    assert!(tab.losses().first().is_some_and(|point| point.0 == 1), "the curve from before is there");
}

#[test]
fn the_screen_stays_on_while_a_run_goes_on_and_no_longer() {
    let query = format!("?device=cpu&{SHORT}");
    let Some(tab) = Tab::with_images(Kind::WebGpu, &query) else { return };
    tab.prepare(
        "window.locks = [];
        const request = async kind => {
            const lock = { kind, isReleased: false, async release() { this.isReleased = true; } };
            window.locks.push(lock);
            return lock;
        };
        Object.defineProperty(navigator, 'wakeLock', { value: { request } });",
    );
    tab.visit(&format!("{query}#learn"));
    tab.wait_until_ready();
    tab.wait_for_images();
    assert_eq!(tab.evaluate("locks.length"), 0, "nothing goes on yet");
    tab.click("[data-action=train]");
    tab.wait_until("a lock on the screen", "locks.length === 1 && locks[0].kind === 'screen' && !locks[0].isReleased");
    // The browser takes the lock back from a hidden page. This event is the only sign of it.
    tab.evaluate("{ document.dispatchEvent(new Event('visibilitychange')); }");
    tab.wait_until("another one", "locks.length === 2");
    tab.click("[data-action=pause]");
    tab.wait_until("its release", "locks[1].isReleased");
    assert_eq!(tab.evaluate("locks.length"), 2);
}

#[test]
fn the_modern_network_learns_in_the_page_and_goes_on_after_a_reload() {
    let query =
        "?device=cpu&network=tenfold2026&batch=32&epochs=1&images=640&conv-rate=0.03&dense-rate=0.0004&warm-up=0.2";
    let Some(tab) = Tab::with_images(Kind::WebGpu, query) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(8);
    tab.click("[data-action=pause]");
    tab.wait_for_phase("paused");
    let kept_at = tab.step();
    // The run brings its own network in place of the one in the address.
    tab.visit("?device=cpu&network=cui2017#learn");
    tab.wait_until_ready();
    tab.wait_until("the offer", "document.querySelector('[data-action=resume]')");
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
    assert_eq!(tab.attribute("data-network"), "tenfold2026");
    tab.wait_for_step((kept_at + 4).min(20));
    let losses = tab.losses();
    eprintln!("{losses:?}");
    let last = losses.last().expect("a curve");
    assert!(losses[0].0 == 1 && last.0 > kept_at, "the curve goes on: {losses:?}");
    assert!(last.1 < losses[0].1, "{losses:?}");
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
    assert!(tab.text(".network").contains("Trained here"), "{}", tab.text(".network"));
    assert_eq!(tab.alerts(), [""; 0]);
}

#[test]
fn a_dropped_pictures_prediction_moves_while_the_network_learns() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?device=cpu&{SHORT}")) else { return };
    tab.drop_files(&[files::write(&files::folder("moves"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    let probability = "document.querySelector('[data-class=cat]').dataset.probability";
    let before = tab.evaluate(probability);
    tab.click("[data-action=train]");
    tab.wait_until("another probability", &format!("{probability} !== {before}"));
    let during = tab.evaluate(probability);
    tab.wait_until("yet another", &format!("{probability} !== {during}"));
    for (name, size) in [("training", DESK), ("training-phone", PHONE)] {
        tab.resize(size);
        tab.keep_screenshot(name);
    }
}

#[test]
fn exported_weights_open_in_python_and_come_back_and_damaged_ones_change_nothing() {
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?device=cpu&{SHORT}")) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(2);
    tab.click("[data-action=stop]");
    tab.wait_for_phase("ready");
    let weights = tab.exported("export-weights", "weights");
    let run = tab.exported("export-run", "run");

    match env::var_os("TENFOLD_PYTHON") {
        Some(python) => {
            let script = "import sys; from safetensors.numpy import load_file; w = load_file(sys.argv[1]); \
                          assert w['conv.weight'].shape == (18, 3, 4, 4) and w['hidden.weight'].shape == (18432, 384); \
                          assert w['output.weight'].shape == (384, 10) and w['hidden.bias'].dtype == 'float32'; \
                          assert all(abs(v).sum() < 1e9 for v in w.values()); print(len(w))";
            let output = Command::new(python).args(["-c", script]).arg(&weights).output().expect("python starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "6");
        }
        None => needs::skip("TENFOLD_PYTHON names no Python with safetensors and numpy"),
    }

    let other = Tab::network_of(tab);
    let folder = files::folder("import");
    let whole = fs::read(&weights).expect("the exported file");
    other.drop_files(&[files::write(&folder, "cut.safetensors", &whole[..whole.len() / 2])]);
    let sentence = other.only_alert();
    assert!(sentence.contains("cut.safetensors was not imported"), "{sentence:?}");
    assert!(other.text(".network").contains("test accuracy"), "{}", other.text(".network"));
    other.click("[data-action=dismiss]");
    other.drop_files(&[&weights]);
    other.wait_until("the import", "document.querySelector('.network').innerText.includes('Imported')");
    // The file holds the network that was not shown.
    assert_eq!(other.attribute("data-network"), "cui2017");
    other.drop_files(&[&run]);
    other.show("learn");
    other.wait_until("the offer", "document.querySelector('[data-action=resume]')");
}

impl Tab {
    /// A fresh visit in place of `tab`, with its own storage.
    fn network_of(tab: Self) -> Self {
        drop(tab);
        Self::ready_on_cpu()
    }
}

#[test]
fn a_lost_gpu_is_told_and_the_cpu_goes_on_by_itself_from_the_checkpoint() {
    let settings = "network=cui2017&device=webgpu&batch=16&epochs=2&images=64&warm-up=0";
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{settings}")) else { return };
    assert_eq!(tab.attribute("data-device"), "webgpu");
    tab.click("[data-action=train]");
    // The run is kept after its first epoch of four steps.
    tab.wait_for_step(5);
    tab.lose_the_gpu();
    let sentence = tab.only_alert();
    assert!(sentence.contains("GPU was lost") && sentence.contains("up to step 4"), "{sentence:?}");
    tab.wait_until("the CPU", "document.documentElement.dataset.device === 'cpu'");
    tab.wait_for_phase("training");
    tab.wait_for_step(6);
    assert!(tab.only_alert().contains("GPU was lost"), "the sentence stays until it is dismissed");
}

#[test]
fn a_worker_that_dies_during_a_run_is_told_and_the_run_goes_on_from_its_checkpoint() {
    let settings = "network=cui2017&device=cpu&batch=16&epochs=20&images=64&warm-up=0";
    let Some(tab) = Tab::with_images(Kind::WebGpu, &format!("?{settings}")) else { return };
    tab.click("[data-action=train]");
    // The run is kept after its first epoch of four steps.
    tab.wait_until("a checkpoint", "document.body.innerText.includes('up to step')");
    tab.evaluate_in_worker("setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); })");
    tab.wait_for_phase("failed");
    tab.wait_until("a sentence", "document.querySelector('[role=alert]').innerText.includes('kept on this device')");
    tab.click("[data-action=retry]");
    tab.wait_until("the offer", "document.querySelector('[data-action=resume]')");
    tab.click("[data-action=resume]");
    tab.wait_for_phase("training");
}

#[test]
fn the_experiment_measures_three_setups_beside_the_articles_figures() {
    let tab = Tab::open(Kind::WebGpu);
    tab.visit("?device=webgpu#about");
    tab.wait_until_ready();
    tab.click("[data-action=race]");
    let measured = "[...document.querySelectorAll('[data-setup]')].filter(bar => Number(bar.dataset.seconds) > 0)";
    tab.wait_until("three measurements", &format!("{measured}.length === 3"));
    let seconds = tab.evaluate(&format!("{measured}.map(bar => [bar.dataset.setup, Number(bar.dataset.seconds)])"));
    eprintln!("four epochs: {seconds}");
    tab.keep_screenshot("race");
}
