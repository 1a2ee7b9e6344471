//! How fast a run would learn on the device that answers, measured before it begins.

use super::race::batch;
use crate::{
    domain::Settings,
    engine::{host::Host, session::Session},
    protocol::{Event, RequestKind},
    train::{Run, read_loss},
};

/// Images of a step that is timed first: few, so that a slow device is soon done.
const FEW: usize = 16;

/// A step of few images that takes less says little of larger ones, of which one is timed then.
const SOON_MS: f64 = 60.0;

impl<H: Host> Session<H> {
    /// Times steps with these settings, and tells how many images a second they learn from.
    pub(in crate::engine) async fn pace(&mut self, settings: Settings) {
        let Some(predictor) = &self.predictor else {
            return self.host.refuse(RequestKind::Pace, "There is no network yet.");
        };
        if let Err(error) = settings.check() {
            return self.host.refuse(RequestKind::Pace, format!("There can be no such run: {error}."));
        }
        let device = predictor.device().clone();
        let mut run = Run::new(settings.clone(), &device);
        let all = settings.batch_size;
        let mut images_per_sec = 0.0;
        for len in [FEW.min(all), all] {
            // The first step compiles kernels and makes room; it is not timed.
            let mut step_ms = 0.0;
            for _ in 0..2 {
                let batch = batch(len);
                let start_ms = self.host.now_ms();
                run.advance(batch, 1_000);
                if let Err(error) = read_loss(&mut run).await {
                    self.device_watch.has_failed = true;
                    return self.host.refuse(RequestKind::Pace, format!("The device stopped computing ({error})."));
                }
                step_ms = self.host.now_ms() - start_ms;
            }
            images_per_sec = len as f64 * 1_000.0 / step_ms.max(0.1);
            if step_ms > SOON_MS || len == all {
                break;
            }
        }
        self.host.post(Event::Paced { settings, images_per_sec: images_per_sec as f32 });
    }
}
