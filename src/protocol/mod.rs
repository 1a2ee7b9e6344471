//! What the page asks of the worker and what the worker tells the page.
//!
//! Both directions are one enum each, encoded as [postcard](https://docs.rs/postcard) bytes that are
//! transferred, not copied, between the threads. A file that the visitor drops travels beside its
//! [`Request::Classify`] as the browser's own `File` handle, so that the page never holds its bytes.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Number of classes of CIFAR-10.
pub const CLASS_COUNT: usize = 10;

/// The classes of CIFAR-10 in the data set's order: the index is the label.
pub const CLASSES: [&str; CLASS_COUNT] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Side of the square that the network sees, in pixels.
pub const IMAGE_SIDE: usize = 32;

/// Identifies a picture within one visit; the page counts up from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PictureId(pub u32);

/// Which device the visitor asked for, from `?device=` in the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// WebGPU where it passes the self-check, otherwise the CPU.
    #[default]
    Auto,
    /// WebGPU, or an error.
    WebGpu,
    /// The CPU.
    Cpu,
}

/// The device that computes, as the badge names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceReport {
    /// WebGPU, which passed the self-check.
    WebGpu {
        /// The adapter's description, possibly empty.
        adapter: String,
    },
    /// The CPU.
    Cpu {
        /// A clause that follows "CPU, because".
        because: String,
    },
}

/// What is on its way to the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// The worker's own wasm.
    Program,
    /// The network's weights.
    Weights,
}

/// What the page says about the loaded network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSummary {
    /// Identifier, as in `data-network`: `cui2017`.
    pub name: String,
    /// Name to show: "Cui 2017".
    pub title: String,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Accuracy of the shipped weights on the 10,000 test images, in percent.
    pub test_accuracy: f32,
    /// What the accuracy was measured on, as the model card says.
    pub data: String,
}

/// What the network says about one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Probability of each class, in the order of [`CLASSES`]; they sum to 1.
    pub probabilities: [f32; CLASS_COUNT],
    /// Time from decoded pixels to probabilities, in milliseconds.
    pub milliseconds: f32,
    /// What the network saw: 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub seen: Vec<u8>,
}

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Choose a device and load a network.
    Start {
        /// Which device the visitor asked for.
        device: DeviceChoice,
        /// Where the network's folder (`weights.safetensors`, `card.json`) is; ends in a slash.
        weights_url: String,
    },
    /// Classify the picture in the file that travels beside this message.
    Classify {
        /// The picture's name in the answer.
        id: PictureId,
    },
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Bytes arrived.
    Loading {
        /// Of what.
        part: Part,
        /// How many so far.
        received_bytes: u64,
        /// How many there are, unless the server does not say or compresses.
        total_bytes: Option<u64>,
    },
    /// The network answers from now on.
    Ready {
        /// What computes.
        device: DeviceReport,
        /// What answers.
        network: NetworkSummary,
    },
    /// The network's answer to one picture.
    Classified {
        /// Which picture.
        id: PictureId,
        /// The answer.
        prediction: Prediction,
    },
    /// One picture cannot be classified.
    Refused {
        /// Which picture.
        id: PictureId,
        /// A sentence for the visitor.
        reason: String,
    },
    /// Nothing can be classified any more.
    Failed {
        /// A sentence for the visitor.
        reason: String,
    },
}

/// A message that is not what the other side of this build sends.
#[derive(Debug, thiserror::Error)]
#[error("the page and its worker are from different builds: reload the page ({0})")]
pub struct DecodeError(#[from] postcard::Error);

/// The bytes of a message.
pub fn encode(message: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(message).expect("messages hold only types that postcard encodes")
}

/// The message in `bytes`.
///
/// # Errors
/// If `bytes` is not such a message.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, DecodeError> {
    Ok(postcard::from_bytes(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives<M: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: M) {
        assert_eq!(decode::<M>(&encode(&message)).expect("just encoded"), message);
    }

    #[test]
    fn every_request_survives_the_way() {
        survives(Request::Start { device: DeviceChoice::WebGpu, weights_url: "https://x/weights/".into() });
        survives(Request::Classify { id: PictureId(7) });
    }

    #[test]
    fn every_event_survives_the_way() {
        let network = NetworkSummary {
            name: "cui2017".into(),
            title: "Cui 2017".into(),
            parameters: 7_083_004,
            test_accuracy: 70.5,
            data: "CIFAR-10".into(),
        };
        let prediction = Prediction { probabilities: [0.1; CLASS_COUNT], milliseconds: 1.5, seen: vec![1, 2, 255] };
        survives(Event::Loading { part: Part::Weights, received_bytes: 1 << 40, total_bytes: None });
        survives(Event::Ready { device: DeviceReport::WebGpu { adapter: "SwiftShader".into() }, network });
        survives(Event::Classified { id: PictureId(u32::MAX), prediction });
        survives(Event::Refused { id: PictureId(0), reason: "Größer als das Blatt".into() });
        survives(Event::Failed { reason: String::new() });
    }

    #[test]
    fn a_message_of_another_build_is_refused() {
        assert!(decode::<Event>(&[250, 1, 2]).is_err());
        assert!(decode::<Request>(&[]).is_err());
    }
}
