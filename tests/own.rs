//! Networks of any layers: they train, are kept and go on exactly, and are exported and imported; what cannot be is refused.

use burn::tensor::Device;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use tenfold::{
    checkpoint::{Logbook, export_weights, read_snapshot, read_weights, write_snapshot},
    data::Normalisation,
    model::{
        Network, named_parameters,
        tensors::{read, read_one, upload},
    },
    protocol::{History, NetworkName, OptimiserChoice, Settings, Start},
    spec::Spec,
    train::{Run, batches::Batch},
};

/// Images of a step.
const BATCH: usize = 4;

const NORMALISATION: Normalisation = Normalisation { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };

/// A line of up to eight layers, drawn with `seed`, which may or may not be a network that can be.
fn line(seed: u64) -> String {
    const MAPS: [&str; 20] = [
        "conv4k3r",
        "conv6k5vt",
        "conv8k3",
        "conv3k4s2g",
        "conv5k2s3l",
        "conv8k3nh",
        "conv7k1",
        "conv2k11r",
        "conv18k4r",
        "max2",
        "max3s2",
        "max8s1p",
        "avg2",
        "avg3s1p",
        "norm",
        "normg",
        "normr",
        "actt",
        "drop",
        "drop20",
    ];
    const VALUES: [&str; 6] = ["dense16r", "dense7t", "dense12g", "dense10h", "drop30", "actl"];
    const ENDS: [&str; 4] = ["flat", "flat", "gavg", "gmax"];
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = |from: &[&str]| from[random.random_range(0..from.len())].to_owned();
    let maps = seed % 5;
    let mut layers: Vec<_> = (0..maps).map(|_| draw(&MAPS)).collect();
    layers.push(draw(&ENDS));
    layers.extend((0..seed % 3).map(|_| draw(&VALUES)));
    // Now and then nothing follows that gives ten values.
    if !seed.is_multiple_of(7) {
        layers.push("dense10".into());
    }
    layers.join("-")
}

fn settings(spec: &Spec, optimiser: OptimiserChoice) -> Settings {
    let own = NetworkName::Own.settings().with_network(spec.clone());
    let learning_rates = NetworkName::Own.learning_rates(OptimiserChoice::Adam).scaled(0.1);
    Settings { batch_size: BATCH, optimiser, learning_rates, ..own }
}

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
    let specs = (1..).map(|seed| line(seed).parse::<Spec>().expect("layers")).filter(|spec| spec.check(BATCH).is_ok());
    for (at, spec) in specs.take(24).enumerate() {
        let optimiser = OptimiserChoice::ALL[at % 2];
        let mut run = Run::new(settings(&spec, optimiser), &device);
        let fresh = values(run.network());
        run.advance(batch(0), 10);
        run.advance(batch(1), 10);
        let history = History::default();
        let logbook = Logbook {
            start: Start::Scratch,
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
        // Whatever answers now, the file says which network it is of.
        let imported = read_weights(&exported, NetworkName::Tenfold2026, &device)
            .unwrap_or_else(|error| panic!("{spec}: {error}"));
        assert_eq!((imported.spec(), logits(&imported)), (spec, logits(&network)));
    }
}

#[test]
fn what_can_be_trained_answers_and_all_else_is_refused_with_a_sentence() {
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
    // As many bytes, so that the file stays whole.
    let position = exported.windows(10).position(|bytes| bytes == br#"outputs\":"#).expect("there") + 10;
    let mut hostile = exported.clone();
    hostile[position..position + 2].copy_from_slice(b"99");
    let error = read_weights(&hostile, NetworkName::Cui2017, &device).expect_err("99 classes").to_string();
    assert_eq!(
        error,
        "the weights are of a network that cannot be: the last layer gives 99 values, and should give 10, one for each class"
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
