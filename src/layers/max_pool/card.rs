//! Max pools on cards.

use crate::{
    layers::{MaxPool, pools},
    ui::cards::{Addable, Editable, OnCard},
};

impl OnCard for MaxPool {
    const TITLE: &'static str = "Max pool";

    const ADDABLE: &'static [Addable] =
        &[Addable { name: "max-pool", label: "Max pool", kinds: || vec![Self::tiles(2).into()] }];

    fn drawn(&self) -> Option<String> {
        Some(format!("max pool {0}×{0}", self.side))
    }

    fn properties(&mut self) -> Vec<Editable<'_>> {
        pools::card::window(&mut self.side, &mut self.stride, &mut self.padding)
    }
}
