//! Average pools on cards.

use crate::{
    layers::{AveragePool, pools},
    spec::shape::Padding,
    ui::cards::{Addable, Editable, OnCard},
};

impl OnCard for AveragePool {
    const TITLE: &'static str = "Average pool";

    const ADDABLE: &'static [Addable] = &[Addable {
        name: "average-pool",
        label: "Average pool",
        kinds: || vec![Self { side: 2, stride: 2, padding: Padding::None }.into()],
    }];

    fn drawn(&self) -> Option<String> {
        Some(format!("avg pool {0}×{0}", self.side))
    }

    fn properties(&mut self) -> Vec<Editable<'_>> {
        pools::card::window(&mut self.side, &mut self.stride, &mut self.padding)
    }
}
