//! Answers the page's requests with a trained network; knows nothing of the browser.

use crate::{
    checkpoint::Card,
    data::{IMAGE_LEN, Seen, see},
    device::{self, Opened},
    infer::{Classifier, softmax},
    protocol::{DeviceChoice, DeviceReport, Event, PictureId, Prediction},
};

/// Largest difference between WebGPU's logits and the CPU's that the self-check accepts.
const SELF_CHECK_TOLERANCE: f32 = 1e-3;

/// A network on a device, ready to answer.
#[derive(Debug)]
pub struct Engine {
    classifier: Classifier,
    device: DeviceReport,
    card: Card,
}

/// Why there is no engine; each reads as a sentence for the visitor.
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
    Device(#[from] crate::infer::ExecutionError),
}

impl Engine {
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
        let (classifier, device) = match opened.report {
            DeviceReport::Cpu { .. } => (on_cpu, opened.report),
            DeviceReport::WebGpu { .. } => {
                let on_gpu = Classifier::load(weights, &card, &opened.device)?;
                match (disagreement(&on_gpu, &on_cpu).await, choice) {
                    (None, _) => (on_gpu, opened.report),
                    (Some(reason), DeviceChoice::WebGpu) => return Err(StartError::NoWebGpu(reason)),
                    (Some(reason), _) => {
                        let Opened { report, .. } = device::cpu(reason);
                        (on_cpu, report)
                    }
                }
            }
        };
        Ok(Self { classifier, device, card })
    }

    /// Says that the network answers from now on, where, and what it is.
    pub fn ready(&self) -> Event {
        Event::Ready { device: self.device.clone(), network: self.card.summary() }
    }

    /// The answer to the picture in `bytes`, an encoded file; `now_ms` reads a clock.
    pub async fn classify(&self, id: PictureId, bytes: &[u8], now_ms: impl Fn() -> f64) -> Event {
        let seen = match see(bytes) {
            Ok(seen) => seen,
            Err(error) => return Event::Refused { id, reason: error.to_string() },
        };
        let start_ms = now_ms();
        match self.classifier.logits(&[seen]).await {
            Ok(logits) => {
                let probabilities = softmax(&logits[0]);
                let milliseconds = (now_ms() - start_ms) as f32;
                let prediction = Prediction { probabilities, milliseconds, seen: seen.to_vec() };
                Event::Classified { id, prediction }
            }
            Err(error) => Event::Failed {
                reason: format!("The device stopped computing ({error}). Reload the page to try again."),
            },
        }
    }
}

/// Why `on_gpu` cannot be trusted, as a clause; none if it gives `on_cpu`'s logits on a known picture.
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
fn known_picture() -> Seen {
    let mut seen = [0; IMAGE_LEN];
    for (at, byte) in seen.iter_mut().enumerate() {
        let (row, column, channel) = (at / 96, at / 3 % 32, at % 3);
        let wave = ((row * (channel + 1)) as f32 * 0.37).sin() + ((column * (3 - channel)) as f32 * 0.23).cos();
        *byte = (127.5 + 63.0 * wave) as u8;
    }
    seen
}
