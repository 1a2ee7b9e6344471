//! The network that answers, on a device that passed the self-check.

use crate::{
    checkpoint::Card,
    data::{IMAGE_LEN, Seen},
    device::{self, Opened},
    domain::{DeviceChoice, DeviceReport, NetworkName, NetworkSummary, WeightsOrigin},
    infer::{Classifier, ExecutionError, Judgement},
    model::Network,
    protocol::{Event, PictureId, Prediction},
};
use burn::tensor::Device;

/// The largest difference between the logits of WebGPU and the CPU that the self-check accepts.
const SELF_CHECK_TOLERANCE: f32 = 1e-3;

/// A network on a device, ready to answer.
#[derive(Debug)]
pub struct Predictor {
    /// The network that answers.
    classifier: Classifier,
    /// Whether its final form is decided: prepared for answers or not.
    is_settled: bool,
    weights: WeightsOrigin,
    /// The shipped network on the same device. It answers only as `classifier`, which may be prepared.
    shipped: Classifier,
    opened: Opened,
    card: Card,
}

/// Why there is no predictor, as a sentence for the visitor.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The model card cannot be read.
    #[error("The network's description (card.json) is damaged ({0}). Reload the page to download it again.")]
    Card(#[from] serde_json::Error),
    /// The weights cannot be read.
    #[error("The network cannot start: {0}.")]
    Weights(#[from] crate::checkpoint::WeightsError),
    /// The visitor insisted on WebGPU, and there is none.
    #[error("WebGPU was asked for, but {0}. Remove ?device=webgpu from the address to use the CPU.")]
    NoWebGpu(String),
    /// The CPU itself failed.
    #[error("The network cannot start: {0}. Reload the page to try again.")]
    Device(#[from] ExecutionError),
}

impl Predictor {
    /// Loads the network in `weights` (a file's content), described by `card` (JSON), onto the device that `choice`
    /// asks for. `adapter` is the WebGPU adapter's description, or why there is none.
    ///
    /// WebGPU is used only if its logits agree with the CPU's on a known picture.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(
        choice: DeviceChoice,
        adapter: Result<String, String>,
        weights: &[u8],
        card: &[u8],
    ) -> Result<Self, StartError> {
        let card: Card = serde_json::from_slice(card)?;
        let cpu = device::cpu("");
        let on_cpu = Classifier::load(weights, &card, &cpu.device)?;
        let opened = device::open(choice, adapter).await.map_err(StartError::NoWebGpu)?;
        let (shipped, opened) = match opened.report {
            DeviceReport::Cpu { .. } => (on_cpu, opened),
            DeviceReport::WebGpu { .. } => {
                let on_gpu = Classifier::load(weights, &card, &opened.device)?;
                match (disagreement(&on_gpu, &on_cpu).await, choice) {
                    (None, _) => (on_gpu, opened),
                    (Some(reason), DeviceChoice::WebGpu) => return Err(StartError::NoWebGpu(reason)),
                    (Some(reason), _) => (on_cpu, device::cpu(reason)),
                }
            }
        };
        let weights = card.summary().weights;
        let mut predictor =
            Self { classifier: shipped.clone(), is_settled: false, weights: weights.clone(), shipped, opened, card };
        predictor.use_network(predictor.shipped.clone(), weights);
        Ok(predictor)
    }

    /// The event that the network can answer, with its device and summary.
    pub fn ready(&self) -> Event {
        Event::Ready { device: self.opened.report.clone(), network: self.summary() }
    }

    /// The summary of the network that answers, for the page.
    pub fn summary(&self) -> NetworkSummary {
        self.summary_of(self.classifier.network(), self.weights.clone())
    }

    /// The summary of `network`, whose weights come from `weights`, for the page.
    pub fn summary_of(&self, network: &Network, weights: WeightsOrigin) -> NetworkSummary {
        let name = network.name();
        let title = if name == self.base() { self.card.title.clone() } else { name.title().into() };
        // Imported weights can have other widths than the shipped ones.
        NetworkSummary { name, title, weights, layers: network.spec(), parameters: network.parameter_count() as u64 }
    }

    /// The name of the network that answers.
    pub fn network(&self) -> NetworkName {
        self.classifier.network().name()
    }

    /// The name of the shipped network. It answers again when the visitor's own is given up.
    pub fn base(&self) -> NetworkName {
        self.card.network
    }

    /// The device, for the badge.
    pub fn report(&self) -> &DeviceReport {
        &self.opened.report
    }

    /// The device that computes.
    pub fn device(&self) -> &Device {
        &self.opened.device
    }

    /// Whether the device is a GPU.
    pub fn is_on_gpu(&self) -> bool {
        matches!(self.opened.report, DeviceReport::WebGpu { .. })
    }

    /// The network that answers.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// The shipped network.
    pub fn shipped(&self) -> &Classifier {
        &self.shipped
    }

    /// Sets the badge's explanation of why the CPU computes. Does nothing on a GPU.
    pub fn explain(&mut self, because: &str) {
        if let DeviceReport::Cpu { because: said } = &mut self.opened.report {
            *said = because.to_owned();
        }
    }

    /// Lets `classifier` answer from now on; its weights come from `weights`.
    pub fn use_network(&mut self, classifier: Classifier, weights: WeightsOrigin) {
        // The earlier prepared copy is dropped first: there is memory for one.
        self.classifier = self.shipped.clone();
        // On WebGPU, preparing would delay the first answer by compiling more kernels.
        self.is_settled = !self.is_on_gpu();
        self.classifier = if self.is_settled { classifier.prepared(1) } else { classifier };
        self.weights = weights;
    }

    /// Prepares the network to answer one picture at a time, unless that was done or tried before. Worth it after the
    /// first answer.
    ///
    /// The prepared network is used only if its logits agree, as in the self-check.
    pub async fn prepare(&mut self) {
        if std::mem::replace(&mut self.is_settled, true) {
            return;
        }
        let prepared = self.classifier.clone().prepared(1);
        if prepared.is_prepared() && disagreement(&prepared, &self.classifier).await.is_none() {
            self.classifier = prepared;
        }
    }

    /// Answers once, so that the visitor's first picture finds compiled code and allocated memory. On WebGPU the
    /// self-check did this.
    pub async fn rehearse(&self) {
        if !self.is_on_gpu() {
            // If this fails, the visitor's picture will show it.
            let _ = self.classifier.logits(&[known_picture()]).await;
        }
    }

    /// Lets the shipped network answer again.
    pub fn use_shipped(&mut self) {
        self.use_network(self.shipped.clone(), self.card.summary().weights);
    }
}

/// `classifier`'s answers to `pictures`, of which it sees these pixels. It computes them together. `now_ms` reads a clock.
///
/// # Errors
/// If the device fails.
pub async fn classify(
    classifier: &Classifier,
    pictures: &[(PictureId, Seen)],
    now_ms: impl Fn() -> f64,
) -> Result<Event, ExecutionError> {
    let start_ms = now_ms();
    let seen: Vec<_> = pictures.iter().map(|&(_, seen)| seen).collect();
    let judgements = classifier.judgements(&seen).await?;
    let milliseconds = ((now_ms() - start_ms) / pictures.len() as f64) as f32;
    let answers = pictures.iter().zip(judgements).map(|((id, seen), Judgement { probabilities, is_none })| {
        (*id, Prediction { probabilities, is_none, milliseconds, seen: seen.to_vec() })
    });
    Ok(Event::Classified { answers: answers.collect() })
}

/// Why `on_gpu` cannot be trusted, as a clause. `None` if its logits agree on a known picture with those of `on_cpu`,
/// or of another trusted classifier in its place.
///
/// Only the results can tell: a browser merely logs a shader that it refuses, and stale numbers stay in the output.
async fn disagreement(on_gpu: &Classifier, on_cpu: &Classifier) -> Option<String> {
    let known = [known_picture()];
    let (gpu, cpu) = match (on_gpu.logits(&known).await, on_cpu.logits(&known).await) {
        (Ok(gpu), Ok(cpu)) => (gpu, cpu),
        (Err(error), _) | (_, Err(error)) => return Some(format!("the self-check failed ({error})")),
    };
    let differences = gpu[0].iter().zip(&cpu[0]).map(|(a, b)| (a - b).abs());
    // Not `<=`, so that a NaN counts as a disagreement.
    let agrees = differences.clone().all(|d| d < SELF_CHECK_TOLERANCE);
    (!agrees).then(|| {
        let worst = differences.fold(0.0, f32::max);
        format!("this GPU computes other numbers than the CPU (by {worst:.3} on a known picture)")
    })
}

/// A picture of waves of different lengths, so that every layer has something to do.
pub(super) fn known_picture() -> Seen {
    let mut seen = [0; IMAGE_LEN];
    for (at, byte) in seen.iter_mut().enumerate() {
        let (row, column, channel) = (at / 96, at / 3 % 32, at % 3);
        let wave = ((row * (channel + 1)) as f32 * 0.37).sin() + ((column * (3 - channel)) as f32 * 0.23).cos();
        *byte = (127.5 + 63.0 * wave) as u8;
    }
    seen
}
