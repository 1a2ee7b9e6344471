//! The shipped networks stay as they are: their tensors, sizes, costs, answers, and how they learn.
//!
//! Another machine adds in another order, so answers and losses are compared within a tolerance. `--nocapture` prints a
//! digest of their bits, which is the same on every run on one machine.

use burn::tensor::Device;
use sha2::{Digest, Sha256};
use std::{fmt::Write, fs, path::Path};
use tenfold::{
    checkpoint::{WEIGHTS_FILE, read_weights},
    domain::{NetworkName, Settings},
    model::{
        Network, named_parameters,
        tensors::{read_one, upload},
    },
    train::{Run, batches::Batch, read_loss},
};

/// Relative to the largest value.
const TOLERANCE: f32 = 1e-4;

/// Images in a step, and in an answer.
const BATCH: usize = 16;

/// Normalised pixels around 0, the same in each call.
fn pixels(count: usize) -> Vec<f32> {
    (0..count * 3072).map(|at| (at as f32 * 0.71).sin() + (at as f32 * 0.013).cos()).collect()
}

/// The first 8 bytes of the SHA-256 of these values' bits.
fn digest<'a>(values: impl IntoIterator<Item = &'a f32>) -> String {
    let bytes: Vec<u8> = values.into_iter().flat_map(|value| value.to_le_bytes()).collect();
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name and shape of each tensor, and whether training keeps it unchanged; and a digest of all values.
fn tensors(network: &Network) -> (String, String) {
    let (mut lines, mut values) = (String::new(), Vec::new());
    for tensor in named_parameters(network) {
        let kept = if tensor.is_trained { "" } else { ", kept" };
        writeln!(lines, "{} {:?}{kept}", tensor.name, tensor.shape).expect("writes to a string");
        values.extend(pollster::block_on(read_one(tensor.values)).expect("the CPU does not fail"));
    }
    (lines, digest(&values))
}

/// The output shape, trained parameters and multiply-adds of each layer, as the page lists them.
fn layers(network: &Network) -> String {
    let mut lines = String::new();
    for layer in network.layers() {
        let (name, output) = (layer.name, layer.output);
        writeln!(lines, "{name} {output:?} {} {}", layer.parameters, layer.multiply_adds).expect("writes to a string");
    }
    lines
}

/// The logits of the shipped network for two images, without and with preparation.
fn answers(name: NetworkName) -> Vec<f32> {
    let device = Device::flex();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/weights").join(name.id()).join(WEIGHTS_FILE);
    let network = read_weights(&fs::read(file).expect("a shipped file"), name, &device).expect("shipped weights");
    let images = || upload(pixels(2), [2, 3, 32, 32], &device);
    let prepared = network.prepared_for_answers(2).expect("both networks prepare on the CPU");
    let logits = [network.forward(images()), network.answer(images(), Some(&prepared))];
    logits.map(|logits| pollster::block_on(read_one(logits)).expect("the CPU does not fail")).concat()
}

/// The losses of the first steps of a run with the network's own settings.
fn losses(name: NetworkName) -> Vec<f32> {
    let settings = Settings { batch_size: BATCH, ..name.settings() };
    let mut run = Run::new(settings, &Device::flex());
    let mut targets = vec![0.0; BATCH * 10];
    for image in 0..BATCH {
        targets[image * 10 + image % 10] = 1.0;
    }
    let step = |_| {
        run.advance(Batch { images: pixels(BATCH), targets: targets.clone(), len: BATCH }, 10);
        pollster::block_on(read_loss(&mut run)).expect("the loss stays finite").loss
    };
    (0..5).map(step).collect()
}

fn assert_close(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    for (got_one, want_one) in got.iter().zip(want) {
        assert!((got_one - want_one).abs() <= TOLERANCE * scale, "{what}: {got:?} in place of {want:?}");
    }
}

#[test]
fn the_articles_network_is_what_it_was() {
    let network = Network::init(NetworkName::Cui2017, 2017, &Device::flex());
    let (tensors, fresh) = tensors(&network);
    assert_eq!(
        tensors,
        "\
conv.weight [18, 3, 4, 4]
conv.bias [18]
hidden.weight [18432, 384]
hidden.bias [384]
output.weight [384, 10]
output.bias [10]
"
    );
    assert_eq!(fresh, "d45ba668aa28c3b6", "fresh weights, on every machine");
    assert_eq!(
        layers(&network),
        "\
Convolution 4×4, ReLU [18, 32, 32] 882 884736
Max pool 8×8 [18, 32, 32] 0 0
Dense, ReLU [384] 7078272 7077888
Dense [10] 3850 3840
"
    );
    assert_eq!(network.parameter_count(), 7_083_004);
    let want = [
        1.935014,
        0.33995217,
        2.8745844,
        2.0185096,
        2.0211756,
        1.2861027,
        1.8417473,
        -0.17894337,
        -0.6731429,
        -1.6932784,
        1.3602468,
        -0.71904016,
        2.0545547,
        1.75343,
        0.89897275,
        1.822664,
        1.3020546,
        0.94458467,
        -0.43215966,
        -0.7581776,
    ];
    let got = answers(NetworkName::Cui2017);
    println!("logits {}", digest(&got));
    assert_close("logits", &got, &[want, want].concat());
    let got = losses(NetworkName::Cui2017);
    println!("losses {}", digest(&got));
    assert_close("losses", &got, &[4.536786, 3.3705451, 3.9351432, 3.3975697, 3.3010657]);
}

#[test]
fn the_modern_network_is_what_it_was() {
    let network = Network::init(NetworkName::Tenfold2026, 2017, &Device::flex());
    let (tensors, fresh) = tensors(&network);
    assert_eq!(
        tensors,
        "\
whiten.weight [2, 2, 3, 24], kept
whiten.shift [24]
conv1.weight [3, 3, 24, 128]
conv1.shift [128]
conv1.statistics [2, 128], kept
conv2.weight [3, 3, 128, 128]
conv2.shift [128]
conv2.statistics [2, 128], kept
conv3.weight [3, 3, 128, 256]
conv3.shift [256]
conv3.statistics [2, 256], kept
conv4.weight [3, 3, 256, 256]
conv4.shift [256]
conv4.statistics [2, 256], kept
conv5.weight [3, 3, 256, 288]
conv5.shift [288]
conv5.statistics [2, 288], kept
conv6.weight [3, 3, 288, 288]
conv6.shift [288]
conv6.statistics [2, 288], kept
output.weight [288, 10]
output.bias [10]
"
    );
    assert_eq!(fresh, "0e04793c980a3ef0", "fresh weights, on every machine");
    assert_eq!(
        layers(&network),
        "\
Whitening 2×2, fixed; GELU [24, 31, 31] 24 276768
Convolution 3×3, max pool 2×2, GELU [128, 15, 15] 27776 26569728
Convolution 3×3, GELU [128, 15, 15] 147584 33177600
Convolution 3×3, max pool 2×2, GELU [256, 7, 7] 295168 66355200
Convolution 3×3, GELU [256, 7, 7] 590080 28901376
Convolution 3×3, max pool 2×2, GELU [288, 3, 3] 663840 32514048
Convolution 3×3, GELU [288, 3, 3] 746784 6718464
Maximum over all pixels [288] 0 0
Dense [10] 2890 2880
"
    );
    assert_eq!(network.parameter_count(), 2_474_146);
    let want = [
        0.019710474,
        0.772408,
        0.07695445,
        -0.17174649,
        0.32670766,
        -0.65589553,
        0.37948987,
        -0.60120845,
        -0.36627653,
        0.2198952,
        0.26550698,
        0.64432293,
        0.42961338,
        -0.2739791,
        0.39801183,
        -0.77533126,
        0.4613277,
        -0.776307,
        -0.52333367,
        0.15020199,
    ];
    let got = answers(NetworkName::Tenfold2026);
    println!("logits {}", digest(&got));
    assert_close("logits", &got, &[want, want].concat());
    let got = losses(NetworkName::Tenfold2026);
    println!("losses {}", digest(&got));
    assert_close("losses", &got, &[2.273858, 2.1236255, 2.0023792, 1.8925275, 1.7235302]);
}
