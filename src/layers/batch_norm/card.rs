//! Batch normalisation on a card.

use crate::{
    layers::BatchNorm,
    spec::shape::Activation,
    ui::cards::{Addable, Editable, OnCard},
};

impl OnCard for BatchNorm {
    const TITLE: &'static str = "Batch normalisation";

    const ADDABLE: &'static [Addable] = &[Addable {
        name: "norm",
        label: "Batch normalisation",
        kinds: || vec![Self { activation: Activation::None, scale: false }.into()],
    }];

    fn properties(&mut self) -> Vec<Editable<'_>> {
        vec![Editable::activation(&mut self.activation), Editable::switch("scale", "Scale", &mut self.scale)]
    }
}
