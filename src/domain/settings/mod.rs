//! What decides a run's course: equal settings and images give equal runs.

pub mod table;

use super::{NetworkName, Spec};
use crate::spec::{Kind, SpecError, layers::Dropout};
use serde::{Deserialize, Deserializer, Serialize};
use table::SETTINGS;

/// CIFAR-10's training images.
pub const ALL_IMAGES: usize = 50_000;

/// A learning rate for each kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRates {
    /// Of the convolutions.
    pub convolution: f64,
    /// Of the dense layers.
    pub dense: f64,
}

/// What turns gradients into changes of the parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptimiserChoice {
    /// Adam (Kingma and Ba, 2015).
    #[default]
    Adam,
    /// Stochastic gradient descent with Nesterov momentum 0.9 (Sutskever et al., 2013).
    Momentum,
}

impl OptimiserChoice {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Adam, Self::Momentum];
}

/// The settings of a training run; [`table`] has their ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What is trained.
    #[serde(default)]
    pub network: NetworkName,
    /// The layers of a network of one's own; none where the network's name says them.
    #[serde(default)]
    pub layers: Option<Spec>,
    /// Passes over the training images.
    pub epochs: u32,
    /// Images a step.
    pub batch_size: usize,
    /// What turns gradients into changes.
    #[serde(default)]
    pub optimiser: OptimiserChoice,
    /// The highest learning rates, reached after the warm-up.
    pub learning_rates: LearningRates,
    /// Epochs over which the learning rates rise from 0.
    pub warm_up_epochs: f32,
    /// Share that each step at the highest learning rate takes off every parameter; less where the rate is lower
    /// (decoupled weight decay, Loshchilov and Hutter, 2019).
    #[serde(default)]
    pub weight_decay: f64,
    /// Share of a target that is spread evenly over all classes (Szegedy et al., 2016).
    #[serde(default)]
    pub label_smoothing: f32,
    /// Share of connections that dropout cuts.
    pub dropout_rate: f32,
    /// Whether images are mirrored left to right, each in every other epoch.
    pub flip: bool,
    /// Largest shift of an image along each axis, in pixels; what enters is the mirrored edge.
    pub shift_pixels: u8,
    /// Side of a square that is hidden in each image, anywhere and partly outside too, in pixels (cutout, DeVries and
    /// Taylor, 2017).
    #[serde(default)]
    pub cutout_pixels: u8,
    /// Share of the images of which a rectangle shows another image of the batch, whose class has the rectangle's share of
    /// the target (CutMix, Yun et al., 2019).
    #[serde(default)]
    pub cutmix_share: f32,
    /// Decides the initial weights, the order of images, their augmentation and dropout.
    pub seed: u64,
    /// How many of the training images the run learns from, the first ones.
    #[serde(default = "all_images", deserialize_with = "at_most_all_images")]
    pub train_images: usize,
}

/// What runs learnt from before one could choose.
fn all_images() -> usize {
    ALL_IMAGES
}

/// Earlier files may name more images than there are, which meant all.
fn at_most_all_images<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(usize::deserialize(deserializer)?.min(ALL_IMAGES))
}

/// Settings that no run can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// One that is out of its range.
    #[error("{label} must be {range}")]
    OutOfRange {
        /// The setting, as its label says it.
        label: &'static str,
        /// What it must be, as a clause.
        range: String,
    },
    /// Images that do not fill a batch.
    #[error("Training images must be at least one batch")]
    NoBatch,
    /// A network that cannot be, or takes too much memory in training.
    #[error(transparent)]
    Network(#[from] SpecError),
    /// A network of one's own without layers, or layers where the network's name says them.
    #[error("layers belong to a network of one's own, and only to such a one")]
    Layers,
}

impl Settings {
    /// The share of connections that the article drops.
    pub const ARTICLE_DROPOUT_RATE: f32 = 0.7;

    /// Checks every setting's range, which files need not keep.
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
        match (&self.layers, self.network) {
            (Some(layers), NetworkName::Own) => Ok(layers.check(self.batch_size)?),
            (None, NetworkName::Cui2017 | NetworkName::Tenfold2026) => Ok(()),
            _ => Err(SettingsError::Layers),
        }
    }

    /// The network: its own layers, or those of the network's name.
    pub fn spec(&self) -> Spec {
        self.layers.clone().unwrap_or_else(|| Spec::shipped(self.network))
    }

    /// The same for the network `spec`, whichever that is.
    pub fn with_network(self, spec: Spec) -> Self {
        let network = spec.network;
        Self { network, layers: (network == NetworkName::Own).then_some(spec), ..self }
    }

    /// Whether a layer drops as many values as these settings say, so that the rate counts.
    pub fn has_dropout(&self) -> bool {
        let is_set_here = |kind: &Kind| matches!(kind, Kind::Dropout(Dropout { percent: None }));
        self.spec().kinds().iter().any(is_set_here)
    }

    /// Steps an epoch takes where there are `image_count` training images; the images that do not fill a last batch
    /// wait for another epoch's order.
    pub fn steps_per_epoch(&self, image_count: usize) -> u64 {
        (self.train_images.min(image_count) / self.batch_size) as u64
    }
}

impl Default for Settings {
    /// What measurements favour for the article's network.
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
