//! A training run: the network, the optimiser's state, the settings, and the step.

use super::{Optimiser, batches::Batch, schedule};
use crate::{
    domain::{CLASS_COUNT, IMAGE_SIDE, Settings},
    model::{
        Masks, Network,
        loss::{Loss, cross_entropy},
        tensors::upload,
    },
};
use burn::{Tensor, tensor::Device};

/// Separates dropout's random generator from those of order and augmentation.
const DROPOUT: u64 = 0x6472_6f70_0000_0000;

/// Everything that a run needs to continue, apart from the images.
#[derive(Clone, Debug)]
pub struct Run {
    /// The network, on an autodiff device. Absent only during a step, so that it is updated in place.
    network: Option<Network>,
    /// The optimiser's state.
    pub optimiser: Optimiser,
    /// The settings.
    pub settings: Settings,
    /// The factor by which shifts after a normalisation learn faster than convolutions.
    pub shift_factor: f64,
    /// Steps so far.
    pub step: u64,
    /// Sums over the steps since the last report.
    pub since_report: SinceReport,
}

/// A batch that a GPU cannot take at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this GPU can take at most {most} images of this network at a time, and a batch has {batch_size}; set the batch size \
     to {most}, or choose the CPU"
)]
pub struct TooManyImages {
    /// Images in a batch.
    pub batch_size: usize,
    /// The most images that the GPU can take.
    pub most: usize,
}

/// Sums that stay on the device until a report reads them.
#[derive(Clone, Debug, Default)]
pub struct SinceReport {
    /// The sum of the images' losses and the number of correct answers, `[2]`; `None` before the first step.
    pub loss_and_correct: Option<Tensor<1>>,
    /// The number of images in these sums.
    pub image_count: u64,
}

impl Run {
    /// A run from scratch on `device`.
    ///
    /// # Panics
    /// If the settings describe no possible network; [`Settings::check`] tells.
    pub fn new(settings: Settings, device: &Device) -> Self {
        let network = Network::fresh(&settings.spec(), settings.seed, &device.clone().autodiff());
        Self::from_network(network.expect("settings are checked before a run begins"), settings)
    }

    /// A run that starts from `network`, on an autodiff device.
    pub fn from_network(network: Network, settings: Settings) -> Self {
        let optimiser = Optimiser::new(settings.optimiser);
        Self {
            network: Some(network),
            optimiser,
            settings,
            shift_factor: schedule::SHIFT_FACTOR,
            step: 0,
            since_report: SinceReport::default(),
        }
    }

    /// Checks whether the device can take a batch of this run.
    ///
    /// # Errors
    /// If it cannot, with the largest batch that it can take.
    pub fn check_batch(&self) -> Result<(), TooManyImages> {
        let (batch_size, most) = (self.settings.batch_size, self.network().most_images());
        if batch_size <= most { Ok(()) } else { Err(TooManyImages { batch_size, most }) }
    }

    /// The network after the last step.
    pub fn network(&self) -> &Network {
        self.network.as_ref().expect("a run has a network between steps")
    }

    /// Computes one step on `batch`. Nothing is read from the device.
    pub fn advance(&mut self, batch: Batch, steps_per_epoch: u64) {
        let Settings { epochs, warm_up_epochs, dropout_rate, seed, learning_rates, weight_decay, .. } =
            self.settings.at(self.step);
        let network = self.network.take().expect("a run has a network between steps");
        let device = network.device();
        let n = batch.len;
        let images = upload(batch.images, [n, 3, IMAGE_SIDE, IMAGE_SIDE], &device);
        let targets = upload(batch.targets, [n, CLASS_COUNT], &device);

        let mut masks = Masks::new(dropout_rate, seed ^ DROPOUT, self.step);
        let (logits, statistics) = network.forward_in_training(images, &mut masks);
        let SinceReport { loss_and_correct, image_count } = std::mem::take(&mut self.since_report);
        let Loss { mean, tally } = cross_entropy(logits, targets, loss_and_correct);
        self.since_report = SinceReport { loss_and_correct: Some(tally), image_count: image_count + n as u64 };
        let mut gradients = mean.backward();

        let warm_up_steps = (f64::from(warm_up_epochs) * steps_per_epoch as f64).round() as u64;
        let share = schedule::share(self.step, steps_per_epoch * u64::from(epochs), warm_up_steps);
        let rates = learning_rates.scaled(share);
        let rate_of = |group| rates.of(group, self.shift_factor);
        let network = self.optimiser.update(network, &mut gradients, rate_of, weight_decay * share);
        self.network = Some(network.with_statistics(statistics));
        self.step += 1;
    }
}
