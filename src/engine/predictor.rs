//! The network that answers: on a device that passed the self-check, with the weights in use.

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

/// Largest difference between WebGPU's logits and the CPU's that the self-check accepts.
const SELF_CHECK_TOLERANCE: f32 = 1e-3;

/// A network on a device, ready to answer.
#[derive(Debug)]
pub struct Predictor {
    /// What answers.
    classifier: Classifier,
    /// Whether it answers as it will from now on.
    is_settled: bool,
    weights: WeightsOrigin,
    /// What came with the page, on the same device; it answers through `classifier` alone, which is prepared for it.
    shipped: Classifier,
    opened: Opened,
    card: Card,
}

/// Why there is no predictor; each reads as a sentence for the visitor.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The model card cannot be read.
    #[error("The network's description (card.json) is damaged ({0}). Reload the page to download it again.")]
    Card(#[from] serde_json::Error),
    /// The weights cannot be read.
    #[error("The network cannot start: {0}.")]
    Weights(#[from] crate::checkpoint::WeightsError),
    /// WebGPU was insisted on, and there is none.
    #[error("WebGPU was asked for, but {0}. Remove ?device=webgpu from the address to use the CPU.")]
    NoWebGpu(String),
    /// The CPU itself failed.
    #[error("The network cannot start: {0}. Reload the page to try again.")]
    Device(#[from] ExecutionError),
}

impl Predictor {
    /// Loads the network in `weights` (a file's content), described by `card` (JSON), onto the device that `choice`
    /// asks for; `adapter` is the WebGPU adapter's description, or why there is none.
    ///
    /// WebGPU is used only where it gives the CPU's logits on a known picture.
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

    /// Says that the network answers from now on, where, and what it is.
    pub fn ready(&self) -> Event {
        Event::Ready { device: self.opened.report.clone(), network: self.summary() }
    }

    /// What the page says about the network that answers.
    pub fn summary(&self) -> NetworkSummary {
        self.summary_of(self.classifier.network(), self.weights.clone())
    }

    /// What the page says about `network`, whose weights come from `weights`.
    pub fn summary_of(&self, network: &Network, weights: WeightsOrigin) -> NetworkSummary {
        let name = network.name();
        let title = if name == self.base() { self.card.title.clone() } else { name.title().into() };
        // Imported weights may be of other widths than those that came with the page.
        NetworkSummary { name, title, weights, layers: network.spec(), parameters: network.parameter_count() as u64 }
    }

    /// Which network answers.
    pub fn network(&self) -> NetworkName {
        self.classifier.network().name()
    }

    /// Which network came with the page: it answers again where one of the visitor's own is given up.
    pub fn base(&self) -> NetworkName {
        self.card.network
    }

    /// What computes, as the badge names it.
    pub fn report(&self) -> &DeviceReport {
        &self.opened.report
    }

    /// Where it computes.
    pub fn device(&self) -> &Device {
        &self.opened.device
    }

    /// Whether that is a GPU.
    pub fn is_on_gpu(&self) -> bool {
        matches!(self.opened.report, DeviceReport::WebGpu { .. })
    }

    /// What answers.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// What came with the page.
    pub fn shipped(&self) -> &Classifier {
        &self.shipped
    }

    /// Lets the badge say `because` of what the CPU computes.
    pub fn explain(&mut self, because: &str) {
        if let DeviceReport::Cpu { because: said } = &mut self.opened.report {
            *said = because.to_owned();
        }
    }

    /// Lets `classifier` answer from now on, whose weights come from `weights`.
    pub fn use_network(&mut self, classifier: Classifier, weights: WeightsOrigin) {
        // What was prepared before goes first: there is room for one such copy.
        self.classifier = self.shipped.clone();
        // On WebGPU that would have the first answer wait for more kernels.
        self.is_settled = !self.is_on_gpu();
        self.classifier = if self.is_settled { classifier.prepared(1) } else { classifier };
        self.weights = weights;
    }

    /// Prepares what answers for one picture at a time, unless that was done or tried before; worth it after the first
    /// answer.
    ///
    /// As at the start, only logits that agree show that the kernels do what they should.
    pub async fn prepare(&mut self) {
        if std::mem::replace(&mut self.is_settled, true) {
            return;
        }
        let prepared = self.classifier.clone().prepared(1);
        if prepared.is_prepared() && disagreement(&prepared, &self.classifier).await.is_none() {
            self.classifier = prepared;
        }
    }

    /// Answers once, so that the first visitor's picture finds compiled code and room; on WebGPU the self-check did so.
    pub async fn rehearse(&self) {
        if !self.is_on_gpu() {
            // Whether it fails, the visitor's picture will tell.
            let _ = self.classifier.logits(&[known_picture()]).await;
        }
    }

    /// Lets the network answer again that came with the page.
    pub fn use_shipped(&mut self) {
        self.use_network(self.shipped.clone(), self.card.summary().weights);
    }
}

/// `classifier`'s answer to a picture of which it sees `seen`; `now_ms` reads a clock.
///
/// # Errors
/// If the device fails.
pub async fn classify(
    classifier: &Classifier,
    id: PictureId,
    seen: Seen,
    now_ms: impl Fn() -> f64,
) -> Result<Event, ExecutionError> {
    let start_ms = now_ms();
    let Judgement { probabilities, is_none } = classifier.judgements(&[seen]).await?[0];
    let milliseconds = (now_ms() - start_ms) as f32;
    Ok(Event::Classified { id, prediction: Prediction { probabilities, is_none, milliseconds, seen: seen.to_vec() } })
}

/// Why `on_gpu` cannot be trusted, as a clause; none if it gives `on_cpu`'s logits on a known picture, or those of whatever
/// else is given in its place.
///
/// A shader that a browser refuses is only logged and leaves stale numbers behind, so results alone tell.
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
