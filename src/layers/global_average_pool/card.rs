//! Global average pools on cards.

use crate::{
    layers::GlobalAveragePool,
    ui::cards::{Addable, OnCard},
};

impl OnCard for GlobalAveragePool {
    const TITLE: &'static str = "Global average pool";

    const ADDABLE: &'static [Addable] =
        &[Addable { name: "global-average", label: "Global average pool", kinds: || vec![Self.into()] }];

    fn drawn(&self) -> Option<String> {
        Some("global mean".into())
    }
}
