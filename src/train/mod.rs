//! The training loop: one `async fn` over a run, images and a sink, the same natively and in the worker.
//!
//! It does no I/O and reads no clock. The caller gives it a [`Sink`], which is told of progress and can read the run,
//! to measure or save it. The sink also decides whether to go on.

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

/// The first steps, each of which is reported, so that a visitor sees progress at once.
const EAGER_STEPS: u64 = 10;

/// Steps between two reports after the first ones. There are few, since each read makes a GPU wait.
const STEPS_PER_REPORT: u64 = 10;

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Continue with the next step.
    Continue,
    /// Return. A later call continues from here.
    Stop,
}

/// Mean loss and accuracy on the training batches since the last report, with dropout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps since the run began.
    pub step: u64,
    /// Mean cross-entropy, in nats.
    pub loss: f32,
    /// The share of correct answers, in `0.0..=1.0`.
    pub accuracy: f32,
    /// The number of images of both means.
    pub image_count: u64,
}

/// Is told of a run's progress.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Sink {
    /// Loss and accuracy were read. This happens after each of the first ten steps, after every tenth, and after each
    /// epoch.
    async fn progress(&mut self, run: &Run, progress: Progress) -> Control;

    /// An epoch ended. `run` is as it is after its last step.
    async fn epoch_ended(&mut self, run: &Run) -> Control;

    /// A step ended. This is the last call for the step. Settings of `run` can be [changed](crate::domain::Settings::change) now, from
    /// the next step on.
    async fn step_ended(&mut self, _run: &mut Run) -> Control {
        Control::Continue
    }
}

/// One or more other networks whose answers a run learns from, in addition to the labels.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Teacher {
    /// The answers to the normalised and augmented `images` of `step`, `[n, 3, 32, 32]`: probabilities, `[n, 10]`.
    /// `None` if only the labels count.
    ///
    /// # Errors
    /// If its device fails. This ends the run.
    async fn answers(&self, step: u64, images: &[f32]) -> Result<Option<Vec<f32>>, ExecutionError>;
}

/// No teacher: only the labels count.
pub struct NoTeacher;

impl Teacher for NoTeacher {
    async fn answers(&self, _: u64, _: &[f32]) -> Result<Option<Vec<f32>>, ExecutionError> {
        Ok(None)
    }
}

/// A run whose loss is infinite or NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the loss is no longer a finite number after step {step}; lower the learning rate")]
pub struct Diverged {
    /// Steps of the run when it was noticed.
    pub step: u64,
}

/// Why a run had to stop.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss became infinite or NaN.
    #[error(transparent)]
    Diverged(#[from] Diverged),
    /// The device has stopped computing.
    #[error("the device failed: {0}")]
    Device(#[from] ExecutionError),
}

/// Continues `run` to the end of its last epoch, or until `sink` stops it. Epochs show the `views` of the training
/// images in turn.
///
/// The device is read only for reports.
///
/// # Errors
/// If the loss becomes infinite or NaN, or the device fails.
///
/// # Panics
/// If there is no view, a view has fewer images than a batch, or the batch size is 0.
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
        batches.take_changes(&run.settings);
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

/// Reads the sums of the steps since the last report from the device, in one transaction.
///
/// # Errors
/// If the loss is infinite or NaN, or the device fails.
///
/// # Panics
/// If there was no step since the last report.
pub async fn read_loss(run: &mut Run) -> Result<Progress, TrainError> {
    let step = run.step;
    let run::SinceReport { loss_and_correct, image_count } = std::mem::take(&mut run.since_report);
    let sums = loss_and_correct.expect("a report follows at least one step");
    // GPU sync, once per report.
    let sums = read_one(sums).await?;
    let [loss, correct] = sums[..] else { unreachable!("the loss and the count") };
    if !loss.is_finite() {
        return Err(Diverged { step }.into());
    }
    let count = image_count as f32;
    Ok(Progress { step, loss: loss / count, accuracy: correct / count, image_count })
}
