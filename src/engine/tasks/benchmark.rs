//! Times steps and predictions with the weights and data that other libraries' pages generate: `tenfold2026` with Nesterov
//! momentum at a rate of 0.01, all other networks with Adam at 1e-3.

use crate::{
    data::IMAGE_LEN,
    device::memory,
    domain::{CLASS_COUNT, IMAGE_SIDE, LearningRates, NetworkName, OptimiserChoice, Settings},
    engine::{host::Host, session::Session},
    layers::Dropout,
    model::{
        Device, Network, Spec,
        tensors::{read_one, upload},
    },
    protocol::{
        Event,
        benchmark::{Benchmark, Timings},
    },
    spec::Kind,
    train::{
        Optimiser, Run,
        batches::Batch,
        momentum::{MOMENTUM, Momentum},
        read_loss,
    },
};

/// So many that the learning rate does not change.
const STEPS_PER_EPOCH: u64 = 1 << 40;

/// The convolution's filters, and their side.
const FILTERS: usize = 18;
const KERNEL: usize = 4;

/// The state that is kept from one call to the next.
pub(in crate::engine) struct Bench {
    run: Run,
    start: BenchmarkedRun,
}

/// The configuration with which a run begins.
#[derive(Clone, PartialEq)]
struct BenchmarkedRun {
    spec: Spec,
    dropout: bool,
    momentum: f32,
}

impl<H: Host> Session<H> {
    /// Runs `benchmark` and posts its timings; with a network of `layers`, or the one that the worker was started with.
    pub(in crate::engine) async fn benchmark(&mut self, layers: Option<Spec>, benchmark: Benchmark) {
        let timed = self.time_benchmark(layers, benchmark).await;
        self.host.post(Event::Benchmarked(timed));
    }

    async fn time_benchmark(&mut self, layers: Option<Spec>, benchmark: Benchmark) -> Result<Timings, String> {
        let predictor = self.predictor.as_ref().ok_or("There is no network yet.")?;
        let device = predictor.device().clone();
        let spec = layers.unwrap_or_else(|| Spec::shipped(predictor.base()));
        spec.places().map_err(|error| error.to_string())?;
        let timed = match benchmark {
            Benchmark::Training { batch, steps, steps_per_read, dropout, momentum } => {
                let start = BenchmarkedRun { spec, dropout, momentum };
                let mut bench = match self.bench.take() {
                    Some(bench) if bench.start == start => bench,
                    _ => Bench { run: fresh(&start, &device), start },
                };
                let timed = self.time_training(&mut bench.run, batch, steps, steps_per_read.max(1)).await;
                self.bench = Some(bench);
                timed
            }
            Benchmark::Inference { batch, repetitions } => {
                let start = BenchmarkedRun { spec, dropout: true, momentum: MOMENTUM };
                let kept = self.bench.take().filter(|bench| bench.start.spec == start.spec);
                let bench = kept.unwrap_or_else(|| Bench { run: fresh(&start, &device), start });
                let timed = self.time_inference(bench.run.network(), &device, batch, repetitions).await;
                self.bench = Some(bench);
                timed
            }
            Benchmark::FirstAnswer => {
                let start_ms = self.host.now_ms();
                let logits =
                    predictor.classifier().logits(&[[0; IMAGE_LEN]]).await.map_err(|error| error.to_string())?;
                let milliseconds = vec![self.host.now_ms() - start_ms];
                Ok(Timings { milliseconds, logits: logits.concat(), ..Timings::default() })
            }
            Benchmark::Logits { batch } => {
                let run = fresh(&BenchmarkedRun { spec, dropout: false, momentum: MOMENTUM }, &device);
                logits(run.network(), checked(batch, run.network())?)
                    .await
                    .map(|logits| Timings { logits, ..Timings::default() })
            }
            Benchmark::Losses { batch, steps, momentum } => {
                let mut run = fresh(&BenchmarkedRun { spec, dropout: false, momentum }, &device);
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
        let count = checked(batch, run.network())?;
        let (images, targets) = (images(count), targets(count, run.settings.label_smoothing));
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
        network: &Network,
        device: &Device,
        batch: u32,
        repetitions: u32,
    ) -> Result<Timings, String> {
        let count = checked(batch, network)?;
        let network = network.valid();
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

/// The batch size, if `network` can take it.
fn checked(batch: u32, network: &Network) -> Result<usize, String> {
    let most = network.most_images().min(1024);
    let batch = batch as usize;
    if (1..=most).contains(&batch) { Ok(batch) } else { Err(format!("A batch has 1 to {most} images here.")) }
}

/// The logits of `network` for the first `count` of the other pages' images, ten each.
async fn logits(network: &Network, count: usize) -> Result<Vec<f32>, String> {
    let network = network.valid();
    let images = upload(images(count), [count, 3, IMAGE_SIDE, IMAGE_SIDE], &network.device());
    let logits = network.answer(images, network.prepared_for_answers(count).as_ref());
    read_one(logits).await.map_err(|error| error.to_string())
}

/// A run from the weights with which the other pages start.
fn fresh(start: &BenchmarkedRun, device: &Device) -> Run {
    let &BenchmarkedRun { ref spec, dropout, momentum } = start;
    let (network, spec) = (spec.network, if dropout { spec.clone() } else { without_dropout(spec) });
    let (optimiser, rate, label_smoothing) = match network {
        NetworkName::Cui2017 | NetworkName::Own => (OptimiserChoice::Adam, 1e-3, 0.0),
        NetworkName::Tenfold2026 => (OptimiserChoice::Momentum, 0.01, 0.2),
    };
    let settings = Settings {
        epochs: 1000,
        optimiser,
        learning_rates: LearningRates { convolution: rate, dense: rate },
        warm_up_epochs: 0.0,
        weight_decay: 0.0,
        label_smoothing,
        dropout_rate: if dropout && network.settings().has_dropout() { Settings::ARTICLE_DROPOUT_RATE } else { 0.0 },
        ..network.settings().with_network(spec.clone())
    };
    // The other pages number the weights of such a network from 1.
    let mut number = 0;
    let source = |name: &str, shape: &[usize]| {
        Ok::<_, std::convert::Infallible>(match network {
            NetworkName::Cui2017 => weights_2017(name, shape),
            NetworkName::Tenfold2026 => weights_2026(name, shape),
            NetworkName::Own => {
                number += u32::from(name.ends_with(".weight"));
                weights_of_layers(name, shape, number)
            }
        })
    };
    let loaded = Network::load(&spec, &device.clone().autodiff(), source);
    let mut run = Run::from_network(loaded.unwrap_or_else(|never| match never {}), settings);
    // The other pages learn all parameters at one rate.
    run.shift_factor = 1.0;
    if optimiser == OptimiserChoice::Momentum {
        run.optimiser = Optimiser::Momentum(Momentum::new(momentum));
    }
    run
}

/// The other pages' weights of `cui2017`, brought into our layouts. Theirs have filters last, and pixels before
/// filters.
fn weights_2017(name: &str, shape: &[usize]) -> Vec<f32> {
    let count = shape.iter().product();
    match name {
        "conv.weight" => {
            let theirs = symmetric(count, 1, 4800);
            // [row and column, channel, filter] -> [filter, channel, row and column]
            let (places, channels) = (KERNEL * KERNEL, 3);
            let at = |i: usize| (i % places * channels + i / places % channels) * FILTERS + i / places / channels;
            (0..count).map(|i| theirs[at(i)]).collect()
        }
        "hidden.weight" => {
            let (pixels, hidden) = (IMAGE_SIDE * IMAGE_SIDE, shape[1]);
            let theirs = symmetric(count, 2, shape[0]);
            // [pixel, filter, neuron] -> [filter, pixel, neuron]
            let row = |i: usize| (i % pixels) * FILTERS + i / pixels;
            (0..shape[0]).flat_map(|i| theirs[row(i) * hidden..][..hidden].to_vec()).collect()
        }
        "output.weight" => symmetric(count, 3, shape[0]),
        _ => vec![0.0; count],
    }
}

/// The other pages' weights of `tenfold2026`, whose layouts are ours. The convolutions are numbered from 1.
fn weights_2026(name: &str, shape: &[usize]) -> Vec<f32> {
    let count: usize = shape.iter().product();
    let (layer, kind) = name.split_once('.').expect("a layer's name and what it is");
    let number = layer.strip_prefix("conv").and_then(|number| number.parse().ok()).unwrap_or(0);
    match (layer, kind) {
        ("whiten", "weight") => symmetric(count, 7, 2),
        ("output", "weight") => symmetric(count, 8, shape[0]),
        ("output", _) => around(count, 17, 0.0, 0.1),
        (_, "weight") => symmetric(count, number, 9 * shape[2]),
        (_, "statistics") => {
            let channels = shape[1];
            [around(channels, 20 + number, 0.0, 0.1), around(channels, 30 + number, 1.0, 0.5)].concat()
        }
        // The whitening's shift counts as number 0.
        _ => around(count, 10 + number, 0.0, 0.1),
    }
}

/// The network without dropout rates of its own, so that the settings' rate holds.
fn without_dropout(spec: &Spec) -> Spec {
    let kinds = spec.kinds().into_iter().map(|kind| match kind {
        Kind::Dropout(_) => Dropout::default().into(),
        other => other,
    });
    kinds.collect::<Vec<_>>().into()
}

/// The other pages' weights of a network of any layers. `number` is the number of the layer's weights.
fn weights_of_layers(name: &str, shape: &[usize], number: u32) -> Vec<f32> {
    let count: usize = shape.iter().product();
    match name.rsplit('.').next() {
        Some("weight") => symmetric(count, number, count / shape.last().expect("weights have dimensions")),
        // Means and then variances.
        Some("statistics") => [vec![0.0; count / 2], vec![1.0; count / 2]].concat(),
        Some("scale") => vec![1.0; count],
        _ => vec![0.0; count],
    }
}

/// Numbers within the `sqrt(6 / fan in)` of He's uniform initialisation.
fn symmetric(count: usize, seed: u32, fan_in: usize) -> Vec<f32> {
    around(count, seed, 0.0, (6.0 / fan_in as f64).sqrt())
}

/// Numbers from `middle - reach` to `middle + reach`.
fn around(count: usize, seed: u32, middle: f64, reach: f64) -> Vec<f32> {
    uniform(count, seed).map(|u| (f64::from(u) * 2.0 * reach + (middle - reach)) as f32).collect()
}

/// The other pages' images, `[n, 3, 32, 32]`, in -0.5..0.5.
fn images(count: usize) -> Vec<f32> {
    let theirs: Vec<f32> = uniform(count * IMAGE_LEN, 100).map(|u| u - 0.5).collect();
    let pixels = IMAGE_SIDE * IMAGE_SIDE;
    // [n, pixel, channel] -> [n, channel, pixel]
    let at = |i: usize| i / IMAGE_LEN * IMAGE_LEN + i % pixels * 3 + i / pixels % 3;
    (0..theirs.len()).map(|i| theirs[at(i)]).collect()
}

/// One-hot targets of the other pages' images, `[n, 10]`. A share `smoothing` is spread over all classes.
fn targets(count: usize, smoothing: f32) -> Vec<f32> {
    let mut targets = vec![smoothing / CLASS_COUNT as f32; count * CLASS_COUNT];
    for (u, target) in uniform(count, 101).zip(targets.chunks_exact_mut(CLASS_COUNT)) {
        target[(u * 10.0) as usize] += 1.0 - smoothing;
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

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    /// The losses before each of `steps` steps on 8 images, and after the last, natively on the CPU.
    fn losses(start: &BenchmarkedRun, steps: usize) -> Vec<f32> {
        let mut run = fresh(start, &Device::flex());
        let targets = targets(8, run.settings.label_smoothing);
        let mut losses = Vec::new();
        for _ in 0..=steps {
            run.advance(Batch { images: images(8), targets: targets.clone(), len: 8 }, STEPS_PER_EPOCH);
            losses.push(pollster::block_on(read_loss(&mut run)).expect("the CPU does not fail").loss);
        }
        losses
    }

    fn assert_close(ours: &[f32], reference: &[f32], relative: f32) {
        assert_eq!(ours.len(), reference.len());
        let largest = reference.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (ours, reference) in ours.iter().zip(reference) {
            assert!((ours - reference).abs() <= relative * largest, "{ours} against {reference}");
        }
    }

    // The references are NumPy's, in float64, on the same weights and images.

    #[test]
    fn the_modern_network_that_is_timed_learns_as_numpy_computes_with_either_momentum() {
        let spec = Spec::shipped(NetworkName::Tenfold2026);
        let start = |momentum| BenchmarkedRun { spec: spec.clone(), dropout: false, momentum };
        assert_close(&losses(&start(0.9), 4), &[4.51380, 1.80665, 1.19330, 1.60599, 1.68513], 1e-3);
        assert_close(&losses(&start(0.85), 4), &[4.51380, 1.80415, 1.18396, 1.56765, 1.65916], 1e-3);
    }

    #[test]
    fn the_modern_network_that_is_timed_answers_as_numpy_computes() {
        let spec = Spec::shipped(NetworkName::Tenfold2026);
        let run = fresh(&BenchmarkedRun { spec, dropout: false, momentum: MOMENTUM }, &Device::flex());
        let logits = pollster::block_on(logits(run.network(), 2)).expect("the CPU does not fail");
        let reference = [
            6.84207, -2.65967, 4.40390, 5.16026, 5.98436, 2.99019, 5.75868, -1.23852, -0.57361, 9.92390, 5.40235,
            -2.46349, 4.88903, 5.24308, 5.79743, 3.64160, 7.36238, -2.68333, 0.54804, 8.25632,
        ];
        assert_close(&logits, &reference, 1e-4);
    }

    /// Networks of layers that other libraries' pages compute too: losses on 8 images before each of four steps and after the
    /// last, and the logits of the first image, by JAX in float64.
    const OF_LAYERS: [(&str, [f32; 5], [f32; 10]); 3] = [
        (
            // ConvNetJS's for CIFAR-10.
            "conv16k5r-max2-conv20k5r-max2-conv20k5r-max2-flat-dense10",
            [2.80536, 1.97131, 1.64530, 1.44304, 1.28862],
            [2.69704, 1.38059, -0.37666, -1.00482, 1.01125, 1.13836, 0.78971, -0.37459, 0.24097, -1.80092],
        ),
        (
            // Four 3x3 convolutions and a dense layer, each normalised with a learnt scale. Its loss is soon near 0.
            "conv32k3n-normsr-conv32k3n-normsr-max2-conv64k3n-normsr-conv64k3n-normsr-max2-flat-dense512-normsr-dense10",
            [2.53937, 0.00132724, 0.000664428, 0.000557192, 0.000510251],
            [-1.16624, -0.23845, -0.10737, -0.55489, -0.70050, -1.55041, -0.60041, -0.67122, 2.02754, -0.18320],
        ),
        (
            // The article's with filters of 5x5 and stride 2.
            "conv18k5s2r-max8s1p-drop30-flat-dense384r-drop30-dense10",
            [2.83869, 7.69293, 13.46475, 10.88243, 8.63243],
            [-1.55293, -0.72651, 2.03347, 0.31397, -0.80196, -0.34619, 0.32534, 1.39325, -0.50005, 1.18907],
        ),
    ];

    #[test]
    fn networks_of_layers_that_are_timed_learn_and_answer_as_jax_computes() {
        for (line, expected_losses, expected_logits) in OF_LAYERS {
            let start = BenchmarkedRun { spec: line.parse().expect("layers"), dropout: false, momentum: MOMENTUM };
            assert_close(&losses(&start, 4), &expected_losses, 1e-3);
            let run = fresh(&start, &Device::flex());
            let logits = pollster::block_on(logits(run.network(), 1)).expect("the CPU does not fail");
            assert_close(&logits, &expected_logits, 1e-4);
        }
    }
}
