//! Activations on cards.

use crate::{
    layers::Activate,
    spec::shape::Activation,
    ui::cards::{Addable, Editable, OnCard},
};

impl OnCard for Activate {
    const TITLE: &'static str = "Activation";

    const ADDABLE: &'static [Addable] = &[Addable {
        name: "activation",
        label: "Activation",
        kinds: || vec![Self { activation: Activation::Relu }.into()],
    }];

    fn properties(&mut self) -> Vec<Editable<'_>> {
        vec![Editable::some_activation(&mut self.activation)]
    }
}
