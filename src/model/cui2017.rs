//! The network of Xu Cui's 2017 article: one convolution, one wide max pool, two dense layers.

use super::{
    Dropout,
    facts::Parameters,
    layers::{
        convolution::conv4x4::{KERNEL, same_relu},
        dense::{
            Activation, dense,
            summed::{SummedDense, is_faster},
        },
        max_pool::window_8x8::max_pool_same,
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

/// Widths of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cui2017Config {
    /// Number of the convolution's filters.
    pub filters: usize,
    /// Number of neurons of the hidden dense layer.
    pub hidden: usize,
}

impl Default for Cui2017Config {
    /// The article's widths: 18 filters, 384 neurons.
    fn default() -> Self {
        Self { filters: 18, hidden: 384 }
    }
}

/// Convolution 4x4 (SAME), ReLU, max pool 8x8 (stride 1, SAME), dropout, dense, ReLU, dropout, dense.
///
/// Dense weights are `[inputs, outputs]`; the hidden layer's inputs run over `[filter, row, column]`.
#[derive(Module, Debug)]
pub struct Cui2017 {
    conv: Layer<4>,
    hidden: Layer<2>,
    output: Layer<2>,
}

/// Weights and biases of one layer.
#[derive(Module, Debug)]
struct Layer<const D: usize> {
    weight: Param<Tensor<D>>,
    bias: Param<Tensor<1>>,
}

impl<const D: usize> Layer<D> {
    /// Takes the layer's parameters from `source`, which is given each one's name and shape.
    fn load<E>(
        name: &str,
        weight_shape: [usize; D],
        bias_len: usize,
        device: &Device,
        source: &mut impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let weight = source(&format!("{name}.weight"), &weight_shape)?;
        let bias = source(&format!("{name}.bias"), &[bias_len])?;
        Ok(Self {
            weight: Param::from_tensor(upload(weight, weight_shape, device)),
            bias: Param::from_tensor(upload(bias, [bias_len], device)),
        })
    }
}

impl Layer<2> {
    /// `[n, inputs]` -> `[n, outputs]`
    fn dense(&self, x: Tensor<2>, activation: Activation) -> Tensor<2> {
        dense(x, self.weight.val(), self.bias.val(), activation)
    }
}

impl Cui2017 {
    /// The network on `device` with the parameters that `source` gives for each name and shape, row by row.
    ///
    /// # Errors
    /// The first error that `source` returns.
    pub fn load<E>(
        config: Cui2017Config,
        device: &Device,
        mut source: impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let Cui2017Config { filters, hidden } = config;
        let features = filters * IMAGE_SIDE * IMAGE_SIDE;
        Ok(Self {
            conv: Layer::load("conv", [filters, CHANNELS, KERNEL, KERNEL], filters, device, &mut source)?,
            hidden: Layer::load("hidden", [features, hidden], hidden, device, &mut source)?,
            output: Layer::load("output", [hidden, CLASS_COUNT], CLASS_COUNT, device, &mut source)?,
        })
    }

    /// The network on `device` with fresh weights: uniform after Glorot and Bengio (2010), biases 0.
    ///
    /// The same seed gives the same weights on every device.
    pub fn init(config: Cui2017Config, seed: u64, device: &Device) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let fresh = |_: &str, shape: &[usize]| -> Result<Vec<f32>, std::convert::Infallible> {
            let count = shape.iter().product();
            let (fan_in, fan_out) = match *shape {
                [filters, channels, height, width] => (channels * height * width, filters * height * width),
                [inputs, outputs] => (inputs, outputs),
                _ => return Ok(vec![0.0; count]),
            };
            let limit = (6.0 / (fan_in + fan_out) as f32).sqrt();
            Ok((0..count).map(|_| random.random_range(-limit..limit)).collect())
        };
        match Self::load(config, device, fresh) {
            Ok(network) => network,
            Err(never) => match never {},
        }
    }

    /// Where the network computes.
    pub fn device(&self) -> Device {
        self.conv.weight.val().device()
    }

    /// The layers, in the order in which an image passes through them.
    pub fn layers(&self) -> Vec<LayerFacts> {
        let parameters = Parameters::of(self);
        let [filters, channels, height, width] = parameters.weights("conv");
        let map = [filters, IMAGE_SIDE, IMAGE_SIDE];
        let map_len = map.iter().product::<usize>();
        let [inputs, hidden] = parameters.weights("hidden");
        let [_, outputs] = parameters.weights("output");
        vec![
            parameters.facts(Some("conv"), "Convolution 4×4, ReLU", &map, map_len * channels * height * width),
            parameters.facts(None, "Max pool 8×8", &map, 0),
            parameters.facts(Some("hidden"), "Dense, ReLU", &[hidden], inputs * hidden),
            parameters.facts(Some("output"), "Dense", &[outputs], hidden * outputs),
        ]
    }

    /// `[n, 3, 32, 32]` normalised images -> `[n, 10]` logits; with `dropout`, as in training.
    pub fn forward(&self, images: Tensor<4>, dropout: Option<&mut Dropout>) -> Tensor<2> {
        self.head(self.features(images), dropout)
    }

    /// Convolution and pool: `[n, 3, 32, 32]` normalised images -> `[n, 18432]` features.
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.maps(images);
        let [n, filters, height, width] = x.dims();
        // [n, 18, 32, 32] -> [n, 18432]
        reshape(x, [n, filters * height * width])
    }

    /// The same, `[n, 18, 32, 32]`.
    fn maps(&self, images: Tensor<4>) -> Tensor<4> {
        max_pool_same(same_relu(images, self.conv.weight.val(), self.conv.bias.val()))
    }

    /// The dense layers: `[n, 18432]` features -> `[n, 10]` logits; with `dropout`, as in training.
    pub fn head(&self, features: Tensor<2>, mut dropout: Option<&mut Dropout>) -> Tensor<2> {
        let mut drop = |x: Tensor<2>| match dropout.as_deref_mut() {
            Some(dropout) => dropout.apply(x),
            None => x,
        };
        let x = drop(features);
        // -> [n, 384]
        let x = drop(self.hidden.dense(x, Activation::Relu));
        // -> [n, 10]
        self.output.dense(x, Activation::None)
    }

    /// The hidden layer as [`answer`](Self::answer) takes it; none where `images` at a time gain nothing by it, as in a
    /// graph.
    pub fn summed_hidden(&self, images: usize) -> Option<SummedDense> {
        let weight = self.hidden.weight.val();
        if !is_faster(&weight, images) {
            return None;
        }
        SummedDense::new(weight, self.hidden.bias.val(), Activation::Relu, [IMAGE_SIDE, IMAGE_SIDE])
    }

    /// As [`forward`](Self::forward) without dropout, but for rounding, and faster; `hidden` is this network's own.
    pub fn answer(&self, images: Tensor<4>, hidden: &SummedDense) -> Tensor<2> {
        if !is_faster(&self.hidden.weight.val(), images.dims()[0]) {
            return self.forward(images, None);
        }
        // [n, 3, 32, 32] -> [n, 384]
        let x = hidden.forward(self.maps(images));
        // -> [n, 10]
        self.output.dense(x, Activation::None)
    }
}
