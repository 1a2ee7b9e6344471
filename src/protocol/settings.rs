//! What decides a run's course: equal settings and images give equal runs.

use super::NetworkName;
use serde::{Deserialize, Serialize};

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

/// The settings of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What is trained.
    #[serde(default)]
    pub network: NetworkName,
    /// Passes over the training images, 1 to 1,000.
    pub epochs: u32,
    /// Images a step, 1 to 1,024.
    pub batch_size: usize,
    /// What turns gradients into changes.
    #[serde(default)]
    pub optimiser: OptimiserChoice,
    /// The highest learning rates, reached after the warm-up; above 0 and at most 1.
    pub learning_rates: LearningRates,
    /// Epochs over which the learning rates rise from 0; at most 1,000.
    pub warm_up_epochs: f32,
    /// Share that each step at the highest learning rate takes off every parameter, 0 to 0.1; less where the rate is
    /// lower (decoupled weight decay, Loshchilov and Hutter, 2019).
    #[serde(default)]
    pub weight_decay: f64,
    /// Share of a target that is spread evenly over all classes, 0 to 0.5 (Szegedy et al., 2016).
    #[serde(default)]
    pub label_smoothing: f32,
    /// Share of connections that dropout cuts, 0 to 0.95.
    pub dropout_rate: f32,
    /// Whether images are mirrored left to right, each in every other epoch.
    pub flip: bool,
    /// Largest shift of an image along each axis, in pixels, at most 8; what enters is the mirrored edge.
    pub shift_pixels: u8,
    /// Side of a square that is hidden in each image, anywhere and partly outside too, in pixels, at most 16 (cutout,
    /// DeVries and Taylor, 2017).
    #[serde(default)]
    pub cutout_pixels: u8,
    /// Share of the images, 0 to 1, of which a rectangle shows another image of the batch, whose class has the rectangle's
    /// share of the target (CutMix, Yun et al., 2019).
    #[serde(default)]
    pub cutmix_share: f32,
    /// Decides the initial weights, the order of images, their augmentation and dropout; below 2^53.
    pub seed: u64,
    /// How many of the training images the run learns from, the first ones; all, if there are no more.
    #[serde(default = "all_images")]
    pub train_images: usize,
}

/// What runs learnt from before one could choose.
fn all_images() -> usize {
    50_000
}

/// Settings that no run can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {range}")]
pub struct SettingsError {
    /// The setting, in words.
    pub name: &'static str,
    /// What it must be, as a clause.
    pub range: &'static str,
}

impl Settings {
    /// The share of connections that the article drops.
    pub const ARTICLE_DROPOUT_RATE: f32 = 0.7;

    /// Checks every setting's range, which files and addresses need not keep.
    ///
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), SettingsError> {
        let rate = |rate: f64| rate > 0.0 && rate <= 1.0;
        let checks = [
            ("epochs", "1 to 1,000", (1..=1000).contains(&self.epochs)),
            ("batch size", "1 to 1,024", (1..=1024).contains(&self.batch_size)),
            ("learning rate of the convolution", "above 0 and at most 1", rate(self.learning_rates.convolution)),
            ("learning rate of the dense layers", "above 0 and at most 1", rate(self.learning_rates.dense)),
            ("warm-up", "0 to 1,000 epochs", (0.0..=1000.0).contains(&self.warm_up_epochs)),
            ("weight decay", "0 to 0.1", (0.0..=0.1).contains(&self.weight_decay)),
            ("label smoothing", "0 to 0.5", (0.0..=0.5).contains(&self.label_smoothing)),
            ("dropout rate", "0 to 0.95", (0.0..=0.95).contains(&self.dropout_rate)),
            ("shift", "0 to 8 pixels", self.shift_pixels <= 8),
            ("cutout", "0 to 16 pixels", self.cutout_pixels <= 16),
            ("cutmix", "0 to 1", (0.0..=1.0).contains(&self.cutmix_share)),
            ("seed", "a whole number below 2^53", self.seed < 1 << 53),
            ("training images", "at least one batch", self.train_images >= self.batch_size),
        ];
        match checks.into_iter().find(|&(_, _, is_kept)| !is_kept) {
            Some((name, range, _)) => Err(SettingsError { name, range }),
            None => Ok(()),
        }
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
    fn the_defaults_are_possible() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn a_setting_out_of_its_range_is_named() {
        let error = Settings { dropout_rate: f32::NAN, ..Settings::default() }.check().expect_err("no number");
        assert_eq!(error.to_string(), "dropout rate must be 0 to 0.95");
        assert!(Settings { train_images: 127, ..Settings::default() }.check().is_err());
    }

    #[test]
    fn an_epoch_is_made_of_whole_batches_of_the_images_that_are_there() {
        let settings = Settings { batch_size: 100, train_images: 1_050, ..Settings::default() };
        assert_eq!(settings.steps_per_epoch(50_000), 10);
        assert_eq!(settings.steps_per_epoch(299), 2);
    }
}
