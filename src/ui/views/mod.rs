//! The four views. Only the one that is shown exists; the others draw and request nothing. Each has a key, so that none
//! takes over the elements of another.

mod about;
mod learn;
mod look;
mod runs;

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::intent::Intent;
use crate::ui::state::State;
use crate::ui::view::View;

/// The view that the address names. `on_intent` is called for each intent of the visitor.
pub fn shown(state: &Rc<State>, on_intent: &Callback<Intent>) -> Html {
    match state.view {
        View::Look => look::look(state, on_intent),
        View::Learn => learn::learn(state, on_intent),
        View::Runs => runs::runs(state, on_intent),
        View::About => about::about(state, on_intent),
    }
}
