//! The bar at the top: wordmark, views, choice of the network, device badge, looks.

use yew::prelude::*;

use super::looks::Looks;
use super::mark::mark;
use super::network_choice::network_choice;
use crate::domain::DeviceReport;
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, State};
use crate::ui::view::View;
use crate::ui::words;

/// The bar at the top.
pub fn bar(state: &State, on_intent: &Callback<Intent>) -> Html {
    html! {
        <header class="bar">
            { mark(state.prediction().map(|prediction| words::winner(prediction))) }
            { views(state.view) }
            { network_choice(state.chosen_network(), on_intent) }
            { badge(&state.phase, state.device.as_ref()) }
            <Looks />
        </header>
    }
}

fn views(shown: View) -> Html {
    let link = |view: View| {
        html! {
            <a key={view.name()} href={format!("#{}", view.name())} aria-current={(view == shown).then_some("page")}>
                { view.label() }
            </a>
        }
    };
    html! { <nav class="views" aria-label="Views">{ for View::ALL.into_iter().map(link) }</nav> }
}

fn badge(phase: &Phase, device: Option<&DeviceReport>) -> Html {
    let (state, text) = match (phase, device) {
        (Phase::Ready, Some(device @ DeviceReport::WebGpu { .. })) => ("is-on", words::badge(device)),
        (Phase::Ready, Some(device)) => ("is-partly-on", words::badge(device)),
        (Phase::Failed(_) | Phase::Died(_), _) => ("is-off", "Stopped".into()),
        _ => ("is-loading", "Loading".into()),
    };
    html! { <span class={classes!("badge", state)} translate="no">{ text }</span> }
}
