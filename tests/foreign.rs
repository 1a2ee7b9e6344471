//! Weights that PyTorch and Keras wrote answer here as they do there: `tests/fixtures/foreign` has the files and the answers.

use burn::tensor::Device;
use safetensors::{SafeTensors, tensor::TensorView};
use std::{fs, path::PathBuf};
use tenfold::{
    checkpoint::{
        Fit,
        foreign::Layout,
        weights::{is_foreign, read_weights},
    },
    data::{Normalisation, Seen},
    domain::NetworkName,
    infer::Classifier,
    spec::Spec,
};

const NORMALISATION: Normalisation = Normalisation { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };

/// The network that both files are of.
const LAYERS: &str = "conv4k5s4-max2-normsr-conv6k3r-flat-drop-dense12t-dense10";

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fit(framework: &str, layers: &str) -> Result<Fit, String> {
    let spec: Spec = layers.parse().expect("layers");
    Fit::of(&fixture(&format!("{framework}.safetensors")), &spec).map_err(|error| error.to_string())
}

#[test]
fn a_network_with_weights_of_pytorch_or_keras_answers_as_these_do() {
    for (framework, layout) in [("pytorch", Layout::PyTorch), ("keras", Layout::Keras)] {
        let fit = fit(framework, LAYERS).expect("they are of this network");
        assert_eq!(fit.layout, layout);
        let pictures: [Seen; 2] = [1, 2].map(|picture| std::array::from_fn(|at| (at * at * picture % 251) as u8));
        let classifier = Classifier::new(fit.network(&Device::flex()), NORMALISATION);
        let logits = pollster::block_on(classifier.logits(&pictures)).expect("the CPU does not fail");
        let expected: Vec<[f32; 10]> =
            serde_json::from_slice(&fixture(&format!("{framework}.json"))).expect("ten logits a picture");
        let pairs = logits.as_flattened().iter().zip(expected.as_flattened());
        let worst = pairs.map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "{framework}: {worst}");
    }
}

#[test]
fn what_becomes_of_each_tensor_is_told_in_the_networks_order() {
    let fit = fit("pytorch", LAYERS).expect("they are of this network");
    let told: Vec<_> =
        fit.pairings.iter().map(|one| [one.tensor.as_str(), one.parameter.as_str(), one.change.as_str()]).collect();
    let expected = [
        ["features.1.weight, 4×3×5×5", "conv1.weight, 5×5×3×4", "transposed"],
        ["features.1.bias, 4", "conv1.bias, 4", "as it is"],
        ["features.3.weight, 4", "conv1.scale, 4", "as it is"],
        ["features.3.bias, 4", "conv1.shift, 4", "as it is"],
        ["features.3.running_mean, 4", "conv1.statistics, 2×4", "its means"],
        ["features.3.running_var, 4", "conv1.statistics, 2×4", "its variances"],
        ["features.5.weight, 6×4×3×3", "conv2.weight, 3×3×4×6", "transposed"],
        ["features.5.bias, 6", "conv2.bias, 6", "as it is"],
        // Its name comes before the others, and its dimensions show where it goes.
        ["classifier.1.weight, 12×96", "hidden.weight, 96×12", "transposed"],
        ["classifier.1.bias, 12", "hidden.bias, 12", "as it is"],
        ["classifier.3.weight, 10×12", "output.weight, 12×10", "transposed"],
        ["classifier.3.bias, 10", "output.bias, 10", "as it is"],
    ];
    assert_eq!(told, expected);
}

/// A file with these tensors of PyTorch's fixture, with one of them as zeros.
fn changed(keeps: impl Fn(&str) -> bool, zeros: &str) -> Vec<u8> {
    let bytes = fixture("pytorch.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a whole file");
    let nothing = vec![0; bytes.len()];
    let kept = file.iter().filter(|(name, _)| keeps(name)).map(|(name, view)| {
        let data = if name == zeros { &nothing[..view.data().len()] } else { view.data() };
        (name, TensorView::new(view.dtype(), view.shape().to_vec(), data).expect("its own length"))
    });
    safetensors::serialize(kept, None).expect("tensors of one file")
}

#[test]
fn a_layer_without_biases_in_the_file_has_zeros_as_biases() {
    let spec: Spec = LAYERS.parse().expect("layers");
    let image: Seen = std::array::from_fn(|at| (at * at % 251) as u8);
    for bias in ["features.5.bias", "classifier.1.bias"] {
        let [with_zeros, without] = [changed(|_| true, bias), changed(|name| name != bias, "")]
            .map(|file| Fit::of(&file, &spec).unwrap_or_else(|error| panic!("{bias}: {error}")));
        let [expected, logits] = [&with_zeros, &without].map(|fit| {
            let classifier = Classifier::new(fit.network(&Device::flex()), NORMALISATION);
            pollster::block_on(classifier.logits(&[image])).expect("the CPU does not fail")
        });
        assert_eq!(logits, expected, "{bias}");
        let told: Vec<_> = without.pairings.iter().filter(|one| one.tensor == "none").collect();
        assert_eq!(told.len(), 1, "{bias}");
        assert!(told[0].change == "zeros" && told[0].parameter.contains(".bias, "), "{:?}", told[0]);
    }
}

#[test]
fn weights_of_another_network_than_the_one_that_is_built_are_refused_with_what_does_not_fit() {
    for (layers, why) in [
        (
            "conv4k5s4-max2-normsr-conv7k3r-flat-drop-dense12t-dense10",
            "conv2 takes weights of 7×4×3×3 (PyTorch) or 3×3×4×7 (Keras), and no tensors are left",
        ),
        ("conv4k5s4-max2-normr-conv6k3r-flat-drop-dense12t-dense10", "is a scale, and conv1_norm has none"),
        ("conv4k5s4-max2-normsr-conv6k3nr-flat-dense12t-dense10", "without biases, and no tensors are left"),
        (
            "conv4k5s4-max2-normsr-norms-conv6k3r-flat-dense12t-dense10",
            "norm takes scale, shift, mean and variance of 4, and no tensors are left",
        ),
        ("conv4k5s4-max2-normsr-flat-dense10", "takes weights of 10×64 (PyTorch) or 64×10 (Keras)"),
    ] {
        for framework in ["pytorch", "keras"] {
            let error = fit(framework, layers).expect_err("another network");
            assert!(error.contains(why), "{framework}, {layers}: {error}");
        }
    }
}

#[test]
fn only_files_that_do_not_say_that_they_are_of_tenfold_are_fitted() {
    let device = Device::flex();
    let theirs = fixture("keras.safetensors");
    let error = read_weights(&theirs, NetworkName::Cui2017, &device).expect_err("it has other names");
    assert!(is_foreign(&theirs, &error), "{error}");
    let cut = &theirs[..theirs.len() - 1];
    let error = read_weights(cut, NetworkName::Cui2017, &device).expect_err("it is cut short");
    assert!(!is_foreign(cut, &error), "{error}");
    assert!(Fit::of(cut, &LAYERS.parse().expect("layers")).is_err());
}
