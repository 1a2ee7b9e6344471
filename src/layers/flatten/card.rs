//! Flattening on a card.

use crate::{
    layers::Flatten,
    ui::cards::{Addable, OnCard},
};

impl OnCard for Flatten {
    const TITLE: &'static str = "flatten";

    const ADDABLE: &'static [Addable] = &[Addable { name: "flatten", label: "flatten", kinds: || vec![Self.into()] }];
}
