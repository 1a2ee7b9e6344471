//! Exported networks answer in other frameworks as they do here: the code for Keras and PyTorch, and the ONNX file.

#[path = "common/needs.rs"]
#[expect(dead_code, reason = "no real images are needed here")]
mod needs;

use burn::tensor::Device;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{convert::Infallible, env, fs, path::Path, process::Command};
use tenfold::{
    checkpoint::{export_onnx, export_weights},
    data::{IMAGE_LEN, Normalisation, Seen},
    infer::Classifier,
    model::{Network, named_parameters, tensors::read},
    spec::{NetworkName, Spec},
    takeaway::{keras, pytorch},
};

const NORMALISATION: Normalisation = Normalisation { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };

/// The largest difference of a logit.
const TOLERANCE: f64 = 1e-4;

/// Networks with each kind of layer. Some have windows that reach over the border equally on both sides, others do not.
fn networks() -> Vec<(String, Spec)> {
    let lines = [
        ("odd", "conv8k5s2vl-avg3s2p-norml-conv12k4s3nt-max3s2p-drop30-flat-dense16g-dense10"),
        ("even", "conv6k2s2g-avg2s1p-normt-actl-max2s1p-conv10k3-gmax-dense12t-drop-dense10"),
        ("all_convolutions", "conv16k3rh-conv16k3s2rh-norm-conv10k1-gavg"),
        ("residual", "conv8k3-norm-conv8k3r-conv8k3-add2-actr-max2-conv8k1n-norm-add2-gavg-dense8t-add1-dense10"),
        ("scaled", "conv8k3n-normsr-max4-conv6k3nt-norms-gavg-dense12-normsl-drop-dense10"),
        ("pixels_in_a_row", "max4-flat-dense24rh-dense10"),
    ];
    let lines = lines.map(|(name, line)| (name.to_owned(), line.parse().expect("layers")));
    let shipped = NetworkName::ALL.map(|name| (name.id().to_owned(), Spec::shipped(name)));
    lines.into_iter().chain(shipped).collect()
}

/// The network of `spec`, with values for which errors would show.
fn network(spec: &Spec) -> Network {
    let device = Device::flex();
    let fresh = Network::fresh(spec, 7, &device).expect("it can be");
    let tensors = named_parameters(&fresh);
    let data =
        pollster::block_on(read(tensors.iter().map(|tensor| tensor.values.clone()))).expect("the CPU does not fail");
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let network = Network::load(spec, &device, |name, shape| {
        let count = shape.iter().product::<usize>();
        let at = tensors.iter().position(|tensor| tensor.name == name).expect("the same network");
        let values: Vec<f32> = match name.rsplit('.').next() {
            Some("weight") => data[at].as_slice::<f32>().expect("f32").to_vec(),
            // Means, then variances.
            Some("statistics") => {
                let middle = |at: usize| if at < count / 2 { 0.0 } else { 1.0 };
                (0..count).map(|at| middle(at) + random.random_range(-0.4..0.4)).collect()
            }
            _ => (0..count).map(|_| random.random_range(-0.4..0.4)).collect(),
        };
        Ok::<_, Infallible>(values)
    });
    network.unwrap_or_else(|never| match never {})
}

/// A call of `python` in which Keras computes with JAX on the CPU.
fn python_on_jax(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.envs([("KERAS_BACKEND", "jax"), ("JAX_PLATFORMS", "cpu")]);
    command
}

/// Whether `python` has all of `modules`.
fn has(python: &Path, modules: &str) -> bool {
    let import = format!("import {modules}");
    python_on_jax(python).args(["-c", &import]).output().is_ok_and(|output| output.status.success())
}

#[test]
fn keras_pytorch_and_onnx_runtime_answer_as_tenfold_does() {
    let Some(python) = env::var_os("TENFOLD_PYTHON") else {
        return needs::skip("TENFOLD_PYTHON names no Python with keras, jax and onnxruntime");
    };
    let python = Path::new(&python);
    let mut frameworks = Vec::new();
    for (name, modules) in [("keras", "numpy, PIL, safetensors, jax, keras"), ("onnx", "numpy, onnxruntime")] {
        if has(python, modules) {
            frameworks.push(name);
        } else {
            needs::skip(&format!("the Python that TENFOLD_PYTHON names lacks one of {modules}"));
        }
    }
    // PyTorch takes hundreds of megabytes, so few have it. It is asked if it is there.
    if has(python, "numpy, PIL, safetensors, torch") {
        frameworks.push("pytorch");
    }
    if frameworks.is_empty() {
        return;
    }
    let folder = env::temp_dir().join(format!("tenfold-takeaway-{}", std::process::id()));
    let pictures: Vec<Seen> = (1..4).map(|picture| std::array::from_fn(|at| (at * at * picture % 251) as u8)).collect();
    let networks = networks();
    for (name, spec) in &networks {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).expect("a temporary folder");
        let write = |file: &str, bytes: &[u8]| fs::write(folder.join(file), bytes).expect("a temporary file");
        let network = network(spec);
        write("keras.py", keras::code(spec, 0.4).expect("it can be").as_bytes());
        write("pytorch.py", pytorch::code(spec, 0.4).expect("it can be").as_bytes());
        let weights = pollster::block_on(export_weights(&network, &NORMALISATION)).expect("the CPU does not fail");
        write("weights.safetensors", &weights);
        let onnx = pollster::block_on(export_onnx(&network, &NORMALISATION)).expect("the CPU does not fail");
        write("network.onnx", &onnx);
        write("pixels.bin", &pictures.concat());
        assert_eq!(pictures[0].len(), IMAGE_LEN);
        let classifier = Classifier::new(network, NORMALISATION);
        let logits = pollster::block_on(classifier.logits(&pictures)).expect("the CPU does not fail");
        write("logits.json", &serde_json::to_vec(&logits).expect("numbers"));
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/takeaway/compare.py");
    let output = python_on_jax(python).arg(script).arg(&folder).args(&frameworks).output().expect("python starts");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "see {}: {said}\n{errors}", folder.display());
    let mut compared = 0;
    for line in said.lines() {
        let difference: f64 = line.rsplit(' ').next().and_then(|word| word.parse().ok()).expect("a number stands last");
        assert!(difference < TOLERANCE, "see {}: {line}", folder.display());
        compared += 1;
    }
    assert_eq!(compared, networks.len() * frameworks.len());
    fs::remove_dir_all(folder).expect("a temporary folder");
}
