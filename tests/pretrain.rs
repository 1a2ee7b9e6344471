//! The program `pretrain` on a few images: it trains a visitor's own network, then measures it, and refuses impossible
//! ones.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Bytes in a record: a class and an image.
const RECORD: usize = 1 + 3072;

/// An empty folder for `test`.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pretrain-{test}"));
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a temporary folder");
    }
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// A data set of six batches of twenty images each, whose classes differ in brightness.
fn data(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir(&data).expect("a temporary folder");
    let record = |image: usize| {
        let class = image % 10;
        let pixel = move |at: usize| if at == 0 { class as u8 } else { (class * 24 + at * image % 7) as u8 };
        (0..RECORD).map(pixel)
    };
    let names = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"];
    for (batch, name) in names.into_iter().enumerate() {
        let bytes: Vec<u8> = (20 * batch..20 * (batch + 1)).flat_map(record).collect();
        fs::write(data.join(format!("{name}.bin")), bytes).expect("a temporary file");
    }
    data
}

fn pretrain(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pretrain")).current_dir(folder).args(arguments).output().expect("it starts")
}

#[test]
fn layers_in_a_line_or_a_file_are_trained_and_the_weights_measured() {
    let folder = folder("layers");
    data(&folder);
    let json = r#"[{"convolution": {"outputs": 4, "kernel": 3, "stride": 2, "activation": "relu"}},
        {"batch_norm": {}}, {"flatten": null}, {"dropout": {"percent": 20}}, {"dense": {"outputs": 10}}]"#;
    fs::write(folder.join("layers.json"), json).expect("a temporary file");
    for (network, line) in [
        ("conv4k5vr-max4-flat-dense10", "conv4k5vr-max4-flat-dense10"),
        ("layers.json", "conv4k3s2r-norm-flat-drop20-dense10"),
    ] {
        let short = ["--epochs", "2", "--batch", "10", "--images", "100", "--warm-up", "0"];
        let output =
            pretrain(&folder, &[&["--data", "data", "--network", network, "--out", "out"], &short[..]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("out: ") && said.contains("% of 20 test images"), "{said}");
        let card = fs::read_to_string(folder.join("out/card.json")).expect("a card");
        assert!(card.contains(line) && card.contains(r#""network": "own""#), "{card}");

        let output = pretrain(&folder, &["evaluate", "--weights", "out", "--data", "data"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(r#""test_accuracy":"#) && said.contains(r#""images":20"#), "{said}");
    }
}

#[test]
fn what_no_network_can_be_is_refused_in_a_sentence() {
    let folder = folder("refused");
    fs::write(folder.join("wide.json"), r#"[{"dense": {"outputs": 1000000000}}]"#).expect("a temporary file");
    fs::write(folder.join("misspelt.json"), r#"[{"convolution": {"outputs": 8, "kernal": 3}}]"#)
        .expect("a temporary file");
    let deep = vec!["actr"; 500].join("-");
    let refusals = [
        ("conv8k3-dense10", "a dense layer takes values in a row; flatten the maps first"),
        ("flat-dense1000000000", "its number is larger than any layer's"),
        ("flat-denseNaN", "its number of outputs is missing, as in dense10"),
        (&deep, "the line names more than 60 layers"),
        ("resnet", "a layer begins with one of conv"),
        ("wide.json", "a dense layer takes values in a row"),
        ("misspelt.json", "unknown field `kernal`"),
        ("missing.json", "missing.json cannot be read"),
    ];
    for (network, reason) in refusals {
        let output = pretrain(&folder, &["--data", "data", "--network", network, "--out", "out"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && errors.contains(reason), "{network}: {errors}");
    }
}
