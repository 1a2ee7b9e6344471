//! Dense layers on cards.

use crate::{
    layers::Dense,
    spec::{CLASS_COUNT, limits, parameter::InitialWeights, shape::Activation},
    ui::cards::{Addable, Editable, INITIALS, OnCard},
};

impl OnCard for Dense {
    const TITLE: &'static str = "fully_conn";

    const ADDABLE: &'static [Addable] = &[
        Addable { name: "fully-conn", label: "fully_conn", kinds: || vec![usual(128, Activation::Relu).into()] },
        Addable { name: "output", label: "output", kinds: || vec![usual(CLASS_COUNT, Activation::None).into()] },
    ];

    fn drawn(&self) -> Option<String> {
        Some("dense".into())
    }

    fn properties(&mut self) -> Vec<Editable<'_>> {
        vec![
            Editable::number("outputs", "outputs", &mut self.outputs, limits::UNITS),
            Editable::activation(&mut self.activation),
            // Only filters can begin as the identity.
            Editable::initial(&mut self.initial, &INITIALS[..3]),
        ]
    }
}

fn usual(outputs: usize, activation: Activation) -> Dense {
    Dense { outputs, activation, initial: InitialWeights::Glorot }
}
