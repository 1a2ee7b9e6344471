//! Prints how often pictures of other things are doubted, by the shipped score and by another one.
//!
//! `CIFAR10_DIR=DIR cargo run --release --example doubts [FOLDER]`. DIR holds CIFAR-10's binary batches, FOLDER the
//! weights and their card.

use std::{env, error::Error, fs, ops::ControlFlow, path::Path};
use tenfold::{
    checkpoint::{CARD_FILE, Card, WEIGHTS_FILE},
    data::{others::others, read_folder},
    domain::CLASS_COUNT,
    infer::{Classifier, answer, calibration::log_sum_exp},
    model::Device,
};

type Logits = [f32; CLASS_COUNT];
type Score = fn(&Logits) -> f32;

/// Scores of a picture's logits. The higher, the more likely the picture shows one of the classes.
const SCORES: [(&str, Score); 2] = [("energy", log_sum_exp), ("highest logit", highest)];

/// Pictures of each kind.
const PICTURES: usize = 1_000;

/// One test image in this many is doubted.
const DOUBTED_ONE_OF: usize = 20;

fn highest(logits: &Logits) -> f32 {
    logits.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

fn main() -> Result<(), Box<dyn Error>> {
    tenfold::device::keep_freed_memory();
    let folder = env::args().nth(1).unwrap_or_else(|| "assets/weights/tenfold2026".into());
    let read = |name: &str| fs::read(Path::new(&folder).join(name)).map_err(|e| format!("{folder}/{name}: {e}"));
    let card: Card = serde_json::from_slice(&read(CARD_FILE)?)?;
    let classifier = Classifier::load(&read(WEIGHTS_FILE)?, &card, &Device::flex())?;
    let data = env::var_os("CIFAR10_DIR").ok_or("CIFAR10_DIR does not name a folder of CIFAR-10's binary batches")?;
    let test = read_folder(Path::new(&data))?.test;
    let answers = answer(&classifier, &test, 0..test.len(), async |_| ControlFlow::Continue(()));
    let known = pollster::block_on(answers)?.ok_or("nobody says stop")?.logits;
    let thresholds = SCORES.map(|(_, score)| {
        let mut scores: Vec<f32> = known.iter().map(score).collect();
        scores.sort_by(f32::total_cmp);
        scores[scores.len() / DOUBTED_ONE_OF]
    });

    println!("| | {} |\n|---|---|---|", SCORES.map(|(name, _)| name).join(" | "));
    for (kind, pictures) in others(PICTURES) {
        let logits = pollster::block_on(classifier.logits(&pictures))?;
        print!("| {kind} |");
        for ((_, score), threshold) in SCORES.iter().zip(thresholds) {
            let doubted = logits.iter().filter(|logits| score(logits) < threshold).count();
            print!(" {:.1}% |", 100.0 * doubted as f64 / logits.len() as f64);
        }
        println!();
    }
    Ok(())
}
