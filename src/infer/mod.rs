//! The answers of a trained network: logits, probabilities, and accuracy.

pub mod calibration;
pub mod evaluate;

pub use calibration::{Judgement, judge};
pub use evaluate::{Answers, Evaluation, answer, evaluate};

use crate::{
    checkpoint::{Card, WeightsError, read_weights},
    data::{IMAGE_LEN, Normalisation, Seen},
    domain::{CLASS_COUNT, Calibration, IMAGE_SIDE},
    model::{
        Network, Prepared,
        activations::Activations,
        network::Listener,
        tensors::{read, upload},
    },
};
pub use burn::backend::ExecutionError;
use burn::{Tensor, tensor::Device};
use std::ops::Range;

/// A trained network, ready to answer.
#[derive(Clone, Debug)]
pub struct Classifier {
    network: Network,
    /// The prepared weights, if the network was prepared for many answers.
    prepared: Option<Prepared>,
    normalisation: Normalisation,
    calibration: Option<Calibration>,
}

impl Classifier {
    /// The network with the weights in `weights` (a file's content) and the card `card`, on `device`.
    ///
    /// # Errors
    /// If `weights` is damaged, or belongs to another network.
    pub fn load(weights: &[u8], card: &Card, device: &Device) -> Result<Self, WeightsError> {
        let network = read_weights(weights, card.network, device)?;
        Ok(Self { calibration: card.calibration.clone(), ..Self::new(network, card.normalisation) })
    }

    /// A network for images normalised with `normalisation`, without a calibration.
    pub fn new(network: Network, normalisation: Normalisation) -> Self {
        Self { network, prepared: None, normalisation, calibration: None }
    }

    /// The same classifier, prepared to answer this many `images` at a time, if that makes it faster. This takes some
    /// milliseconds and memory, see [`Network::prepared_for_answers`]. Later clones share the prepared weights.
    pub fn prepared(self, images: usize) -> Self {
        let prepared = self.prepared.or_else(|| self.network.prepared_for_answers(images));
        Self { prepared, ..self }
    }

    /// Whether it is prepared.
    pub fn is_prepared(&self) -> bool {
        self.prepared.is_some()
    }

    /// The network itself.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The normalisation of its images.
    pub fn normalisation(&self) -> Normalisation {
        self.normalisation
    }

    /// Its calibration, if it was measured.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// `pictures`, normalised, on the network's device: `[n, 3, 32, 32]`. At most [`Network::most_images`] of them.
    pub fn images(&self, pictures: &[Seen]) -> Tensor<4> {
        self.upload(self.normalised(pictures))
    }

    /// `pictures`, normalised: `[n, 3, 32, 32]`.
    fn normalised(&self, pictures: &[Seen]) -> Vec<f32> {
        let mut values = Vec::with_capacity(pictures.len() * IMAGE_LEN);
        for picture in pictures {
            self.normalisation.append_seen(picture, &mut values);
        }
        values
    }

    /// Images in `values`, on the network's device: `[n, 3, 32, 32]`.
    fn upload(&self, values: Vec<f32>) -> Tensor<4> {
        let shape = [values.len() / IMAGE_LEN, 3, IMAGE_SIDE, IMAGE_SIDE];
        upload(values, shape, &self.network.device())
    }

    /// The logits of `images`, `[n, 10]`. `listener` is called with each layer's output.
    pub fn listen(&self, images: Tensor<4>, listener: &mut Listener) -> Tensor<2> {
        self.network.forward_with(images, self.prepared.as_ref(), listener)
    }

    /// The logits of `images`, `[n, 10]`, in the graph of `images`: only they have a gradient.
    pub fn logits_in_graph(&self, images: Tensor<4>) -> Tensor<2> {
        self.network.constant().answer(images, self.prepared.as_ref())
    }

    /// The output of these layers for `x`, in a pass for answers.
    pub fn through(&self, layers: Range<usize>, x: Activations) -> Activations {
        self.network.through(layers, x, self.prepared.as_ref())
    }

    /// The judgement of each picture.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn judgements(&self, pictures: &[Seen]) -> Result<Vec<Judgement>, ExecutionError> {
        let logits = self.logits(pictures).await?;
        Ok(logits.iter().map(|logits| judge(logits, self.calibration.as_ref())).collect())
    }

    /// The 10 logits of each picture.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn logits(&self, pictures: &[Seen]) -> Result<Vec<[f32; CLASS_COUNT]>, ExecutionError> {
        self.logits_of(self.normalised(pictures)).await
    }

    /// The 10 logits of each image in `values`, normalised, `[n, 3, 32, 32]`. They are computed in chunks that the
    /// device can take.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn logits_of(&self, values: Vec<f32>) -> Result<Vec<[f32; CLASS_COUNT]>, ExecutionError> {
        let most_len = self.network.most_images().saturating_mul(IMAGE_LEN);
        let answer = |values: &[f32]| self.network.answer(self.upload(values.to_vec()), self.prepared.as_ref());
        // GPU sync, once per call.
        let logits = read(values.chunks(most_len).map(answer)).await?;
        let logits = logits.into_iter().flat_map(|data| data.try_into_vec::<f32>().expect("the tensors here are f32"));
        Ok(logits.collect::<Vec<_>>().as_chunks().0.to_vec())
    }
}

/// Logits -> probabilities that sum to 1.
pub fn softmax(logits: &[f32; CLASS_COUNT]) -> [f32; CLASS_COUNT] {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials = logits.map(|logit| (logit - highest).exp());
    let sum: f32 = exponentials.iter().sum();
    exponentials.map(|e| e / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checkpoint::{CARD_FILE, WEIGHTS_FILE},
        data::see,
        domain::{NetworkName, likeliest},
    };
    use std::{fs, path::Path};

    #[test]
    fn the_shipped_networks_say_the_same_once_they_are_prepared() {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let read = |name: &str| fs::read(assets.join(name)).expect("a shipped file");
        let scenes = ["airplane", "cat", "horse", "truck"].map(|name| read(&format!("scenes/{name}.png")));
        let mut pictures: Vec<_> = scenes.iter().map(|scene| see(scene).expect("a picture")).collect();
        pictures.push([0; IMAGE_LEN]);
        pictures.push(std::array::from_fn(|at| (at * at % 251) as u8));
        let logits = |classifier: &Classifier, pictures: &[Seen]| {
            pollster::block_on(classifier.logits(pictures)).expect("the CPU does not fail").concat()
        };
        for network in NetworkName::ALL {
            let folder = format!("weights/{}", network.id());
            let card = serde_json::from_slice(&read(&format!("{folder}/{CARD_FILE}"))).expect("a model card");
            let weights = read(&format!("{folder}/{WEIGHTS_FILE}"));
            let plain = Classifier::load(&weights, &card, &Device::flex()).expect("today's network");
            let prepared = plain.clone().prepared(1);
            assert!(plain.prepared.is_none() && prepared.prepared.is_some(), "{network:?}");
            let (want, together) = (logits(&plain, &pictures), logits(&prepared, &pictures));
            let alone: Vec<f32> = pictures.iter().flat_map(|&picture| logits(&prepared, &[picture])).collect();
            for (at, want) in want.iter().enumerate() {
                let differences = [together[at], alone[at]].map(|got| (got - want).abs());
                let is_same = differences.iter().all(|&difference| difference < 1e-4);
                assert!(is_same, "{network:?}, {at}: {want}, off by {differences:?}");
            }
        }
    }

    #[test]
    fn probabilities_sum_to_one_even_for_huge_logits() {
        let mut logits = [0.0; CLASS_COUNT];
        logits[3] = 1e4;
        logits[4] = 1e4;
        let probabilities = softmax(&logits);
        assert_eq!(probabilities[3], 0.5);
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(likeliest(&probabilities), 3);
    }
}
