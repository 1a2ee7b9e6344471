//! A step with convolution and pool on one device and the dense layers on another, the article's slower case.

use super::{Optimiser, batches::Batch, schedule::SHIFT_FACTOR};
use crate::{
    domain::{CLASS_COUNT, IMAGE_SIDE, Settings},
    model::{
        Masks, Network,
        activations::Activations,
        loss::cross_entropy,
        tensors::{read_one, upload, with_gradient},
    },
};
use burn::{backend::ExecutionError, tensor::Device};

/// A run on two devices, for timing. Its steps cost as much as those of [`Run`](super::Run), but give other results.
/// The learning rates are always at their highest, there is no weight decay, and dropout draws other masks.
#[derive(Debug)]
pub struct SplitRun {
    /// Convolution and pool.
    front: Option<Network>,
    /// The dense layers.
    back: Option<Network>,
    front_optimiser: Optimiser,
    back_optimiser: Optimiser,
    settings: Settings,
    step: u64,
}

impl SplitRun {
    /// A run from scratch, with convolution and pool on `front`, the rest on `back`.
    pub fn new(settings: Settings, front: &Device, back: &Device) -> Self {
        let parts =
            |device: &Device| Network::init(settings.network, settings.seed, &device.clone().autodiff()).parted();
        let ([front, _], [_, back]) = (parts(front), parts(back));
        Self {
            front: Some(front),
            back: Some(back),
            front_optimiser: Optimiser::new(settings.optimiser),
            back_optimiser: Optimiser::new(settings.optimiser),
            settings,
            step: 0,
        }
    }

    /// Computes one step on `batch` and returns its mean loss, in nats.
    ///
    /// # Errors
    /// If a device fails.
    pub async fn advance(&mut self, batch: Batch) -> Result<f32, ExecutionError> {
        let front = self.front.take().expect("there is one between steps");
        let back = self.back.take().expect("there is one between steps");
        let n = batch.len;
        let images = upload(batch.images, [n, 3, IMAGE_SIDE, IMAGE_SIDE], &front.device());
        let targets = upload(batch.targets, [n, CLASS_COUNT], &back.device());

        let mut masks = Masks::new(self.settings.dropout_rate, self.settings.seed, self.step);
        let (features, _) = front.forward_in_training(images, &mut masks);
        let shape = features.dims();
        // From one device to the other, and the gradient back.
        let carried = upload(read_one(features.clone().inner()).await?, shape, &back.device()).require_grad();
        let (logits, _) = back.values_in_training(Activations::Values(carried.clone()), &mut masks);
        let loss = cross_entropy(logits, targets, None).mean;
        let mut back_gradients = loss.backward();
        let gradient = carried.grad(&back_gradients).expect("the features require a gradient");
        let gradient = upload(read_one(gradient).await?, shape, &front.device());
        let mut front_gradients = with_gradient(features, gradient).backward();

        let rates = self.settings.learning_rates;
        let rate_of = |group| rates.of(group, SHIFT_FACTOR);
        self.front = Some(self.front_optimiser.update(front, &mut front_gradients, rate_of, 0.0));
        self.back = Some(self.back_optimiser.update(back, &mut back_gradients, rate_of, 0.0));
        self.step += 1;
        Ok(read_one(loss.inner()).await?[0])
    }
}
