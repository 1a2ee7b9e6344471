//! The whitening on a card.

use crate::{
    layers::Whitening,
    ui::cards::{Addable, OnCard},
};

impl OnCard for Whitening {
    const TITLE: &'static str = "Fixed whitening";

    const ADDABLE: &'static [Addable] =
        &[Addable { name: "whitening", label: "Fixed whitening", kinds: || vec![Self.into()] }];

    fn drawn(&self) -> Option<String> {
        Some("whitening".into())
    }
}
