//! Residual connections on cards.

use crate::{
    layers::Add,
    spec::limits,
    ui::cards::{Addable, Editable, OnCard},
};

impl OnCard for Add {
    const TITLE: &'static str = "Residual connection";

    const ADDABLE: &'static [Addable] =
        &[Addable { name: "residual", label: "Residual connection", kinds: || vec![Self { layers: 2 }.into()] }];

    fn drawn(&self) -> Option<String> {
        Some("residual".into())
    }

    fn properties(&mut self) -> Vec<Editable<'_>> {
        vec![Editable::number("layers", "layers in the group", &mut self.layers, limits::LAYERS)]
    }
}
