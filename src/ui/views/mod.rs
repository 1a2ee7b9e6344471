//! The four views. Only the one that is shown exists; the others draw and request nothing.

mod about;
mod learn;
mod look;
mod runs;

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::intent::Intent;
use crate::ui::state::State;
use crate::ui::view::View;

/// The properties of every view.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The page's state.
    pub state: Rc<State>,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The view that the address names.
pub fn shown(props: &Props) -> Html {
    match props.state.view {
        View::Look => html! { <look::Look ..props.clone() /> },
        View::Learn => html! { <learn::Learn ..props.clone() /> },
        View::Runs => runs::runs(props),
        View::About => html! { <about::About ..props.clone() /> },
    }
}
