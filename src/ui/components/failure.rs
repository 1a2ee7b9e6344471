//! The error that stopped the network, in a view that does not show the network.

use yew::prelude::*;

use super::network_panel::network_panel;
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, State};

/// The error and a button to try again; nothing while the network works.
pub fn failure(state: &State, on_intent: &Callback<Intent>) -> Html {
    if !matches!(state.phase, Phase::Failed(_) | Phase::Died(_)) {
        return Html::default();
    }
    html! { <div class="failure">{ network_panel(state, Html::default(), on_intent) }</div> }
}
