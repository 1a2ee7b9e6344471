//! In a real browser: the time of each kernel on WebGPU, for `cargo xtask profile`.
#![cfg(target_family = "wasm")]

use burn::tensor::Device;
use std::{collections::BTreeMap, fmt::Write};
use tenfold::{
    device,
    domain::{DeviceChoice, NetworkName},
    model::{
        Network, profile,
        tensors::{read_one, upload},
    },
    platform::{clock::now_ms, constructors, gpu},
    train::{Run, batches::Batch, read_loss},
};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The networks, each with the number of images in a training step and in the larger prediction. `cui2017` has the
/// article's number, the slower network has fewer.
const BATCHES: [(NetworkName, usize); 2] = [(NetworkName::Cui2017, 128), (NetworkName::Tenfold2026, 16)];

fn pixels(count: usize) -> Vec<f32> {
    (0..count * 3072).map(|i| ((i * 7919) % 1013) as f32 / 506.0 - 1.0).collect()
}

/// Runs `work` twice untimed, since kernels are compiled then; once with wall-clock time; and once with each kernel's
/// time. Prints a table.
async fn table(title: &str, mut work: impl AsyncFnMut()) {
    work().await;
    work().await;
    let began_ms = now_ms();
    work().await;
    let wall_ms = now_ms() - began_ms;
    profile::begin();
    work().await;
    let times = profile::end().await;
    assert!(!times.is_empty() && times.iter().all(|(_, ms)| ms.is_finite()), "the device tells times: {times:?}");

    let mut kernels = BTreeMap::<String, (u32, f64)>::new();
    for (name, ms) in times {
        let (count, total) = kernels.entry(name).or_default();
        *count += 1;
        *total += ms;
    }
    let mut rows: Vec<_> = kernels.into_iter().collect();
    rows.sort_by(|a, b| b.1.1.total_cmp(&a.1.1));
    let sum: f64 = rows.iter().map(|(_, (_, ms))| ms).sum();
    let mut text = format!("\n{title}: {wall_ms:.1} ms by the clock, {sum:.1} ms in kernels\n");
    for (name, (count, ms)) in rows {
        writeln!(text, "{ms:>9.2} ms {:>5.1}% {count:>4}x  {name}", 100.0 * ms / sum).expect("writes to a string");
    }
    console_log!("{text}");
}

#[wasm_bindgen_test]
async fn every_kernel_takes_this_long() {
    constructors::run_once();
    let opened = device::open(DeviceChoice::WebGpu, gpu::adapter().await.map_err(|error| error.to_string()))
        .await
        .expect("the browser has WebGPU");
    for (name, count) in BATCHES {
        profile_network(name, count, &opened.device).await;
    }
}

async fn profile_network(name: NetworkName, count: usize, device: &Device) {
    let network = Network::init(name, 1, device);
    for images in [1, count] {
        let values = upload(pixels(images), [images, 3, 32, 32], device);
        let title = format!("{}, {images} images", name.id());
        table(&title, async || drop(read_one(network.forward(values.clone())).await.expect("readable"))).await;
    }
    let mut run = Run::new(name.settings(), device);
    table(&format!("{}, training step of {count} images", name.id()), async || {
        let targets = (0..count * 10).map(|i| f32::from(u8::from(i / 10 % 10 == i % 10))).collect();
        run.advance(Batch { images: pixels(count), targets, len: count }, 391);
        read_loss(&mut run).await.expect("the loss is finite");
    })
    .await;
}
