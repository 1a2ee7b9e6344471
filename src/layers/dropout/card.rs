//! Dropout on a card. Visitors choose what is kept, as in the article.

use crate::{
    layers::Dropout,
    ui::cards::{Addable, Editable, OnCard},
};

impl OnCard for Dropout {
    const TITLE: &'static str = "dropout";

    const ADDABLE: &'static [Addable] =
        &[Addable { name: "dropout", label: "dropout", kinds: || vec![Self::default().into()] }];

    fn properties(&mut self) -> Vec<Editable<'_>> {
        vec![Editable::kept(&mut self.percent)]
    }
}
