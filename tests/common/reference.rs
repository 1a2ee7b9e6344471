//! Compares the network with TensorFlow's computation of the same network (fixtures/cui2017-small.json).

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use tenfold::spec::cui2017::{self, Widths};
use tenfold::{
    domain::{LearningRates, OptimiserChoice},
    model::{NamedTensor, Network, loss::cross_entropy, named_gradients},
    train::{Optimiser, schedule::SHIFT_FACTOR},
};

/// Relative to the largest magnitude in the compared array.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Array {
    shape: Vec<usize>,
    data: Vec<f32>,
}

#[derive(Deserialize)]
struct Reference {
    images: Array,
    labels: Array,
    params: BTreeMap<String, Array>,
    logits: Array,
    gradients: BTreeMap<String, Array>,
    losses_over_adam_steps: Vec<f32>,
}

/// Moves axes: output axis `i` is input axis `axes[i]`.
fn permuted(shape: &[usize], data: &[f32], axes: &[usize]) -> Vec<f32> {
    let strides: Vec<usize> = (0..shape.len()).map(|i| shape[i + 1..].iter().product()).collect();
    let out_shape: Vec<usize> = axes.iter().map(|&a| shape[a]).collect();
    (0..data.len())
        .map(|flat| {
            let (mut rest, mut source) = (flat, 0);
            for i in (0..axes.len()).rev() {
                source += rest % out_shape[i] * strides[axes[i]];
                rest /= out_shape[i];
            }
            data[source]
        })
        .collect()
}

/// TensorFlow's array for our parameter `name`, in our layout.
fn ours(arrays: &BTreeMap<String, Array>, name: &str) -> Vec<f32> {
    let array = &arrays[&name.replace(".weight", "_kernel").replace(".bias", "_bias")];
    match name {
        // [row, column, in, out] -> [out, in, row, column]
        "conv.weight" => permuted(&array.shape, &array.data, &[3, 2, 0, 1]),
        // TensorFlow's rows run over [row, column, channel], ours over [channel, row, column].
        "hidden.weight" => {
            let outputs = array.shape[1];
            let channels = array.shape[0] / (32 * 32);
            permuted(&[32 * 32, channels, outputs], &array.data, &[1, 0, 2])
        }
        _ => array.data.clone(),
    }
}

fn assert_close(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= TOLERANCE * scale, "{what}: off by {worst} at a scale of {scale}");
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.expect("readable").try_into_vec().expect("f32")
}

/// On `device`, the logits, all gradients, and the losses over Adam's steps agree with TensorFlow's.
pub async fn agrees_with_tensorflow(device: &Device) {
    let reference: Reference =
        serde_json::from_str(include_str!("../fixtures/cui2017-small.json")).expect("the fixture");
    let device = device.clone().autodiff();
    let spec = cui2017::spec(Widths { filters: 2, hidden: 4 });
    let source = |name: &str, _: &[usize]| Ok::<_, std::convert::Infallible>(ours(&reference.params, name));
    let mut network = Network::load(&spec, &device, source).unwrap_or_else(|never| match never {});

    let images = permuted(&reference.images.shape, &reference.images.data, &[0, 3, 1, 2]);
    let images = Tensor::<4>::from_data(TensorData::new(images, [3, 3, 32, 32]), &device);
    let mut targets = vec![0.0_f32; 30];
    for (image, &label) in reference.labels.data.iter().enumerate() {
        targets[image * 10 + label as usize] = 1.0;
    }
    let targets = Tensor::<2>::from_data(TensorData::new(targets, [3, 10]), &device);

    let mut adam = Optimiser::new(OptimiserChoice::Adam);
    let rates = LearningRates { convolution: 1e-3, dense: 1e-3 };
    for (step, &want) in reference.losses_over_adam_steps.iter().enumerate() {
        let logits = network.forward(images.clone());
        let loss = cross_entropy(logits.clone(), targets.clone(), None).mean;
        let mut gradients = loss.backward();
        if step == 0 {
            assert_close("logits", &read(logits.inner()).await, &reference.logits.data);
            let gradients = named_gradients(&network, &gradients);
            assert_eq!(gradients.len(), 6);
            for NamedTensor { name, values, .. } in gradients {
                assert_close(&name, &read(values).await, &ours(&reference.gradients, &name));
            }
        }
        assert_close(&format!("loss at step {step}"), &read(loss.inner()).await, &[want]);
        network = adam.update(network, &mut gradients, |group| rates.of(group, SHIFT_FACTOR), 0.0);
    }
}
