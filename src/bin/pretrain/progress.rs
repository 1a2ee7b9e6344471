//! Shows a native run in the terminal: a progress bar, and a table row for each epoch. Saves the run after each epoch.

use super::storage::{Checkpoint, StorageError};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use tenfold::{
    data::{Dataset, Normalisation},
    infer::{Classifier, evaluate},
    train::{Control, Progress, Run, Sink},
};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C was pressed.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Shows a run's progress in the terminal.
pub struct Reporter<'a> {
    dataset: &'a Dataset,
    normalisation: Normalisation,
    checkpoint: Checkpoint,
    seconds: &'a dyn Fn() -> u64,
    bar: ProgressBar,
    epoch: EpochMeans,
    failure: Option<StorageError>,
}

/// Sums over the current epoch.
#[derive(Default)]
struct EpochMeans {
    loss: f64,
    correct: f64,
    images: f64,
}

impl<'a> Reporter<'a> {
    /// A reporter for `run`; `seconds` gives the run's duration so far.
    ///
    /// # Errors
    /// If Ctrl-C cannot be caught.
    pub fn new(
        dataset: &'a Dataset,
        normalisation: Normalisation,
        run: &Run,
        checkpoint: Checkpoint,
        seconds: &'a dyn Fn() -> u64,
    ) -> Result<Self, ctrlc::Error> {
        ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))?;
        let steps_per_epoch = run.settings.steps_per_epoch(dataset.train.len());
        let steps = steps_per_epoch * u64::from(run.settings.epochs);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {eta} left, {msg}");
        let bar = ProgressBar::new(steps).with_style(style.expect("the template is well-formed"));
        bar.set_position(run.step);
        bar.reset_eta();
        println!("epoch  training loss  training accuracy  test accuracy  seconds");
        let epoch = EpochMeans::default();
        Ok(Self { dataset, normalisation, checkpoint, seconds, bar, epoch, failure: None })
    }

    /// The checkpoint, after the run has ended.
    ///
    /// # Errors
    /// If a checkpoint could not be written, which ended the run.
    pub fn finish(self) -> Result<Checkpoint, StorageError> {
        self.bar.finish_and_clear();
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.checkpoint),
        }
    }

    async fn measure_and_save(&mut self, run: &Run) -> Result<(), StorageError> {
        let classifier = Classifier::new(run.network().valid(), self.normalisation);
        let evaluation = evaluate(&classifier, &self.dataset.test, |_| ()).await?;
        let EpochMeans { loss, correct, images } = std::mem::take(&mut self.epoch);
        let epoch = run.step / run.settings.steps_per_epoch(self.dataset.train.len());
        let row = format!(
            "{epoch:5}  {:13.4}  {:16.2}%  {:12.2}%  {:7}",
            loss / images,
            100.0 * correct / images,
            evaluation.test_accuracy,
            (self.seconds)()
        );
        self.bar.suspend(|| println!("{row}"));
        self.checkpoint.save(run, (self.seconds)()).await
    }
}

impl Sink for Reporter<'_> {
    async fn progress(&mut self, _: &Run, progress: Progress) -> Control {
        let images = progress.image_count as f64;
        self.epoch.loss += f64::from(progress.loss) * images;
        self.epoch.correct += f64::from(progress.accuracy) * images;
        self.epoch.images += images;
        self.bar.set_position(progress.step);
        self.bar.set_message(format!("loss {:.3}, accuracy {:.1}%", progress.loss, 100.0 * progress.accuracy));
        if interrupted() { Control::Stop } else { Control::Continue }
    }

    async fn epoch_ended(&mut self, run: &Run) -> Control {
        match self.measure_and_save(run).await {
            Ok(()) => Control::Continue,
            Err(failure) => {
                self.failure = Some(failure);
                Control::Stop
            }
        }
    }
}
