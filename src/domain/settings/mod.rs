//! The settings of a training run. Equal settings and images give equal runs.

mod changes;
pub mod table;

use super::{NetworkName, Spec};
use crate::layers::Dropout;
use crate::spec::{Kind, SpecError};
use serde::{Deserialize, Deserializer, Serialize};
use table::SETTINGS;

/// The number of CIFAR-10's training images.
pub const ALL_IMAGES: usize = 50_000;

/// The most images that a run is validated on after an epoch.
pub const VALIDATION_IMAGES: usize = 5_000;

/// A learning rate for each kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRates {
    /// Of the convolutions.
    pub convolution: f64,
    /// Of the dense layers.
    pub dense: f64,
}

/// The optimiser: how gradients change the parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptimiserChoice {
    /// Adam (Kingma and Ba, 2015).
    #[default]
    Adam,
    /// Stochastic gradient descent with Nesterov momentum 0.9 (Sutskever et al., 2013).
    Momentum,
}

impl OptimiserChoice {
    /// All optimisers.
    pub const ALL: [Self; 2] = [Self::Adam, Self::Momentum];
}

/// The settings of a training run; [`table`] has their ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The network to train.
    #[serde(default)]
    pub network: NetworkName,
    /// The layers of a visitor's own network; none for the shipped networks, whose name determines them.
    #[serde(default)]
    pub layers: Option<Spec>,
    /// Number of passes over the training images.
    pub epochs: u32,
    /// Images in one step.
    pub batch_size: usize,
    /// The optimiser.
    #[serde(default)]
    pub optimiser: OptimiserChoice,
    /// The highest learning rates, which apply after the warm-up.
    pub learning_rates: LearningRates,
    /// Epochs over which the learning rates rise from 0.
    pub warm_up_epochs: f32,
    /// Share of every parameter that a step removes at the highest learning rate, and proportionally less at lower ones
    /// (decoupled weight decay, Loshchilov and Hutter, 2019).
    #[serde(default)]
    pub weight_decay: f64,
    /// Share of each target that is spread evenly over all classes (Szegedy et al., 2016).
    #[serde(default)]
    pub label_smoothing: f32,
    /// Share of activations that dropout sets to 0.
    pub dropout_rate: f32,
    /// Whether images are mirrored left to right, each in every other epoch.
    pub flip: bool,
    /// Largest shift of an image along each axis, in pixels. The mirrored edge fills the gap.
    pub shift_pixels: u8,
    /// Side in pixels of a square that is hidden at a random place of each image, partly outside too (cutout, DeVries
    /// and Taylor, 2017).
    #[serde(default)]
    pub cutout_pixels: u8,
    /// Share of images with a rectangle of another image of the batch. The other class gets the rectangle's share of
    /// the target (CutMix, Yun et al., 2019).
    #[serde(default)]
    pub cutmix_share: f32,
    /// Determines the initial weights, the order of images, augmentation and dropout.
    pub seed: u64,
    /// How many training images the run learns from: the first ones.
    #[serde(default = "all_images", deserialize_with = "at_most_all_images")]
    pub train_images: usize,
    /// What changes during the run: `231:dropout=0.3,400:flip=off`. Steps count from the run's start, and never
    /// decrease. [`Settings::at`] applies the changes.
    #[serde(default)]
    pub changes: String,
}

/// The default for files of versions without this setting.
fn all_images() -> usize {
    ALL_IMAGES
}

/// Earlier files may name more images than exist, which meant all of them.
fn at_most_all_images<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(usize::deserialize(deserializer)?.min(ALL_IMAGES))
}

/// Why settings are impossible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A setting is out of range.
    #[error("{label} must be {range}")]
    OutOfRange {
        /// The setting's label.
        label: &'static str,
        /// The valid range, as a clause.
        range: String,
    },
    /// The training images do not fill a batch.
    #[error("Training images must be at least one batch")]
    NoBatch,
    /// The network is impossible, or takes too much memory in training.
    #[error(transparent)]
    Network(#[from] SpecError),
    /// A change during the run cannot be read, is not in the order of the steps, or is one too many; or its setting
    /// cannot change.
    #[error(
        "changes are written as 231:dropout=0.3,400:flip=off, by step, at most 100; the network, its optimiser, the \
         batches, the images and the length of a run stay as they are"
    )]
    Changes,
    /// A visitor's own network lacks its layers, or another network has some.
    #[error("layers belong to a network of one's own, and only to such a one")]
    Layers,
}

impl Settings {
    /// The dropout rate of the article.
    pub const ARTICLE_DROPOUT_RATE: f32 = 0.7;

    /// Checks the range of every setting. Files may contain others.
    ///
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), SettingsError> {
        if let Some(setting) = SETTINGS.iter().find(|setting| !setting.is_kept_by(self)) {
            return Err(SettingsError::OutOfRange { label: setting.label, range: setting.range() });
        }
        if self.train_images < self.batch_size {
            return Err(SettingsError::NoBatch);
        }
        self.check_changes()?;
        match (&self.layers, self.network) {
            (Some(layers), NetworkName::Own) => Ok(layers.check(self.batch_size)?),
            (None, NetworkName::Cui2017 | NetworkName::Tenfold2026) => Ok(()),
            _ => Err(SettingsError::Layers),
        }
    }

    /// The layers of the network: the visitor's own, or those of the network's name.
    pub fn spec(&self) -> Spec {
        self.layers.clone().unwrap_or_else(|| Spec::shipped(self.network))
    }

    /// The same settings for the network `spec`.
    pub fn with_network(self, spec: Spec) -> Self {
        let network = spec.network;
        Self { network, layers: (network == NetworkName::Own).then_some(spec), ..self }
    }

    /// Whether the network has a dropout layer that uses the rate of these settings.
    pub fn has_dropout(&self) -> bool {
        let is_set_here = |kind: &Kind| matches!(kind, Kind::Dropout(Dropout { percent: None }));
        self.spec().kinds().iter().any(is_set_here)
    }

    /// Steps in an epoch with `image_count` training images. Images that do not fill a last batch are left out of that
    /// epoch.
    pub fn steps_per_epoch(&self, image_count: usize) -> u64 {
        (self.train_images.min(image_count) / self.batch_size) as u64
    }
}

impl Default for Settings {
    /// The settings that measurements favour for the article's network.
    fn default() -> Self {
        NetworkName::Cui2017.settings()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_checked_with_the_batch_that_they_are_trained_on() {
        let own = |line: &str| NetworkName::Own.settings().with_network(line.parse().expect("layers"));
        assert_eq!(own("flat-dense10").check(), Ok(()));
        let error = own("flat-dense11").check().expect_err("no network").to_string();
        assert_eq!(error, "the last layer gives 11 values, and should give 10, one for each class");
        let wide = own("conv64k3r-conv64k3r-gavg-dense10");
        assert_eq!(wide.check(), Ok(()));
        assert!(Settings { batch_size: 1024, ..wide }.check().is_err());
        let article = Settings::default().with_network(Spec::shipped(NetworkName::Cui2017));
        assert_eq!((article.layers.clone(), article.check()), (None, Ok(())));
        let both = Settings { layers: own("flat-dense10").layers, ..article };
        assert_eq!(both.check(), Err(SettingsError::Layers));
    }

    #[test]
    fn the_defaults_are_possible() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn a_setting_out_of_its_range_is_named() {
        let error = Settings { dropout_rate: f32::NAN, ..Settings::default() }.check().expect_err("no number");
        assert_eq!(error.to_string(), "Dropout must be 0 to 0.95");
        assert!(Settings { train_images: 127, ..Settings::default() }.check().is_err());
    }

    #[test]
    fn an_epoch_is_made_of_whole_batches_of_the_images_that_are_there() {
        let settings = Settings { batch_size: 100, train_images: 1_050, ..Settings::default() };
        assert_eq!(settings.steps_per_epoch(50_000), 10);
        assert_eq!(settings.steps_per_epoch(299), 2);
    }
}
