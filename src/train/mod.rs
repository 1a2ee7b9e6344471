//! The training loop: one `async fn` over a run, images and a sink, the same natively and in the worker.
//!
//! It does no I/O and reads no clock. Whoever calls it gives it a [`Sink`], which hears of progress, may read
//! the run (to measure or to save it) and says whether to go on.

pub mod adam;
pub mod agreement;
pub mod batches;
pub mod momentum;
pub mod optimiser;
pub mod run;
pub mod schedule;
pub mod split;

pub use adam::Adam;
pub use optimiser::Optimiser;
pub use run::Run;

use crate::{data::Normalisation, model::tensors::read_one};
use batches::{Batches, View, teach};
use burn::backend::ExecutionError;

/// After this many steps, each of which is reported, so that a visitor sees at once that something happens.
const EAGER_STEPS: u64 = 10;

/// Steps between two reports from then on: a read makes a GPU wait, so there are few.
const STEPS_PER_REPORT: u64 = 10;

/// What the loop does after a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Goes on with the next step.
    Continue,
    /// Returns; a later call goes on where this one stopped.
    Stop,
}

/// Mean loss and accuracy on the training batches since the last report, dropout on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps made since the run began.
    pub step: u64,
    /// Mean cross-entropy, in nats.
    pub loss: f32,
    /// Share of right answers, in `0.0..=1.0`.
    pub accuracy: f32,
    /// Images that the two figures are means over.
    pub image_count: u64,
}

/// Hears of a run's progress.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Sink {
    /// The loss and the accuracy were read, after the first ten steps, after every tenth, and after each epoch.
    async fn progress(&mut self, run: &Run, progress: Progress) -> Control;

    /// An epoch ended; `run` is as after its last step.
    async fn epoch_ended(&mut self, run: &Run) -> Control;

    /// A step was made, and all was said that there is to say about it.
    async fn step_ended(&mut self, _run: &Run) -> Control {
        Control::Continue
    }
}

/// Another network, or several, from whose answers a run learns beside the labels.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Teacher {
    /// What it says of the normalised `images` of `step`, `[n, 3, 32, 32]`, as they are shown: probabilities, `[n, 10]`; none
    /// where only the labels count.
    ///
    /// # Errors
    /// If its device fails, which ends the run.
    async fn answers(&self, step: u64, images: &[f32]) -> Result<Option<Vec<f32>>, ExecutionError>;
}

/// Where a run learns from labels alone.
pub struct NoTeacher;

impl Teacher for NoTeacher {
    async fn answers(&self, _: u64, _: &[f32]) -> Result<Option<Vec<f32>>, ExecutionError> {
        Ok(None)
    }
}

/// A run whose loss is no longer a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the loss is no longer a finite number after step {step}; lower the learning rate")]
pub struct Diverged {
    /// Steps made when it was noticed.
    pub step: u64,
}

/// Why a run cannot go on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss became infinite or not a number.
    #[error(transparent)]
    Diverged(#[from] Diverged),
    /// The device computes no more.
    #[error("the device failed: {0}")]
    Device(#[from] ExecutionError),
}

/// Continues `run` on `views` of the training images, which epochs show in turn, to the end of its last epoch, or until
/// `sink` says stop.
///
/// Only for a report is anything read from the device.
///
/// # Errors
/// If the loss becomes infinite or not a number, or the device fails.
///
/// # Panics
/// If there is no view, or a batch holds none or more than all of a view's images.
pub async fn train(
    run: &mut Run,
    views: &[View<'_>],
    normalisation: &Normalisation,
    sink: &mut impl Sink,
) -> Result<(), TrainError> {
    train_with(run, views, normalisation, &NoTeacher, sink).await
}

/// As [`train`], with a `teacher`.
///
/// # Errors
/// As [`train`], and if the teacher's device fails.
///
/// # Panics
/// As [`train`].
pub async fn train_with(
    run: &mut Run,
    views: &[View<'_>],
    normalisation: &Normalisation,
    teacher: &impl Teacher,
    sink: &mut impl Sink,
) -> Result<(), TrainError> {
    let mut batches = Batches::new(views, *normalisation, run.settings.clone());
    let steps_per_epoch = batches.steps_per_epoch();
    while run.step < steps_per_epoch * u64::from(run.settings.epochs) {
        let mut batch = batches.batch(run.step);
        if let Some(answers) = teacher.answers(run.step, &batch.images).await? {
            teach(&mut batch.targets, answers);
        }
        run.advance(batch, steps_per_epoch);
        let epoch_ended = run.step.is_multiple_of(steps_per_epoch);
        if epoch_ended || run.step <= EAGER_STEPS || run.step.is_multiple_of(STEPS_PER_REPORT) {
            let progress = read_loss(run).await?;
            if sink.progress(run, progress).await == Control::Stop {
                return Ok(());
            }
        }
        if epoch_ended && sink.epoch_ended(run).await == Control::Stop {
            return Ok(());
        }
        if sink.step_ended(run).await == Control::Stop {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads what the steps since the last report left on the device, in one transaction.
///
/// # Errors
/// If the loss is infinite or not a number, or the device fails.
///
/// # Panics
/// If there was no step since.
pub async fn read_loss(run: &mut Run) -> Result<Progress, TrainError> {
    let step = run.step;
    let run::SinceReport { loss_and_right, image_count } = std::mem::take(&mut run.since_report);
    let sums = loss_and_right.expect("a report follows at least one step");
    // GPU sync, once a report.
    let sums = read_one(sums).await?;
    let [loss, right] = sums[..] else { unreachable!("the loss and the count") };
    if !loss.is_finite() {
        return Err(Diverged { step }.into());
    }
    let count = image_count as f32;
    Ok(Progress { step, loss: loss / count, accuracy: right / count, image_count })
}
