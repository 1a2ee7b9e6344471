//! Global max pools on cards.

use crate::{
    layers::GlobalMaxPool,
    ui::cards::{Addable, OnCard},
};

impl OnCard for GlobalMaxPool {
    const TITLE: &'static str = "Global max pool";

    const ADDABLE: &'static [Addable] =
        &[Addable { name: "global-max", label: "Global max pool", kinds: || vec![Self.into()] }];

    fn drawn(&self) -> Option<String> {
        Some("global max".into())
    }
}
