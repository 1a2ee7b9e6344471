//! Times training steps, for the experiment "GPU or CPU?" (WebGPU, the CPU, and both together) and for a planned run.

use crate::{
    data::IMAGE_LEN,
    device,
    domain::{CLASS_COUNT, DeviceChoice, DeviceReport, Settings},
    engine::{
        host::Host,
        predictor::Predictor,
        session::{Session, find_adapter},
    },
    model::Device,
    protocol::{Event, Measured, Request, Setup},
    train::{Run, batches::Batch, read_loss, split::SplitRun},
};

/// Images per step, as in the article.
const BATCH_LEN: usize = 128;

/// Steps in an epoch of 50,000 images.
pub(super) const STEPS_PER_EPOCH: u64 = 390;

/// The most steps of a setup that are timed.
const STEPS: u32 = 10;

/// No further step of a setup is timed after this time.
const LIMIT_MS: f64 = 15_000.0;

/// Computes the steps of one setup.
enum Runner {
    Whole(Box<Run>),
    Split(Box<SplitRun>),
}

impl Runner {
    /// Computes one step on `batch` and waits until the device is done.
    async fn step(&mut self, batch: Batch) -> Result<(), String> {
        match self {
            Self::Whole(run) => {
                run.advance(batch, STEPS_PER_EPOCH);
                read_loss(run).await.map(|_| ()).map_err(|error| error.to_string())
            }
            Self::Split(run) => run.advance(batch).await.map(|_| ()).map_err(|error| error.to_string()),
        }
    }
}

impl<H: Host> Session<H> {
    /// Times the three setups, until they are done or the visitor ends the experiment.
    pub(in crate::engine) async fn race(&mut self) {
        race(self).await;
    }
}

async fn race<H: Host>(session: &mut Session<H>) {
    let cpu = device::cpu("").device;
    let webgpu = webgpu(session).await;
    for setup in [Setup::WebGpu, Setup::Split, Setup::Cpu] {
        // As in the article.
        let settings = Settings { dropout_rate: Settings::ARTICLE_DROPOUT_RATE, ..Settings::default() };
        let whole = |device: &Device| Runner::Whole(Box::new(Run::new(settings.clone(), device)));
        let runner = match (setup, &webgpu) {
            (Setup::Cpu, _) => Ok(whole(&cpu)),
            (Setup::WebGpu, Ok(webgpu)) => Ok(whole(webgpu)),
            (Setup::Split, Ok(webgpu)) => Ok(Runner::Split(Box::new(SplitRun::new(settings, &cpu, webgpu)))),
            (_, Err(because)) => Err(because.clone()),
        };
        let measured = match runner {
            Ok(runner) => match time(session, setup, runner).await {
                Ok(true) => continue,
                Ok(false) => break,
                Err(error) => Measured::Impossible { because: format!("the device failed ({error})") },
            },
            Err(because) => Measured::Impossible { because },
        };
        session.host.post(Event::Raced { setup, measured });
    }
    let runs_on_gpu = session.predictor.as_ref().is_some_and(Predictor::is_on_gpu);
    if !runs_on_gpu {
        // If the experiment has lost the GPU, nothing else needed it.
        session.device_watch.note();
    }
    session.host.post(Event::RaceEnded);
}

/// The WebGPU device, even if the CPU answers, or why there is none, as a clause.
async fn webgpu<H: Host>(session: &Session<H>) -> Result<Device, String> {
    if session.device_watch.lost().is_some() {
        return Err("the GPU was lost".into());
    }
    let opened = device::open(DeviceChoice::WebGpu, find_adapter(&*session.host).await).await?;
    match opened.report {
        DeviceReport::WebGpu { .. } => Ok(opened.device),
        DeviceReport::Cpu { because } => Err(because),
    }
}

/// Posts the mean time of `runner`'s steps after each of them. False if the visitor ended the experiment.
async fn time<H: Host>(session: &mut Session<H>, setup: Setup, mut runner: Runner) -> Result<bool, String> {
    let mut total_ms = 0.0;
    session.host.post(Event::Racing { setup, step: 0 });
    // The first step compiles kernels and allocates memory; it is not timed.
    for step in 0..=STEPS {
        let batch = batch(BATCH_LEN);
        let start_ms = session.host.now_ms();
        runner.step(batch).await?;
        if step > 0 {
            total_ms += session.host.now_ms() - start_ms;
            session.host.post(Event::Racing { setup, step });
            let step_ms = (total_ms / f64::from(step)) as f32;
            session.host.post(Event::Raced { setup, measured: Measured::Steps { count: step, step_ms } });
        }
        let is_end = |request: &Request| matches!(request, Request::CancelRace | Request::Start { .. });
        if session.attend(None, is_end).await.is_break() {
            return Ok(false);
        }
        if total_ms > LIMIT_MS {
            break;
        }
    }
    Ok(true)
}

/// A batch of `len` images of waves. The time of a step does not depend on what it learns.
pub(super) fn batch(len: usize) -> Batch {
    let images = (0..len * IMAGE_LEN).map(|at| (at as f32 * 0.37).sin()).collect();
    let mut targets = vec![0.0; len * CLASS_COUNT];
    for (image, target) in targets.chunks_exact_mut(CLASS_COUNT).enumerate() {
        target[image % CLASS_COUNT] = 1.0;
    }
    Batch { images, targets, len }
}
