//! Tenfold's domain as plain data that every room may name: classes, images, networks, settings, runs, devices.

pub mod arithmetic;
pub mod calibration;
mod decimal;
pub mod device;
mod figure;
pub mod lapse;
pub mod networks;
pub mod order;
pub mod pairing;
pub mod run;
pub mod runs;
pub mod settings;
pub mod summary;

pub use crate::spec::{CLASS_COUNT, IMAGE_SIDE, LayerFacts, NetworkName, Spec};
pub use calibration::{Calibration, Doubted};
pub use decimal::decimal;
pub use device::{DeviceChoice, DeviceReport, Memory};
pub use pairing::Pairing;
pub use run::{CurvePoint, History, RunFacts, StartingWeights, Validation};
pub use runs::{KeptRun, RunId, RunUse, ShelfItem, UnreadableFile};
pub use settings::{LearningRates, OptimiserChoice, Settings, SettingsError};
pub use summary::{NetworkSummary, WeightsOrigin};

use serde::{Deserialize, Serialize};

/// The classes of CIFAR-10 in the data set's order: the index is the label.
pub const CLASSES: [&str; CLASS_COUNT] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// The index of the highest of ten logits or probabilities. Of equal ones it is the first.
pub fn likeliest(values: &[f32; CLASS_COUNT]) -> usize {
    (1..CLASS_COUNT).fold(0, |best, class| if values[class] > values[best] { class } else { best })
}

/// A split of CIFAR-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Split {
    /// The training images.
    Train,
    /// The test images.
    Test,
}
