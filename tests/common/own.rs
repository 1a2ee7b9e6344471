//! Random networks, for tests natively and in the browser.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use tenfold::{
    domain::{NetworkName, OptimiserChoice, Settings},
    spec::Spec,
};

/// Images in a step.
pub const BATCH: usize = 4;

/// A random line of up to eight layers, drawn with `seed`. It may be an impossible network.
pub fn line(seed: u64) -> String {
    const MAPS: [&str; 23] = [
        "add1",
        "add2",
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
        "normsl",
        "actt",
        "drop",
        "drop20",
    ];
    const VALUES: [&str; 7] = ["normst", "dense16r", "dense7t", "dense12g", "dense10h", "drop30", "actl"];
    const ENDS: [&str; 4] = ["flat", "flat", "gavg", "gmax"];
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = |from: &[&str]| from[random.random_range(0..from.len())].to_owned();
    let maps = seed % 5;
    let mut layers: Vec<_> = (0..maps).map(|_| draw(&MAPS)).collect();
    layers.push(draw(&ENDS));
    layers.extend((0..seed % 3).map(|_| draw(&VALUES)));
    // Some end without a layer that gives ten values.
    if !seed.is_multiple_of(7) {
        layers.push("dense10".into());
    }
    layers.join("-")
}

/// Different networks that can be trained.
pub fn possible() -> impl Iterator<Item = Spec> {
    (1..).map(|seed| line(seed).parse::<Spec>().expect("layers")).filter(|spec| spec.check(BATCH).is_ok())
}

pub fn settings(spec: &Spec, optimiser: OptimiserChoice) -> Settings {
    let own = NetworkName::Own.settings().with_network(spec.clone());
    let learning_rates = NetworkName::Own.learning_rates(OptimiserChoice::Adam).scaled(0.1);
    Settings { batch_size: BATCH, optimiser, learning_rates, epochs: 1, ..own }
}
