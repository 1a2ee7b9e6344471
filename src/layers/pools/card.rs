//! The window of a pool on a card.

use crate::{
    spec::{limits, shape::Padding},
    ui::cards::Editable,
};

/// The window's properties.
pub fn window<'a>(side: &'a mut usize, stride: &'a mut usize, padding: &'a mut Padding) -> Vec<Editable<'a>> {
    vec![
        Editable::number("side", "window", side, limits::WINDOW),
        Editable::number("stride", "stride", stride, limits::POOL_STRIDE),
        Editable::padding(padding),
    ]
}
