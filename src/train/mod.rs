//! The training loop: one `async fn` over a run, images and a sink, the same natively and in the worker.
//!
//! It does no I/O and reads no clock. Whoever calls it gives it a [`Sink`], which hears of progress, may read
//! the run (to measure or to save it) and says whether to go on.

pub mod adam;
pub mod batches;
pub mod run;
pub mod schedule;

pub use adam::Adam;
pub use run::Run;

use crate::data::{Images, Normalisation};
use batches::Batches;
use burn::tensor::Transaction;

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
    /// Some steps were made.
    async fn progress(&mut self, progress: Progress) -> Control;

    /// An epoch ended; `run` is as after its last step.
    async fn epoch_ended(&mut self, run: &Run) -> Control;
}

/// A run whose loss is no longer a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the loss is no longer a finite number after step {step}; lower the learning rate")]
pub struct Diverged {
    /// Steps made when it was noticed.
    pub step: u64,
}

/// Continues `run` on `images` to the end of its last epoch, or until `sink` says stop.
///
/// Reports every `report_every` steps and at each epoch's end; only then is anything read from the device.
///
/// # Errors
/// If the loss becomes infinite or not a number.
pub async fn train(
    run: &mut Run,
    images: &Images,
    normalisation: &Normalisation,
    report_every: u64,
    sink: &mut impl Sink,
) -> Result<(), Diverged> {
    let mut batches = Batches::new(images, *normalisation, run.settings.clone());
    let steps_per_epoch = batches.steps_per_epoch();
    let mut since_report = Vec::new();
    while run.step < steps_per_epoch * u64::from(run.settings.epochs) {
        let batch = batches.batch(run.step);
        since_report.push(run.advance(batch, steps_per_epoch));
        let epoch_ended = run.step.is_multiple_of(steps_per_epoch);
        if epoch_ended || since_report.len() as u64 == report_every {
            let progress = read(run.step, std::mem::take(&mut since_report)).await?;
            if sink.progress(progress).await == Control::Stop {
                return Ok(());
            }
        }
        if epoch_ended && sink.epoch_ended(run).await == Control::Stop {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads what `steps` left on the device, in one transaction.
async fn read(step: u64, steps: Vec<run::StepResult>) -> Result<Progress, Diverged> {
    let image_count = steps.iter().map(|s| s.image_count).sum::<u64>();
    // GPU sync, once a report.
    let sums = steps.into_iter().map(|s| s.loss_and_correct).reduce(|a, b| a + b);
    let sums = sums.expect("a report follows at least one step");
    let data = Transaction::default().register(sums).execute_async().await;
    let data = data.expect("two floats can be read").remove(0);
    let sums: Vec<f32> = data.try_into_vec().expect("the loss and the count are f32");
    let [loss, correct] = sums[..] else { unreachable!("the loss and the count") };
    if !loss.is_finite() {
        return Err(Diverged { step });
    }
    let count = image_count as f32;
    Ok(Progress { step, loss: loss / count, accuracy: correct / count, image_count })
}
