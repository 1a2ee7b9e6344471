//! The shipped network, run natively from the same files. The page's answers are compared with it.

use std::{fs, path::Path};
use tenfold::{
    checkpoint::Card,
    data::picture,
    device,
    domain::{CLASS_COUNT, NetworkName},
    infer::{self, Judgement},
};

pub use tenfold::domain::likeliest;

/// The shipped network on this machine's CPU.
pub struct Classifier(infer::Classifier);

impl Classifier {
    /// Reads the shipped weights of `network`.
    pub fn load(network: NetworkName) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join("weights").join(network.id());
        let read = |name| {
            let path = folder.join(name);
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let card: Card = serde_json::from_slice(&read("card.json")).expect("a model card");
        let device = device::cpu("the page's answers are compared with it").device;
        let loaded = infer::Classifier::load(&read("weights.safetensors"), &card, &device);
        Self(loaded.expect("the shipped weights are the network's"))
    }

    /// The probability of each class for the picture whose file holds `png`.
    pub fn probabilities(&self, png: &[u8]) -> [f32; CLASS_COUNT] {
        self.judgement(png).probabilities
    }

    /// The network's answer for the picture whose file holds `png`.
    pub fn judgement(&self, png: &[u8]) -> Judgement {
        let seen = picture::see(png).expect("a good picture");
        pollster::block_on(self.0.judgements(&[seen])).expect("the CPU does not fail")[0]
    }
}
