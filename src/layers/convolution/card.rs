//! A convolution on a card, alone or with the max pool after it.

use crate::{
    layers::{Convolution, MaxPool},
    spec::{
        limits,
        parameter::InitialWeights,
        shape::{Activation, Padding},
    },
    ui::cards::{Addable, Editable, INITIALS, OnCard},
};

impl OnCard for Convolution {
    const TITLE: &'static str = "Convolution";

    const ADDABLE: &'static [Addable] = &[
        Addable {
            name: "conv2d-maxpool",
            label: "conv2d_maxpool",
            kinds: || vec![usual().into(), MaxPool::tiles(2).into()],
        },
        Addable {
            name: "convolution",
            label: "Convolution",
            kinds: || vec![Self { outputs: 32, kernel: 3, ..usual() }.into()],
        },
    ];

    fn drawn(&self) -> Option<String> {
        Some(format!("conv {0}×{0}", self.kernel))
    }

    fn properties(&mut self) -> Vec<Editable<'_>> {
        vec![
            Editable::number("outputs", "outputs", &mut self.outputs, limits::FILTERS),
            Editable::number("kernel", "kernel", &mut self.kernel, limits::KERNEL),
            Editable::number("stride", "stride", &mut self.stride, limits::STRIDE),
            Editable::activation(&mut self.activation),
            Editable::padding(&mut self.padding),
            Editable::switch("bias", "Biases", &mut self.bias),
            Editable::initial(&mut self.initial, INITIALS),
        ]
    }
}

/// The article's second convolution, with which visitors begin.
fn usual() -> Convolution {
    Convolution {
        outputs: 36,
        kernel: 4,
        stride: 1,
        padding: Padding::Same,
        bias: true,
        activation: Activation::Relu,
        initial: InitialWeights::Glorot,
    }
}
