//! Times steps and predictions on the weights and data that other libraries' pages generate, with Adam at 1e-3.

use super::{host::Host, session::Session};
use crate::{
    data::IMAGE_LEN,
    device::memory,
    model::{
        Device, Network, Spec,
        tensors::{read_one, upload},
    },
    protocol::{
        CLASS_COUNT, Event, IMAGE_SIDE, LearningRates, Settings,
        benchmark::{Benchmark, Timings},
    },
    train::{Run, batches::Batch, read_loss},
};

/// So many that the learning rate stays where it is.
const STEPS_PER_EPOCH: u64 = 1 << 40;

/// The convolution's filters, and their side.
const FILTERS: usize = 18;
const KERNEL: usize = 4;

/// What is kept from one call to the next.
pub(super) struct Bench {
    run: Run,
    dropout: bool,
}

impl<H: Host> Session<H> {
    /// Times what `benchmark` says, and tells it.
    pub(super) async fn benchmark(&mut self, benchmark: Benchmark) {
        let timed = self.time_benchmark(benchmark).await;
        self.host.post(Event::Benchmarked(timed));
    }

    async fn time_benchmark(&mut self, benchmark: Benchmark) -> Result<Timings, String> {
        let engine = self.engine.as_ref().ok_or("There is no network yet.")?;
        let device = engine.device().clone();
        let timed = match benchmark {
            Benchmark::Training { batch, steps, steps_per_read, dropout } => {
                let mut bench = match self.bench.take() {
                    Some(bench) if bench.dropout == dropout => bench,
                    _ => Bench { run: fresh(&device, dropout), dropout },
                };
                let timed = self.time_training(&mut bench.run, batch, steps, steps_per_read.max(1)).await;
                self.bench = Some(bench);
                timed
            }
            Benchmark::Inference { batch, repetitions } => {
                let run = self.bench.take().map_or_else(|| fresh(&device, true), |bench| bench.run);
                let timed = self.time_inference(&run, &device, batch, repetitions).await;
                self.bench = Some(Bench { run, dropout: true });
                timed
            }
            Benchmark::FirstAnswer => {
                let start_ms = self.host.now_ms();
                let logits = engine.classifier().logits(&[[0; IMAGE_LEN]]).await.map_err(|error| error.to_string())?;
                let milliseconds = vec![self.host.now_ms() - start_ms];
                Ok(Timings { milliseconds, logits: logits.concat(), ..Timings::default() })
            }
            Benchmark::Losses { batch, steps } => {
                let mut run = fresh(&device, false);
                self.time_training(&mut run, batch, steps + 1, 1).await
            }
        };
        timed.map(|timings| Timings { memory: memory::taken(&device), ..timings })
    }

    async fn time_training(
        &self,
        run: &mut Run,
        batch: u32,
        steps: u32,
        steps_per_read: u32,
    ) -> Result<Timings, String> {
        let count = checked(batch)?;
        let (images, targets) = (images(count), targets(count));
        let mut timings = Timings::default();
        let mut done = 0;
        while done < steps {
            let start_ms = self.host.now_ms();
            let group = steps_per_read.min(steps - done);
            for _ in 0..group {
                let batch = Batch { images: images.clone(), targets: targets.clone(), len: count };
                run.advance(batch, STEPS_PER_EPOCH);
            }
            let progress = read_loss(run).await.map_err(|error| error.to_string())?;
            timings.milliseconds.push((self.host.now_ms() - start_ms) / f64::from(group));
            timings.losses.push(progress.loss);
            done += group;
            self.host.breathe().await;
        }
        Ok(timings)
    }

    async fn time_inference(
        &self,
        run: &Run,
        device: &Device,
        batch: u32,
        repetitions: u32,
    ) -> Result<Timings, String> {
        let count = checked(batch)?;
        let network = run.network().valid();
        let prepared = network.prepared_for_answers(count);
        let images = upload(images(count), [count, 3, IMAGE_SIDE, IMAGE_SIDE], device);
        let mut timings = Timings::default();
        for _ in 0..repetitions {
            let start_ms = self.host.now_ms();
            let logits = read_one(network.answer(images.clone(), prepared.as_ref())).await;
            let logits = logits.map_err(|error| error.to_string())?;
            timings.milliseconds.push(self.host.now_ms() - start_ms);
            timings.logits = logits[..CLASS_COUNT].to_vec();
            self.host.breathe().await;
        }
        Ok(timings)
    }
}

fn checked(batch: u32) -> Result<usize, String> {
    if (1..=1024).contains(&batch) { Ok(batch as usize) } else { Err("A batch has 1 to 1,024 images.".into()) }
}

/// A run from the weights that the other pages start from.
fn fresh(device: &Device, dropout: bool) -> Run {
    let settings = Settings {
        epochs: 1000,
        learning_rates: LearningRates { convolution: 1e-3, dense: 1e-3 },
        warm_up_epochs: 0.0,
        dropout_rate: if dropout { Settings::ARTICLE_DROPOUT_RATE } else { 0.0 },
        ..Settings::default()
    };
    let source = |name: &str, shape: &[usize]| Ok::<_, std::convert::Infallible>(weights(name, shape));
    let network = Network::load(&Spec::shipped(settings.network), &device.clone().autodiff(), source);
    Run::from_network(network.unwrap_or_else(|never| match never {}), settings)
}

/// The other pages' weights, in our layouts: they have filters last, and pixels before filters.
fn weights(name: &str, shape: &[usize]) -> Vec<f32> {
    let count = shape.iter().product();
    let symmetric = |seed: u32, fan_in: usize| {
        let limit = (6.0 / fan_in as f64).sqrt();
        uniform(count, seed).map(move |u| (f64::from(u) * 2.0 * limit - limit) as f32).collect::<Vec<_>>()
    };
    match name {
        "conv.weight" => {
            let theirs = symmetric(1, 4800);
            // [row and column, channel, filter] -> [filter, channel, row and column]
            let (places, channels) = (KERNEL * KERNEL, 3);
            let at = |i: usize| (i % places * channels + i / places % channels) * FILTERS + i / places / channels;
            (0..count).map(|i| theirs[at(i)]).collect()
        }
        "hidden.weight" => {
            let (pixels, hidden) = (IMAGE_SIDE * IMAGE_SIDE, shape[1]);
            let theirs = symmetric(2, shape[0]);
            // [pixel, filter, neuron] -> [filter, pixel, neuron]
            let row = |i: usize| (i % pixels) * FILTERS + i / pixels;
            (0..shape[0]).flat_map(|i| theirs[row(i) * hidden..][..hidden].to_vec()).collect()
        }
        "output.weight" => symmetric(3, shape[0]),
        _ => vec![0.0; count],
    }
}

/// The other pages' images, `[n, 3, 32, 32]`, in -0.5..0.5.
fn images(count: usize) -> Vec<f32> {
    let theirs: Vec<f32> = uniform(count * IMAGE_LEN, 100).map(|u| u - 0.5).collect();
    let pixels = IMAGE_SIDE * IMAGE_SIDE;
    // [n, pixel, channel] -> [n, channel, pixel]
    let at = |i: usize| i / IMAGE_LEN * IMAGE_LEN + i % pixels * 3 + i / pixels % 3;
    (0..theirs.len()).map(|i| theirs[at(i)]).collect()
}

/// A 1 at the class of each of their images.
fn targets(count: usize) -> Vec<f32> {
    let mut targets = vec![0.0; count * CLASS_COUNT];
    for (u, target) in uniform(count, 101).zip(targets.chunks_exact_mut(CLASS_COUNT)) {
        target[(u * 10.0) as usize] = 1.0;
    }
    targets
}

/// Numbers in `0.0..1.0` with 24 bits: MurmurHash3's finaliser (Appleby, 2011) over the index.
fn uniform(count: usize, seed: u32) -> impl Iterator<Item = f32> {
    let base = seed.wrapping_mul(0x9e37_79b1);
    (0..count as u32).map(move |i| {
        let mut hash = base.wrapping_add(i);
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^= hash >> 16;
        (hash >> 8) as f32 / 16_777_216.0
    })
}
