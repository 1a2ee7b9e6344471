//! The weights that ship with the page load into today's network and are as good as their card says.

use burn::tensor::Device;
use std::{fs, path::Path};
use tenfold::{
    checkpoint::{CARD_FILE, Card, WEIGHTS_FILE},
    data::{IMAGE_LEN, read_folder, see},
    infer::{Classifier, evaluate, softmax, winner},
    protocol::CLASSES,
};

fn shipped() -> (Classifier, Card) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/weights/cui2017");
    let read = |name: &str| fs::read(folder.join(name)).expect("the shipped files");
    let card: Card = serde_json::from_slice(&read(CARD_FILE)).expect("a model card");
    let classifier = Classifier::load(&read(WEIGHTS_FILE), &card, &Device::flex()).expect("today's network");
    (classifier, card)
}

#[test]
fn the_shipped_weights_load_and_answer() {
    let (classifier, card) = shipped();
    assert_eq!(card.parameters, 7_083_004);
    let logits =
        pollster::block_on(classifier.logits(&[[128; IMAGE_LEN], [0; IMAGE_LEN]])).expect("the CPU does not fail");
    assert_eq!(logits.len(), 2);
    assert_ne!(logits[0], logits[1]);
    assert!((softmax(&logits[0]).iter().sum::<f32>() - 1.0).abs() < 1e-6);
}

#[test]
fn the_card_says_what_the_weights_score_and_that_the_images_were_jpeg() {
    let (_, card) = shipped();
    assert!(card.evaluation.test_accuracy >= 70.0, "{}", card.evaluation.test_accuracy);
    assert_eq!(card.evaluation.images, 10_000);
    let right: u32 = (0..10).map(|i| card.evaluation.confusion[i][i]).sum();
    assert_eq!(f64::from(right) / 100.0, card.evaluation.test_accuracy);
    assert!(card.data.contains("JPEG"), "{}", card.data);
}

#[test]
fn the_shipped_weights_score_70_percent_on_the_real_test_images() {
    let Some(folder) = std::env::var_os("CIFAR10_DIR") else {
        println!("skipped: CIFAR10_DIR does not name a folder of CIFAR-10's binary batches");
        return;
    };
    let test = read_folder(Path::new(&folder)).expect("CIFAR-10 in CIFAR10_DIR").test;
    let (classifier, card) = shipped();
    let measured = pollster::block_on(evaluate(&classifier, &test, |_| ())).expect("the CPU does not fail");
    assert!(measured.test_accuracy >= 70.0, "{}", measured.test_accuracy);
    // Another processor may round another way and tip a few of 10,000 answers.
    let difference = (measured.test_accuracy - card.evaluation.test_accuracy).abs();
    assert!(difference <= 0.05, "{} against the card's {}", measured.test_accuracy, card.evaluation.test_accuracy);
}

#[test]
fn the_drawn_scenes_are_recognised() {
    let (classifier, _) = shipped();
    let scenes = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenes");
    let mut missed = Vec::new();
    for (label, class) in CLASSES.iter().enumerate() {
        let bytes = fs::read(scenes.join(format!("{class}.png"))).expect("a scene for each class");
        let logits =
            pollster::block_on(classifier.logits(&[see(&bytes).expect("a picture")])).expect("the CPU does not fail");
        let probabilities = softmax(&logits[0]);
        let answer = winner(&probabilities);
        println!("{class}: {} {:.2}, {:.2}", CLASSES[answer], probabilities[answer], probabilities[label]);
        if answer != label {
            missed.push(*class);
        }
    }
    // The network is right seven times in ten; the scenes are drawn so that it does better on them.
    assert!(missed.len() <= 2, "missed: {missed:?}");
}
