//! The four views. One is shown at a time, and only that one is there: the others draw and ask for nothing.

mod about;
mod learn;
mod look;
mod runs;

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::intent::Intent;
use crate::ui::state::State;
use crate::ui::view::View;

/// What every view shows and calls.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The page's state.
    pub state: Rc<State>,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// The view that the address names.
#[component]
pub fn Shown(props: &Props) -> Html {
    match props.state.view {
        View::Look => html! { <look::Look ..props.clone() /> },
        View::Learn => html! { <learn::Learn ..props.clone() /> },
        View::Runs => html! { <runs::Runs ..props.clone() /> },
        View::About => html! { <about::About ..props.clone() /> },
    }
}
