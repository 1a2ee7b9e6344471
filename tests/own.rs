//! Networks of any layers: they train, are kept and resumed exactly, and are exported and imported. Impossible ones are
//! refused.

#[path = "common/own.rs"]
mod own;

use burn::tensor::Device;
use own::{BATCH, line, possible, settings};
use tenfold::{
    checkpoint::{Logbook, export_weights, read_snapshot, read_weights, write_snapshot},
    data::Normalisation,
    domain::{History, NetworkName, OptimiserChoice, StartingWeights},
    model::{
        Network, named_parameters,
        tensors::{read, read_one, upload},
    },
    spec::Spec,
    train::{Run, batches::Batch},
};

const NORMALISATION: Normalisation = Normalisation { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };

fn batch(step: u64) -> Batch {
    let images = (0..BATCH * 3072).map(|at| (at as f32 * 0.37 + step as f32).sin()).collect();
    let mut targets = vec![0.0; BATCH * 10];
    (0..BATCH).for_each(|image| targets[image * 10 + (image + step as usize) % 10] = 1.0);
    Batch { images, targets, len: BATCH }
}

fn values(network: &Network) -> Vec<Vec<f32>> {
    let tensors = named_parameters(network).into_iter().map(|tensor| tensor.values);
    let data = pollster::block_on(read(tensors)).expect("the CPU does not fail");
    data.into_iter().map(|data| data.try_into_vec().expect("f32")).collect()
}

fn logits(network: &Network) -> Vec<f32> {
    let images = upload(batch(9).images, [BATCH, 3, 32, 32], &network.device());
    pollster::block_on(read_one(network.forward(images))).expect("the CPU does not fail")
}

#[test]
fn random_networks_train_are_kept_and_go_on_bit_for_bit_and_are_exported_and_imported() {
    let device = Device::flex();
    for (at, spec) in possible().take(24).enumerate() {
        let optimiser = OptimiserChoice::ALL[at % 2];
        let mut run = Run::new(settings(&spec, optimiser), &device);
        let fresh = values(run.network());
        run.advance(batch(0), 10);
        run.advance(batch(1), 10);
        let history = History::default();
        let logbook = Logbook {
            start: StartingWeights::Scratch,
            normalisation: NORMALISATION,
            image_count: 100,
            image_digest: None,
            history,
        };
        let kept = pollster::block_on(write_snapshot(&run, &logbook)).unwrap_or_else(|error| panic!("{spec}: {error}"));
        let (mut resumed, _) = read_snapshot(&kept, &device).unwrap_or_else(|error| panic!("{spec}: {error}"));
        assert_eq!(resumed.network().spec(), spec);
        run.advance(batch(2), 10);
        resumed.advance(batch(2), 10);
        let learnt = values(run.network());
        assert_eq!(learnt, values(resumed.network()), "{spec}");
        assert_ne!(learnt, fresh, "{spec}");
        assert!(learnt.iter().flatten().all(|value| value.is_finite()), "{spec}");

        let network = run.network().valid();
        let exported = pollster::block_on(export_weights(&network, &NORMALISATION)).expect("the CPU does not fail");
        // The file names its network, whatever the network that answers.
        let imported = read_weights(&exported, NetworkName::Tenfold2026, &device)
            .unwrap_or_else(|error| panic!("{spec}: {error}"));
        assert_eq!((imported.spec(), logits(&imported)), (spec, logits(&network)));
    }
}

#[test]
fn what_cannot_be_trained_is_refused_with_one_sentence_as_a_line_as_json_and_as_a_runs_settings() {
    let (mut possible, mut refused) = (0, 0);
    for seed in 0..400 {
        let spec: Spec = line(seed).parse().expect("layers");
        match spec.check(BATCH) {
            Ok(()) => possible += 1,
            Err(error) => {
                refused += 1;
                let sentence = error.to_string();
                assert!(sentence.len() > 30 && sentence.len() < 250, "{spec}: {sentence}");
                assert!(Network::fresh(&spec, 1, &Device::flex()).is_err(), "{spec}: {sentence}");
                let json = serde_json::to_string(&spec).expect("plain data");
                let read: Spec = serde_json::from_str(&json).expect("layers");
                assert_eq!(read.check(BATCH).expect_err("the same network").to_string(), sentence);
                let refused = settings(&spec, OptimiserChoice::Adam).check().expect_err("no network");
                assert_eq!(refused.to_string(), sentence);
            }
        }
    }
    assert!(possible > 100 && refused > 40, "{possible} and {refused}");
}

#[test]
fn a_file_whose_layers_cannot_be_is_refused() {
    let device = Device::flex();
    let spec: Spec = "flat-dense10".parse().expect("layers");
    let network = Network::fresh(&spec, 1, &device).expect("it can be");
    let exported = pollster::block_on(export_weights(&network, &NORMALISATION)).expect("the CPU does not fail");
    let text = String::from_utf8_lossy(&exported).into_owned();
    assert!(text.contains(r#"{\"outputs\":10,"#), "the layers are in the metadata");
    // The new number has as many bytes, so the file stays whole.
    let position = exported.windows(10).position(|bytes| bytes == br#"outputs\":"#).expect("there") + 10;
    let mut hostile = exported.clone();
    hostile[position..position + 2].copy_from_slice(b"99");
    let error = read_weights(&hostile, NetworkName::Cui2017, &device).expect_err("99 classes").to_string();
    assert_eq!(
        error,
        "the weights are of an impossible network: the last layer gives 99 values, and should give 10, one for each class"
    );
}

#[test]
fn the_articles_network_built_by_hand_is_the_shipped_one() {
    let built: Spec = "conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10".parse().expect("layers");
    let device = Device::flex();
    let by_hand = Network::fresh(&built, 2017, &device).expect("it can be");
    let shipped = Network::init(NetworkName::Cui2017, 2017, &device);
    assert_eq!(by_hand.name(), NetworkName::Cui2017);
    assert_eq!((values(&by_hand), logits(&by_hand)), (values(&shipped), logits(&shipped)));
}
