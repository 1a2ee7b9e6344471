//! Memory does not grow while a network trains, neither the worker's nor the GPU's.

use crate::tab::Tab;

/// The largest growth of memory, as a factor.
const GROWTH: f64 = 1.05;

/// Steps per request. So few steps end long before the browser's answer is waited for in vain.
const AT_ONCE: u32 = 10;

/// Trains `steps` steps of `batch` images, where `steps` is a multiple of ten. Returns the bytes in use then: the
/// worker's and the GPU's.
fn bytes_after(tab: &Tab, batch: u32, steps: u32) -> [f64; 2] {
    let call = format!("window.benchmark({{ batch: {batch}, steps: {AT_ONCE} }})");
    let mut taken = None;
    for _ in 0..steps / AT_ONCE {
        taken = Some(tab.evaluate(&format!("{call}.then(timed => [timed.wasmBytes, timed.gpuBytes])")));
    }
    serde_json::from_value(taken.expect("at least ten steps")).expect("two numbers of bytes")
}

/// Compares the memory after the first steps and after the last, on each device with its batch size.
fn compare(first: u32, last: u32, batches: [(&str, u32); 2]) {
    for (device, batch) in batches {
        let tab = Tab::for_timing(device, "");
        let before = bytes_after(&tab, batch, first);
        let after = bytes_after(&tab, batch, last - first);
        println!(
            "{device}, batches of {batch}: {:.1} MB of wasm and {:.1} MB of the GPU after {first} steps, {:.1} MB and \
             {:.1} MB after {last}",
            before[0] / 1e6,
            before[1] / 1e6,
            after[0] / 1e6,
            after[1] / 1e6
        );
        assert!(before[0] > 0.0);
        assert_eq!(before[1] > 0.0, device == "webgpu");
        for (before, after) in before.into_iter().zip(after) {
            assert!(after <= before * GROWTH, "{device}: {before} bytes became {after}");
        }
    }
}

#[test]
fn training_takes_no_more_memory_after_fifty_steps_than_after_ten() {
    compare(10, 50, [("webgpu", 8), ("cpu", 32)]);
}

#[test]
#[ignore = "takes ten minutes: `cargo xtask memory` runs it"]
fn training_takes_no_more_memory_after_a_thousand_steps_than_after_a_hundred() {
    compare(100, 1_000, [("webgpu", 16), ("cpu", 128)]);
}
