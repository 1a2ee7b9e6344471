//! Compares the layers with the same layers composed of Burn's operations on the CPU.

use burn::{
    Tensor,
    tensor::{
        Device, TensorData,
        activation::{gelu_approximate, leaky_relu, log_softmax, relu, softmax},
        module::{avg_pool2d, conv2d, max_pool2d},
        ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions, PadMode},
    },
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use tenfold::layers::{
    activate::compute::{activated, biased},
    batch_norm::compute::{Statistics, blend, channel_statistics, norm},
    convolution::compute::conv3x3::conv3x3,
    convolution::compute::conv4x4::same_relu,
    convolution::compute::general::convolve,
    dense::compute::dense,
    max_pool::compute::tiles::max_pool,
    whitening::compute::whiten,
};
use tenfold::model::{
    loss::{Loss, cross_entropy},
    operations::{
        order::pixels_of,
        scale::scaled,
        windows::{Value, of_windows},
    },
};
use tenfold::spec::shape::{Activation, LEAKY_SLOPE, Padding};

/// Relative to the largest magnitude in the compared tensor.
const TOLERANCE: f32 = 1e-5;

/// Images, inputs and outputs: of the article's layers, and of layers that no tile fits.
pub const DENSE_SHAPES: [[usize; 3]; 8] =
    [[1, 2048, 384], [3, 384, 10], [1, 7, 5], [7, 36, 12], [9, 516, 132], [33, 260, 76], [17, 30, 8], [128, 384, 64]];

/// Images, channels, filters, height and width.
pub const CONVOLUTION_SHAPES: [[usize; 5]; 6] =
    [[1, 3, 18, 32, 32], [3, 3, 2, 32, 32], [2, 1, 1, 1, 4], [2, 2, 5, 9, 12], [1, 4, 7, 17, 8], [16, 3, 18, 32, 32]];

/// Images, height, width, inputs and outputs: of `tenfold2026`, and of layers where tiles reach over the edge.
pub const CONV3X3_SHAPES: [[usize; 5]; 6] =
    [[1, 31, 31, 24, 64], [2, 15, 15, 64, 24], [5, 7, 7, 32, 64], [9, 3, 3, 64, 16], [2, 1, 9, 8, 8], [1, 6, 5, 8, 16]];

/// Images, height, width and channels.
pub const NORM_SHAPES: [[usize; 4]; 5] = [[1, 31, 31, 24], [3, 7, 7, 64], [2, 5, 3, 8], [40, 9, 9, 16], [3, 5, 7, 3]];

/// Images, height, width and channels, and the side of a square.
pub const MAX_POOL_SHAPES: [[usize; 5]; 4] =
    [[2, 31, 31, 16, 2], [1, 15, 15, 64, 2], [3, 3, 3, 32, 3], [2, 7, 8, 8, 2]];

fn random<const D: usize>(shape: [usize; D], seed: u64) -> TensorData {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| random.random_range(-1.0..1.0)).collect();
    TensorData::new(values, shape)
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.expect("readable").try_into_vec().expect("f32")
}

/// A layer's output, and the gradients of a weighted sum of its outputs with respect to input, weight and bias.
async fn outcome<const D: usize>(
    device: &Device,
    shapes: [[usize; D]; 2],
    outputs: usize,
    layer: impl Fn(Tensor<D>, Tensor<D>, Tensor<1>) -> Tensor<D>,
) -> [Vec<f32>; 4] {
    let device = device.clone().autodiff();
    let [x, weight] = [0, 1].map(|i| Tensor::from_data(random(shapes[i], i as u64), &device).require_grad());
    let bias = Tensor::from_data(random([outputs], 2), &device).require_grad();
    let y = layer(x.clone(), weight.clone(), bias.clone());
    let share = Tensor::from_data(random(y.dims(), 3), &device);
    let gradients = (y.clone() * share).sum().backward();
    let expected = "a layer has gradients";
    [
        read(y.inner()).await,
        read(x.grad(&gradients).expect(expected)).await,
        read(weight.grad(&gradients).expect(expected)).await,
        read(bias.grad(&gradients).expect(expected)).await,
    ]
}

fn assert_close(shape: &[usize], got: &[Vec<f32>; 4], want: &[Vec<f32>; 4]) {
    assert_all_close(TOLERANCE, &format!("{shape:?}"), got, want);
}

/// The dense layer on `device` agrees, forward and backward, with and without ReLU, for any inputs and for inputs that
/// are mostly 0.
pub async fn dense_agrees(device: &Device, shape: [usize; 3]) {
    let [images, inputs, outputs] = shape;
    let shapes = [[images, inputs], [inputs, outputs]];
    for (activation, is_sparse) in
        [(Activation::None, false), (Activation::Relu, false), (Activation::None, true), (Activation::Relu, true)]
    {
        let seen = |x: Tensor<2>| if is_sparse { relu(x.sub_scalar(0.7)) } else { x };
        let got = outcome(device, shapes, outputs, |x, weight, bias| dense(seen(x), weight, bias, activation)).await;
        let want = outcome(&Device::flex(), shapes, outputs, |x, weight, bias| {
            let sums = seen(x).matmul(weight) + bias.unsqueeze();
            if activation == Activation::Relu { relu(sums) } else { sums }
        })
        .await;
        assert_close(&shape, &got, &want);
    }
}

/// The article's convolution with ReLU on `device` agrees, forward and backward.
pub async fn convolution_agrees(device: &Device, shape: [usize; 5]) {
    let [images, channels, filters, height, width] = shape;
    let shapes = [[images, channels, height, width], [filters, channels, 4, 4]];
    let got = outcome(device, shapes, filters, same_relu).await;
    let want = outcome(&Device::flex(), shapes, filters, |x, weight, bias| {
        let x = x.pad((1, 2, 1, 2), PadMode::Constant(0.0));
        relu(conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [0, 0], [1, 1], 1)))
    })
    .await;
    assert_close(&shape, &got, &want);
}

/// The loss, its gradient and the number of correct answers on `device` agree, for any target probabilities and for
/// batches that are added up.
pub async fn loss_agrees(device: &Device) {
    let on_tape = device.clone().autodiff();
    let mut tally = None;
    let mut want_tally = [0.0, 0.0];
    for images in [1, 3, 64, 130] {
        let [logits, targets] = [4, 5].map(|seed| Tensor::<2>::from_data(random([images, 10], seed), &Device::flex()));
        // About half of the targets are at the highest logit.
        let logits = logits.mul_scalar(5.0) + targets.clone().mul_scalar(5.0);
        let targets = softmax(targets.mul_scalar(9.0), 1);

        let on_device = |tensor: &Tensor<2>| Tensor::from_data(tensor.to_data(), &on_tape);
        let got_logits = on_device(&logits).require_grad();
        let Loss { mean, tally: added } = cross_entropy(got_logits.clone(), on_device(&targets), tally);
        let got_gradient = got_logits.grad(&mean.backward()).expect("logits have a gradient");

        let correct = logits.clone().argmax(1).equal(targets.clone().argmax(1)).float().sum();
        let want_logits = logits.autodiff().require_grad();
        let losses = -(log_softmax(want_logits.clone(), 1) * targets.autodiff()).sum_dim(1);
        let want_gradient = want_logits.grad(&losses.clone().mean().backward()).expect("logits have a gradient");
        let want = read(losses.clone().mean().inner()).await[0];
        want_tally[0] += read(losses.inner().sum()).await[0];
        want_tally[1] += read(correct).await[0];

        let got = read(mean.inner()).await[0];
        assert!((got - want).abs() < TOLERANCE * want, "loss of {images} images: {got} against {want}");
        let pairs = read(got_gradient).await.into_iter().zip(read(want_gradient).await);
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < TOLERANCE / images as f32, "gradient of {images} images: off by {worst}");
        let got_tally = read(added.clone()).await;
        assert!((got_tally[0] - want_tally[0]).abs() < TOLERANCE * want_tally[0], "{got_tally:?}, {want_tally:?}");
        assert_eq!(got_tally[1], want_tally[1], "correct answers up to {images} images");
        tally = Some(added);
    }
    let [_, correct] = want_tally;
    assert!((20.0..180.0).contains(&correct), "some answers are correct and some wrong: {correct} of 198");
}

/// The loss on `device` copes with logits that are too large for an exponential, and with equal logits.
pub async fn loss_stays_finite_and_counts_the_first_of_equal_answers(device: &Device) {
    let on_tape = device.clone().autodiff();
    let logits = Tensor::<2>::from_data([[1e4, 0.0, 1e4], [-1e4, 0.0, 0.0]], &on_tape).require_grad();
    let targets = Tensor::<2>::from_data([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], &on_tape);
    let Loss { mean, tally } = cross_entropy(logits.clone(), targets, None);
    let gradient = read(logits.grad(&mean.backward()).expect("logits have a gradient")).await;
    // Both losses are those of two equal logits: ln 2.
    assert!((read(mean.inner()).await[0] - 2.0_f32.ln()).abs() < TOLERANCE);
    assert_eq!(read(tally).await[1], 1.0);
    for (got, want) in gradient.iter().zip([0.25, 0.0, -0.25, 0.0, -0.25, 0.25]) {
        assert!((got - want).abs() < TOLERANCE, "{gradient:?}");
    }
}
/// `[n, h, w, c]` -> `[n, c, h, w]`, which Burn's operations take.
fn planes(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 3, 1, 2])
}

/// `[n, c, h, w]` -> `[n, h, w, c]`.
fn pixels(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 2, 3, 1])
}

/// The 3x3 convolution on `device` agrees, forward and backward.
pub async fn conv3x3_agrees(device: &Device, shape: [usize; 5]) {
    let [images, height, width, inputs, outputs] = shape;
    let shapes = [[images, height, width, inputs], [3, 3, inputs, outputs]];
    let got = outcome(device, shapes, 1, |x, weight, bias| conv3x3(x, weight) + bias.unsqueeze()).await;
    let want = outcome(&Device::flex(), shapes, 1, |x, weight, bias| {
        // [3, 3, inputs, outputs] -> [outputs, inputs, 3, 3]
        let weight = weight.permute([3, 2, 0, 1]);
        pixels(conv2d(planes(x), weight, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1))) + bias.unsqueeze()
    })
    .await;
    assert_close(&shape, &got, &want);
}

/// Statistics, normalisation and GELU on `device` agree, forward and backward, with the batch's statistics and with
/// given ones.
pub async fn norm_agrees(device: &Device, shape: [usize; 4]) {
    let [_, height, width, channels] = shape;
    // The layer has no weight. Both sides put a factor before it, so that the gradient of its input is tested twice.
    let shapes = [shape, [1, height, width, 1]];
    let uses = [Statistics::Batch, Statistics::Running]
        .into_iter()
        .flat_map(|source| [Activation::Gelu, Activation::None].map(|then| (source, then)));
    for (source, then) in uses {
        let given = Tensor::<2>::from_data(random([2, channels], 4).convert::<f32>(), &Device::flex());
        let given = given.abs() + 0.1;
        let given_data = given.into_data_async().await.expect("readable");
        let got = outcome(device, shapes, channels, |x, factor, shift| {
            let x = x * factor * 3.0;
            let statistics = match source {
                Statistics::Batch => channel_statistics(&x).autodiff(),
                Statistics::Running => Tensor::from_data(given_data.clone(), &x.device()),
            };
            norm(x, statistics, shift, source, then)
        })
        .await;
        let want = outcome(&Device::flex(), shapes, channels, |x, factor, shift| {
            let x = x * factor * 3.0;
            let (mean, variance) = match source {
                Statistics::Batch => {
                    let mean = x.clone().mean_dims(&[0, 1, 2]);
                    (mean.clone(), (x.clone() - mean).square().mean_dims(&[0, 1, 2]))
                }
                Statistics::Running => {
                    let given = Tensor::<2>::from_data(given_data.clone(), &x.device());
                    let row = |i| given.clone().narrow(0, i, 1).reshape([1, 1, 1, channels]);
                    (row(0), row(1))
                }
            };
            let z = (x - mean) / (variance + 1e-5).sqrt() + shift.unsqueeze();
            if then == Activation::None {
                return z;
            }
            let u = (z.clone() + z.clone().powi_scalar(3) * 0.044_715) * (2.0 / std::f64::consts::PI).sqrt();
            z * (u.tanh() + 1.0) * 0.5
        })
        .await;
        // Contributions through the statistics cancel, and Burn adds up in f32.
        assert_all_close(1e-4, &format!("{source:?} {shape:?}"), &got, &want);
    }
}

/// Scales of channels on `device` agree, forward and backward.
pub async fn scales_agree(device: &Device, shape: [usize; 4]) {
    let channels = shape[3];
    let shapes = [shape, [1, shape[1], shape[2], 1]];
    // The factor and the scale that is learnt have gradients of their own.
    let got = outcome(device, shapes, channels, |x, factor, scale| scaled(x * factor, scale)).await;
    let want = outcome(&Device::flex(), shapes, channels, |x, factor, scale| x * factor * scale.unsqueeze()).await;
    assert_close(&shape, &got, &want);
}

/// The pool of squares on `device` agrees, forward and backward.
pub async fn max_pool_agrees(device: &Device, shape: [usize; 5]) {
    let [images, height, width, channels, side] = shape;
    let shapes = [[images, height, width, channels], [1, 1, 1, channels]];
    let got = outcome(device, shapes, 1, |x, factor, bias| max_pool(x * factor, side) + bias.unsqueeze()).await;
    let want = outcome(&Device::flex(), shapes, 1, |x, factor, bias| {
        let maxima = max_pool2d(planes(x * factor), MaxPoolOptions::new([side, side]));
        pixels(maxima) + bias.unsqueeze()
    })
    .await;
    assert_close(&shape, &got, &want);
}

/// The whitening of 2x2 patches on `device` agrees, forward and backward.
pub async fn whitening_agrees(device: &Device) {
    // The weight has no gradient. A factor before the layer lets the gradient of the images be tested twice.
    let shapes = [[3, 3, 9, 12], [1, 3, 9, 12]];
    let weight = |device: &Device| Tensor::<4>::from_data(random([2, 2, 3, 24], 5), device);
    let got = outcome(device, shapes, 24, |x, factor, bias| {
        let weight = weight(&x.device());
        whiten(x * factor, weight) + bias.unsqueeze()
    })
    .await;
    let want = outcome(&Device::flex(), shapes, 24, |x, factor, bias| {
        let weight = weight(&x.device()).permute([3, 2, 0, 1]);
        pixels(conv2d(x * factor, weight, None, ConvOptions::new([1, 1], [0, 0], [1, 1], 1))) + bias.unsqueeze()
    })
    .await;
    assert_close(&[3, 3, 9, 12], &got, &want);
}

/// The sum of two tensors with factors on `device` agrees.
pub async fn blending_agrees(device: &Device) {
    let [old, new] = [[1.0, -2.0, 0.5], [3.0, 2.0, 0.5]].map(|values| Tensor::<1>::from_data(values, device));
    assert_eq!(read(blend(old, new, [0.75, 0.25])).await, [1.5, -1.0, 0.5]);
}

/// A shape of windows over images, with the numbers of channels before and after them.
#[derive(Clone, Copy, Debug)]
pub struct AnyShape {
    images: usize,
    height: usize,
    width: usize,
    inputs: usize,
    outputs: usize,
    side: usize,
    stride: usize,
    padding: Padding,
}

impl AnyShape {
    /// A shape whose weights' gradient does not fit in one tensor of every adapter if it has the usual number of
    /// partial sums.
    const WIDE: Self = Self {
        images: 64,
        height: 3,
        width: 3,
        inputs: 160,
        outputs: 160,
        side: 11,
        stride: 1,
        padding: Padding::Same,
    };

    /// `count` shapes: [`WIDE`](Self::WIDE), and others drawn with `seed`. Some have remainders, windows beyond the
    /// border, or numbers of channels that are not multiples of four.
    pub fn draw(count: usize, seed: u64) -> Vec<Self> {
        const CHANNELS: [usize; 8] = [1, 2, 3, 4, 5, 8, 12, 16];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut shapes = vec![Self::WIDE];
        while shapes.len() < count {
            let mut up_to = |most: usize| random.random_range(1..=most);
            let shape = Self {
                images: up_to(5),
                height: up_to(13),
                width: up_to(13),
                inputs: CHANNELS[up_to(8) - 1],
                outputs: CHANNELS[up_to(8) - 1],
                side: up_to(11),
                stride: up_to(4),
                padding: if up_to(2) == 1 { Padding::Same } else { Padding::None },
            };
            if shape.padding == Padding::Same || shape.side <= shape.height.min(shape.width) {
                shapes.push(shape);
            }
        }
        shapes
    }

    /// `x`, `[n, c, h, w]`, with a border of `value` for the windows that reach over it.
    fn padded(self, x: Tensor<4>, value: f32) -> Tensor<4> {
        let of = |len: usize| match self.padding {
            Padding::None => (0, 0),
            Padding::Same => {
                // TensorFlow's formula.
                let all = ((len.div_ceil(self.stride) - 1) * self.stride + self.side).saturating_sub(len);
                (all / 2, all - all / 2)
            }
        };
        let ((above, below), (left, right)) = (of(self.height), of(self.width));
        x.pad((left, right, above, below), PadMode::Constant(value))
    }

    fn input(self) -> [usize; 4] {
        [self.images, self.height, self.width, self.inputs]
    }
}

/// A convolution of any shape on `device` agrees, forward and backward.
pub async fn any_convolution_agrees(device: &Device, shape: AnyShape) {
    let AnyShape { inputs, outputs, side, stride, padding, .. } = shape;
    let shapes = [shape.input(), [side, side, inputs, outputs]];
    let got = outcome(device, shapes, outputs, |x, weight, bias| {
        biased(convolve(x, weight, stride, padding), bias, Activation::None)
    })
    .await;
    let want = outcome(&Device::flex(), shapes, outputs, |x, weight, bias| {
        let options = ConvOptions::new([stride; 2], [0, 0], [1, 1], 1);
        pixels(conv2d(shape.padded(planes(x), 0.0), weight.permute([3, 2, 0, 1]), Some(bias), options))
    })
    .await;
    let what = format!("{shape:?}");
    assert_all_close(1e-4, &what, &got, &want);
}

/// Pools of any shape on `device` agree, forward and backward.
pub async fn any_pool_agrees(device: &Device, shape: AnyShape) {
    let AnyShape { inputs, side, stride, padding, .. } = shape;
    let shapes = [shape.input(), [1, 1, 1, inputs]];
    for value in [Value::Maximum, Value::Mean] {
        let got = outcome(device, shapes, inputs, |x, factor, bias| {
            of_windows(x * factor, [side, stride], padding, value) + bias.unsqueeze()
        })
        .await;
        let want = outcome(&Device::flex(), shapes, inputs, |x, factor, bias| {
            let x = planes(x * factor);
            let values = match value {
                Value::Maximum => {
                    let options = MaxPoolOptions::new([side; 2]).with_stride([stride; 2]);
                    max_pool2d(shape.padded(x, -1e9), options)
                }
                Value::Mean => {
                    let options = || AvgPoolOptions::new([side; 2]).with_stride([stride; 2]);
                    let inside = shape.padded(Tensor::ones(x.dims(), &x.device()), 0.0);
                    avg_pool2d(shape.padded(x, 0.0), options()) / avg_pool2d(inside, options())
                }
            };
            pixels(values) + bias.unsqueeze()
        })
        .await;
        assert_all_close(1e-4, &format!("{value:?} {shape:?}"), &got, &want);
    }
}

/// Activations on `device` agree, forward and backward, with and without biases before them; so does the change of
/// order.
pub async fn activations_agree(device: &Device, shape: [usize; 4]) {
    let [_, height, width, channels] = shape;
    let of = |z: Tensor<4>, activation| match activation {
        Activation::None => z,
        Activation::Relu => relu(z),
        Activation::LeakyRelu => leaky_relu(z, LEAKY_SLOPE.into()),
        Activation::Tanh => z.tanh(),
        Activation::Gelu => gelu_approximate(z),
    };
    // Both sides put a factor before the layer, so that the gradient of its input is tested twice.
    let shapes = [shape, [1, height, width, 1]];
    for activation in Activation::ALL {
        let got = outcome(device, shapes, channels, |x, factor, bias| {
            let z = biased(x * factor * 4.0, bias, activation);
            pixels_of(activated(z, activation))
        })
        .await;
        let want = outcome(&Device::flex(), shapes, channels, |x, factor, bias| {
            let z = of(x * factor * 4.0 + bias.unsqueeze(), activation);
            pixels(of(z, activation))
        })
        .await;
        assert_all_close(1e-4, &format!("{activation:?} {shape:?}"), &got, &want);
    }
}

fn assert_all_close(tolerance: f32, what: &str, got: &[Vec<f32>; 4], want: &[Vec<f32>; 4]) {
    for (of, (got, want)) in ["output", "x", "weight", "bias"].iter().zip(got.iter().zip(want)) {
        assert_eq!(got.len(), want.len(), "{of} of {what}");
        let scale = want.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= tolerance * scale, "{of} of {what}: off by {worst} at a scale of {scale}");
    }
}
