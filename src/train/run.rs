//! A training run: the network, the optimiser's state, the settings, and how far it has come.

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

/// Keeps dropout's generator apart from those of order and augmentation.
const DROPOUT: u64 = 0x6472_6f70_0000_0000;

/// Everything that a run needs to go on, apart from the images.
#[derive(Clone, Debug)]
pub struct Run {
    /// The network being trained, on an autodiff device; absent only within a step, so that it is updated in place.
    network: Option<Network>,
    /// The optimiser's state.
    pub optimiser: Optimiser,
    /// What decides the run's course.
    pub settings: Settings,
    /// How much faster what is added to normalised values learns than the convolutions.
    pub shift_factor: f64,
    /// Steps made.
    pub step: u64,
    /// What the steps since the last report left.
    pub since_report: SinceReport,
}

/// A batch that a GPU cannot take at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this GPU takes at most {most} images at a time of this network, and a batch has {batch_size}: make a batch of {most}, \
     or choose the CPU"
)]
pub struct TooManyImages {
    /// Images of a batch.
    pub batch_size: usize,
    /// Most images that the GPU takes.
    pub most: usize,
}

/// What steps leave on the device until it is read.
#[derive(Clone, Debug, Default)]
pub struct SinceReport {
    /// Sum of the images' losses, and number of right answers; none before the first step.
    pub loss_and_right: Option<Tensor<1>>,
    /// Images that these are sums over.
    pub image_count: u64,
}

impl Run {
    /// A run from scratch on `device`.
    ///
    /// # Panics
    /// If there can be no such network, which [`Settings::check`] says.
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

    /// Whether the device takes a batch of it.
    ///
    /// # Errors
    /// If it does not, with the largest batch that it takes.
    pub fn check_batch(&self) -> Result<(), TooManyImages> {
        let (batch_size, most) = (self.settings.batch_size, self.network().most_images());
        if batch_size <= most { Ok(()) } else { Err(TooManyImages { batch_size, most }) }
    }

    /// The network as after the last step.
    pub fn network(&self) -> &Network {
        self.network.as_ref().expect("a run has a network between steps")
    }

    /// Makes one step on `batch`; nothing is read from the device.
    pub fn advance(&mut self, batch: Batch, steps_per_epoch: u64) {
        let Settings { epochs, warm_up_epochs, dropout_rate, seed, learning_rates, weight_decay, .. } = self.settings;
        let network = self.network.take().expect("a run has a network between steps");
        let device = network.device();
        let n = batch.len;
        let images = upload(batch.images, [n, 3, IMAGE_SIDE, IMAGE_SIDE], &device);
        let targets = upload(batch.targets, [n, CLASS_COUNT], &device);

        let mut masks = Masks::new(dropout_rate, seed ^ DROPOUT, self.step);
        let (logits, statistics) = network.forward_in_training(images, &mut masks);
        let SinceReport { loss_and_right, image_count } = std::mem::take(&mut self.since_report);
        let Loss { mean, tally } = cross_entropy(logits, targets, loss_and_right);
        self.since_report = SinceReport { loss_and_right: Some(tally), image_count: image_count + n as u64 };
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
