//! A small modern network after airbench94 (Keller Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024).
//!
//! A frozen whitening of 2x2 patches, then three groups of two 3x3 convolutions, each with batch normalisation and GELU,
//! then the maximum over all pixels and a dense layer.

use super::{
    facts::Parameters,
    layers::{
        batch_norm::{Source, blend, channel_statistics, norm_gelu},
        convolution::conv3x3::{conv3x3, transformed::TransformedConv3x3},
        dense::{Activation, dense},
        max_pool::tiles::max_pool,
        whitening::{PATCH, directions::WHITENING, whiten},
    },
    tensors::{reshape, upload},
};
use crate::protocol::{CLASS_COUNT, IMAGE_SIDE, LayerFacts};
use burn::{
    Tensor,
    module::{Module, Param},
    tensor::Device,
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// Colour channels of an image.
const CHANNELS: usize = 3;

/// Filters of the whitening: each direction and its opposite.
const WHITENED: usize = 2 * PATCH * PATCH * CHANNELS;

/// Share by which a batch's statistics move those that are kept for predictions.
const BLEND_SHARE: f32 = 0.1;

/// Pixels along a side of what the last group leaves: 32 -> 31 -> 15 -> 7 -> 3.
const LAST_SIDE: usize = 3;

/// Channels that a group can have.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=1024;

/// Widths of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenfold2026Config {
    /// Channels of each group, multiples of 8.
    pub widths: [usize; 3],
}

impl Tenfold2026Config {
    /// That of the network whose weights have the shapes that `found` gives by name; the default where they are not of such
    /// a network.
    pub fn found(found: impl Fn(&str) -> Option<Vec<usize>>) -> Self {
        let width = |number: usize| {
            let width = *found(&format!("conv{number}.weight"))?.last()?;
            (WIDTHS.contains(&width) && width.is_multiple_of(8)).then_some(width)
        };
        let widths = || Some([width(2)?, width(4)?, width(6)?]);
        widths().map_or_else(Self::default, |widths| Self { widths })
    }
}

impl Default for Tenfold2026Config {
    /// The first group is twice as wide as airbench94's, the last one wider by an eighth.
    fn default() -> Self {
        Self { widths: [128, 256, 288] }
    }
}

/// The network: whitening, three groups, dense layer.
#[derive(Module, Debug)]
pub struct Tenfold2026 {
    whiten: Whiten,
    conv1: Block,
    conv2: Block,
    conv3: Block,
    conv4: Block,
    conv5: Block,
    conv6: Block,
    output: Output,
}

/// The frozen projection, and what is added to it before GELU.
#[derive(Module, Debug)]
struct Whiten {
    weight: Param<Tensor<4>>,
    shift: Param<Tensor<1>>,
}

/// A convolution, its normalisation and GELU.
#[derive(Module, Debug)]
struct Block {
    weight: Param<Tensor<4>>,
    shift: Param<Tensor<1>>,
    /// Means and variances for predictions.
    statistics: Param<Tensor<2>>,
}

/// The dense layer.
#[derive(Module, Debug)]
struct Output {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// Means and variances of a batch, of each normalisation in turn.
pub type Statistics = Vec<Tensor<2>>;

/// What a pass through the network is for.
enum Purpose<'a> {
    /// Learning: normalised with each batch's own statistics, which are added to these.
    Training(&'a mut Statistics),
    /// Answers.
    Answers,
    /// Answers with the convolutions of the blocks in turn, whose weights were transformed before.
    PreparedAnswers(std::slice::Iter<'a, TransformedConv3x3>),
}

impl Block {
    /// `x` through convolution, pool if there is one, normalisation and GELU.
    fn forward(&self, x: Tensor<4>, pool: Option<usize>, purpose: &mut Purpose) -> Tensor<4> {
        let x = match purpose {
            Purpose::PreparedAnswers(transformed) => transformed.next().expect("one for each block").forward(x),
            Purpose::Training(_) | Purpose::Answers => conv3x3(x, self.weight.val()),
        };
        let x = match pool {
            Some(side) => max_pool(x, side),
            None => x,
        };
        match purpose {
            Purpose::Training(batch) => {
                let statistics = channel_statistics(&x);
                batch.push(statistics.clone());
                norm_gelu(x, on_tape(statistics, &self.statistics), self.shift.val(), Source::Batch)
            }
            Purpose::Answers | Purpose::PreparedAnswers(_) => {
                norm_gelu(x, self.statistics.val(), self.shift.val(), Source::Given)
            }
        }
    }
}

/// `statistics` where `like` is: on the tape if that is, as a constant.
fn on_tape(statistics: Tensor<2>, like: &Param<Tensor<2>>) -> Tensor<2> {
    if like.val().is_autodiff() { statistics.autodiff() } else { statistics }
}

impl Tenfold2026 {
    /// The network on `device` with the parameters that `source` gives for each name and shape, row by row.
    ///
    /// # Errors
    /// The first error that `source` returns.
    pub fn load<E>(
        config: Tenfold2026Config,
        device: &Device,
        mut source: impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        fn param<const D: usize, E>(
            name: String,
            shape: [usize; D],
            device: &Device,
            source: &mut impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
        ) -> Result<Param<Tensor<D>>, E> {
            Ok(Param::from_tensor(upload(source(&name, &shape)?, shape, device)))
        }
        let [first, second, third] = config.widths;
        let whiten = Whiten {
            weight: param("whiten.weight".into(), [PATCH, PATCH, CHANNELS, WHITENED], device, &mut source)?
                .set_require_grad(false),
            shift: param("whiten.shift".into(), [WHITENED], device, &mut source)?,
        };
        let mut block = |number: usize, inputs: usize, outputs: usize| {
            Ok(Block {
                weight: param(format!("conv{number}.weight"), [3, 3, inputs, outputs], device, &mut source)?,
                shift: param(format!("conv{number}.shift"), [outputs], device, &mut source)?,
                statistics: param(format!("conv{number}.statistics"), [2, outputs], device, &mut source)?
                    .set_require_grad(false),
            })
        };
        Ok(Self {
            whiten,
            conv1: block(1, WHITENED, first)?,
            conv2: block(2, first, first)?,
            conv3: block(3, first, second)?,
            conv4: block(4, second, second)?,
            conv5: block(5, second, third)?,
            conv6: block(6, third, third)?,
            output: Output {
                weight: param("output.weight".into(), [third, CLASS_COUNT], device, &mut source)?,
                bias: param("output.bias".into(), [CLASS_COUNT], device, &mut source)?,
            },
        })
    }

    /// The network on `device` with fresh weights.
    ///
    /// As in airbench94 a convolution's first filters hand their inputs on, and the others are uniform within
    /// `1 / sqrt(fan in)`; the dense layer's weights within a ninth of that, so that logits begin small.
    /// The same seed gives the same weights on every device.
    pub fn init(config: Tenfold2026Config, seed: u64, device: &Device) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let fresh = |name: &str, shape: &[usize]| -> Result<Vec<f32>, std::convert::Infallible> {
            let count = shape.iter().product();
            let mut uniform = |limit: f32| (0..count).map(|_| random.random_range(-limit..limit)).collect::<Vec<f32>>();
            Ok(match *shape {
                [PATCH, PATCH, ..] => whitening_filters(),
                [_, _, inputs, outputs] => {
                    let mut weights = uniform(1.0 / ((9 * inputs) as f32).sqrt());
                    for (at, weight) in weights.iter_mut().enumerate() {
                        let (place, input, output) = (at / outputs / inputs, at / outputs % inputs, at % outputs);
                        if output < inputs {
                            let is_centre = place == 4;
                            *weight = if is_centre && input == output { 1.0 } else { 0.0 };
                        }
                    }
                    weights
                }
                [2, channels] if name.ends_with("statistics") => [vec![0.0; channels], vec![1.0; channels]].concat(),
                [inputs, _] => uniform(1.0 / (inputs as f32).sqrt() / 9.0),
                _ => vec![0.0; count],
            })
        };
        match Self::load(config, device, fresh) {
            Ok(network) => network,
            Err(never) => match never {},
        }
    }

    /// Where the network computes.
    pub fn device(&self) -> Device {
        self.output.weight.val().device()
    }

    /// The layers, in the order in which an image passes through them.
    pub fn layers(&self) -> Vec<LayerFacts> {
        let parameters = Parameters::of(self);
        let [patch, _, channels, whitened] = parameters.weights("whiten");
        // Without padding: [3, 32, 32] -> [24, 31, 31]
        let mut side = IMAGE_SIDE + 1 - patch;
        let map = [whitened, side, side];
        let multiply_adds = map.iter().product::<usize>() * patch * patch * channels;
        let mut layers = vec![parameters.facts(Some("whiten"), "Whitening 2×2, fixed; GELU", &map, multiply_adds)];
        for number in 1..=6 {
            let layer = format!("conv{number}");
            let [height, width, inputs, outputs] = parameters.weights(&layer);
            let multiply_adds = side * side * outputs * inputs * height * width;
            // The first of each pair is pooled.
            let is_pooled = number % 2 == 1;
            let name = if is_pooled {
                side /= 2;
                "Convolution 3×3, max pool 2×2, GELU"
            } else {
                "Convolution 3×3, GELU"
            };
            layers.push(parameters.facts(Some(&layer), name, &[outputs, side, side], multiply_adds));
        }
        let [inputs, outputs] = parameters.weights("output");
        layers.push(parameters.facts(None, "Maximum over all pixels", &[inputs], 0));
        layers.push(parameters.facts(Some("output"), "Dense", &[outputs], inputs * outputs));
        layers
    }

    /// `[n, 3, 32, 32]` normalised images -> `[n, 10]` logits; in training with each batch's own statistics, which are
    /// added to `batch`.
    pub fn forward(&self, images: Tensor<4>, batch: Option<&mut Statistics>) -> Tensor<2> {
        self.pass(images, batch.map_or(Purpose::Answers, Purpose::Training))
    }

    /// The convolutions as [`answer`](Self::answer) takes them; none in a graph, nor on WebGPU.
    pub fn transformed_convolutions(&self) -> Option<Vec<TransformedConv3x3>> {
        let Self { conv1, conv2, conv3, conv4, conv5, conv6, .. } = self;
        [conv1, conv2, conv3, conv4, conv5, conv6]
            .map(|block| TransformedConv3x3::new(block.weight.val()))
            .into_iter()
            .collect()
    }

    /// As [`forward`](Self::forward) outside training, and faster; `convolutions` are this network's own.
    pub fn answer(&self, images: Tensor<4>, convolutions: &[TransformedConv3x3]) -> Tensor<2> {
        self.pass(images, Purpose::PreparedAnswers(convolutions.iter()))
    }

    fn pass(&self, images: Tensor<4>, mut purpose: Purpose) -> Tensor<2> {
        let device = self.device();
        // [n, 3, 32, 32] -> [n, 31, 31, 24]
        let x = whiten(images, self.whiten.weight.val());
        let x = if self.whiten.shift.val().is_autodiff() { x.autodiff() } else { x };
        // The whitened values have mean 0 and variance 1 already.
        let identity = upload([vec![0.0; WHITENED], vec![1.0; WHITENED]].concat(), [2, WHITENED], &device);
        let x = norm_gelu(x, identity, self.whiten.shift.val(), Source::Given);
        // -> [n, 15, 15, 128] -> [n, 7, 7, 256] -> [n, 3, 3, 288]
        let x = self.conv1.forward(x, Some(2), &mut purpose);
        let x = self.conv2.forward(x, None, &mut purpose);
        let x = self.conv3.forward(x, Some(2), &mut purpose);
        let x = self.conv4.forward(x, None, &mut purpose);
        let x = self.conv5.forward(x, Some(2), &mut purpose);
        let x = self.conv6.forward(x, None, &mut purpose);
        // -> [n, 288] -> [n, 10]
        let x = max_pool(x, LAST_SIDE);
        let [images, _, _, channels] = x.dims();
        let x = reshape(x, [images, channels]);
        dense(x, self.output.weight.val(), self.output.bias.val(), Activation::None)
    }

    /// The network with the statistics that it keeps for predictions moved towards a batch's.
    pub fn with_statistics(self, batch: Statistics) -> Self {
        let Self { whiten, conv1, conv2, conv3, conv4, conv5, conv6, output } = self;
        let mut batch = batch.into_iter();
        let mut keep = |block: Block| {
            let batch = batch.next().expect("statistics of every normalisation");
            let statistics = block.statistics.map(|kept| {
                let is_autodiff = kept.is_autodiff();
                let kept = if is_autodiff { kept.inner() } else { kept };
                let kept = blend(kept, batch, [1.0 - BLEND_SHARE, BLEND_SHARE]);
                if is_autodiff { kept.autodiff() } else { kept }
            });
            Block { statistics, ..block }
        };
        let [conv1, conv2, conv3] = [conv1, conv2, conv3].map(&mut keep);
        let [conv4, conv5, conv6] = [conv4, conv5, conv6].map(&mut keep);
        Self { whiten, conv1, conv2, conv3, conv4, conv5, conv6, output }
    }
}

/// The whitening's filters, `[2, 2, 3, 24]`: each direction and its opposite.
fn whitening_filters() -> Vec<f32> {
    let half = WHITENED / 2;
    // The table's rows are directions, the layer's columns.
    (0..half * WHITENED)
        .map(|at| {
            let (value, filter) = (at / WHITENED, at % WHITENED);
            let weight = WHITENING[filter % half][value];
            if filter < half { weight } else { -weight }
        })
        .collect()
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::{
        data::{Normalisation, read_folder},
        model::tensors::read_one,
    };

    #[test]
    fn a_fresh_networks_logits_are_small() {
        let device = Device::flex();
        let network = Tenfold2026::init(Tenfold2026Config::default(), 1, &device);
        let count = 4;
        let pixels = (0..count * CHANNELS * IMAGE_SIDE * IMAGE_SIDE).map(|at| (at as f32 * 0.71).sin()).collect();
        let images = upload(pixels, [count, CHANNELS, IMAGE_SIDE, IMAGE_SIDE], &device);
        let logits = network.forward(images, Some(&mut Statistics::new()));
        let logits = pollster::block_on(read_one(logits)).expect("the CPU does not fail");
        assert!(logits.iter().all(|logit| logit.abs() < 1.0), "{logits:?}");
        assert!(logits.iter().any(|logit| logit.abs() > 0.01), "{logits:?}");
    }

    #[test]
    fn whitened_patches_of_training_images_are_uncorrelated_and_of_like_variance() {
        let Some(folder) = crate::needs::real_images() else { return };
        let train = read_folder(&folder).expect("CIFAR-10 in CIFAR10_DIR").train;
        let normalisation = Normalisation::of(&train);
        let count = 2_000;
        let mut values = Vec::new();
        for index in 0..count {
            normalisation.append_planar(train.planar(index), &mut values);
        }
        let device = Device::flex();
        let weight = upload(whitening_filters(), [PATCH, PATCH, CHANNELS, WHITENED], &device);
        let whitened = whiten(upload(values, [count, CHANNELS, 32, 32], &device), weight);
        let whitened = pollster::block_on(read_one(whitened)).expect("the CPU does not fail");
        let half = WHITENED / 2;
        let mut products = vec![0.0_f64; half * half];
        for patch in whitened.chunks_exact(WHITENED) {
            assert_eq!(patch[0], -patch[half], "the second half is the first one's opposite");
            for (i, a) in patch[..half].iter().enumerate() {
                for (j, b) in patch[..half].iter().enumerate() {
                    products[i * half + j] += f64::from(a * b);
                }
            }
        }
        let patches = (whitened.len() / WHITENED) as f64;
        for (at, product) in products.iter().enumerate() {
            let (i, j, covariance) = (at / half, at % half, product / patches);
            if i == j {
                // The weakest directions, which differ by no more than a rounding of pixels, are held back; and the first
                // images are not all of them.
                let least = if i < 8 { 0.8 } else { 0.1 };
                assert!((least..1.2).contains(&covariance), "direction {i}: variance {covariance}");
            } else {
                assert!(covariance.abs() < 0.1, "directions {i} and {j}: {covariance}");
            }
        }
    }
}
