//! Measures how fast a run would learn on the answering device, before it begins.

use super::race::{STEPS_PER_EPOCH, batch};
use crate::{
    domain::Settings,
    engine::{host::Host, session::Session},
    protocol::{Event, RequestKind},
    train::{Run, read_loss},
};

/// Images in the first timed step: few, so that a slow device is done soon.
const FEW: usize = 16;

/// If a step of few images takes less, it says little about larger steps. Then a larger one is timed.
const SOON_MS: f64 = 60.0;

/// Whole steps that are timed, after one that is not.
const WHOLE_STEPS: u32 = 2;

impl<H: Host> Session<H> {
    /// Times steps with these settings, and posts how many images per second they learn from.
    pub(in crate::engine) async fn pace(&mut self, settings: Settings) {
        match self.images_per_sec(&settings).await {
            Ok(images_per_sec) => self.host.post(Event::Paced { settings, images_per_sec: images_per_sec as f32 }),
            Err(reason) => self.host.refuse(RequestKind::Pace, reason),
        }
    }

    /// Times whole steps with these settings, and posts the time of one.
    pub(in crate::engine) async fn time_step(&mut self, settings: Settings) {
        match self.whole_step_ms(&settings).await {
            Ok(step_ms) => self.host.post(Event::StepTimed { settings, step_ms: step_ms as f32 }),
            Err(reason) => self.host.refuse(RequestKind::TimeStep, reason),
        }
    }

    async fn images_per_sec(&mut self, settings: &Settings) -> Result<f64, String> {
        let mut run = self.planned(settings)?;
        let few = FEW.min(settings.batch_size);
        // The first step of each size compiles kernels and allocates memory; it is not timed.
        self.step_ms(&mut run, few).await?;
        let step_ms = self.step_ms(&mut run, few).await?;
        let (len, step_ms) = if step_ms > SOON_MS || few == settings.batch_size {
            (few, step_ms)
        } else {
            (settings.batch_size, self.whole_step_ms(settings).await?)
        };
        Ok(len as f64 * 1_000.0 / step_ms.max(0.1))
    }

    async fn whole_step_ms(&mut self, settings: &Settings) -> Result<f64, String> {
        let mut run = self.planned(settings)?;
        self.step_ms(&mut run, settings.batch_size).await?;
        let mut total_ms = 0.0;
        for _ in 0..WHOLE_STEPS {
            total_ms += self.step_ms(&mut run, settings.batch_size).await?;
        }
        Ok(total_ms / f64::from(WHOLE_STEPS))
    }

    /// The run that `settings` describe, on the device that answers.
    ///
    /// # Errors
    /// If such a run is not possible: a sentence.
    fn planned(&self, settings: &Settings) -> Result<Run, String> {
        settings.check().map_err(|error| format!("No step can be timed: {error}."))?;
        let predictor = self.predictor.as_ref().ok_or("There is no network yet.")?;
        let run = Run::new(settings.clone(), predictor.device());
        run.check_batch().map_err(|error| format!("No step can be timed: {error}."))?;
        Ok(run)
    }

    /// The time of a step of `run` on `len` images, in milliseconds.
    ///
    /// # Errors
    /// If the device fails: a sentence.
    async fn step_ms(&mut self, run: &mut Run, len: usize) -> Result<f64, String> {
        let batch = batch(len);
        self.host.breathe().await;
        let start_ms = self.host.now_ms();
        run.advance(batch, STEPS_PER_EPOCH);
        if let Err(error) = read_loss(run).await {
            self.device_watch.has_failed = true;
            return Err(format!("The device stopped computing ({error})."));
        }
        Ok(self.host.now_ms() - start_ms)
    }
}
