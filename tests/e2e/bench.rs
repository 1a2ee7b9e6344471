//! Times the worker's calls for `cargo xtask bench`, and prints a table beside the results of an earlier run.

use crate::{browser::Kind, tab::Tab};
use serde_json::{Value, json};
use std::{collections::BTreeMap, env, fs, path::PathBuf};

/// The calls that are timed: a name, and a call that gives milliseconds.
const ROWS: [(&str, &str); 3] = [
    ("training step, 128 images", "benchmark({ batch: 128, steps: STEPS })"),
    ("one image", "benchmarkInference({ batch: 1, reps: 20 })"),
    ("128 images", "benchmarkInference({ batch: 128, reps: 5 })"),
];

/// The losses of three steps of `checkLosses`: one before each step, and one after the last.
const REFERENCE_LOSSES: usize = 4;

impl Tab {
    /// A tab with the functions that time a network on `device`. `more` is added to the address and can name the
    /// network.
    pub fn for_timing(device: &str, more: &str) -> Self {
        let tab = Self::open(Kind::WebGpu);
        let query = format!("?benchmark&device={device}{more}");
        tab.call("Page.navigate", json!({ "url": format!("{}{query}", tab.server().address()) }));
        tab.wait_until("what times", "window.benchmark || window.__error");
        assert_eq!(tab.evaluate("window.__error ?? null"), Value::Null);
        tab
    }

    fn median_ms(&self, call: &str) -> f64 {
        let milliseconds = self.evaluate(&format!("window.{call}.then(timed => timed.ms)"));
        let mut milliseconds: Vec<f64> = serde_json::from_value(milliseconds).expect("numbers");
        milliseconds.sort_by(f64::total_cmp);
        milliseconds[milliseconds.len() / 2]
    }
}

#[test]
fn the_page_that_is_timed_computes_the_same_losses_on_both_devices() {
    let losses = ["webgpu", "cpu"].map(|device| {
        let tab = Tab::for_timing(device, "");
        let name = tab.evaluate("window.peerInfo().then(info => info.device)");
        assert_eq!(name.as_str().is_some_and(|name| name.starts_with("WebGPU")), device == "webgpu", "{name}");
        let first = tab.evaluate("window.firstPrediction");
        assert!(first.as_f64().is_some_and(|ms| ms > 0.0), "{first}");
        let losses = tab.evaluate("window.checkLosses({ batch: 8, n: 3 }).then(checked => checked.losses)");
        serde_json::from_value::<Vec<f64>>(losses).expect("losses")
    });
    assert_eq!(losses[0].len(), REFERENCE_LOSSES);
    for (gpu, cpu) in losses[0].iter().zip(&losses[1]) {
        assert!((gpu - cpu).abs() < 1e-3, "{losses:?}");
    }
}

#[test]
fn the_address_chooses_the_network_that_is_timed_and_its_momentum() {
    let tab = Tab::for_timing("cpu", "&network=tenfold2026&momentum=0.85");
    let numbers =
        |call: &str| -> Vec<f64> { serde_json::from_value(tab.evaluate(&format!("window.{call}"))).expect("numbers") };
    // The reference losses are NumPy's in float64, on the same weights and images. With a momentum of 0.9 the last one
    // would be 1.193.
    let losses = numbers("checkLosses({ batch: 8, n: 2 }).then(checked => checked.losses)");
    let reference = [4.5137974, 1.8041461, 1.1839570];
    assert_eq!(losses.len(), reference.len());
    assert!(losses.iter().zip(reference).all(|(ours, numpys)| (ours / numpys - 1.0).abs() < 1e-3), "{losses:?}");
    let logits = numbers("checkLogits({ batch: 2 }).then(checked => checked.logits)");
    assert_eq!(logits.len(), 20);
    let [first, last] = [logits[0], logits[19]];
    assert!((first - 6.8420699).abs() < 1e-3 && (last - 8.2563169).abs() < 1e-3, "{first}, {last}");
    assert_eq!(numbers("benchmarkInference({ batch: 1, reps: 2 }).then(timed => timed.ms)").len(), 2);
}

#[test]
#[ignore = "takes minutes, and prints instead of judging: `cargo xtask bench` runs it"]
fn bench() {
    let mut measured = BTreeMap::new();
    for device in ["webgpu", "cpu"] {
        let tab = Tab::for_timing(device, "");
        for (row, call) in ROWS {
            let warm_up = call.replace("STEPS", "2").replace("reps: 20", "reps: 3").replace("reps: 5", "reps: 2");
            tab.median_ms(&warm_up);
            measured.insert(format!("{device}, {row}"), tab.median_ms(&call.replace("STEPS", "7")));
        }
    }
    let baseline = env::var_os("TENFOLD_BASELINE").map(PathBuf::from);
    let before: BTreeMap<String, f64> =
        baseline.as_ref().and_then(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).unwrap_or_default();
    println!("\n{:<36}{:>10}{:>10}", "median", "ms", "ratio");
    for (row, ms) in &measured {
        let ratio = before.get(row).map_or_else(|| "-".to_owned(), |before| format!("{:.2}", ms / before));
        println!("{row:<36}{ms:>10.1}{ratio:>10}");
    }
    if let Some(path) = baseline.filter(|_| env::var_os("TENFOLD_SAVE").is_some()) {
        fs::write(&path, json!(measured).to_string()).expect("a baseline to compare with later");
        println!("\nKept in {} as what later runs are compared with.", path.display());
    }
}
