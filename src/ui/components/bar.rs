//! The bar at the top: wordmark, views, choice of the network, device badge, theme.

use yew::prelude::*;

use super::mark::Mark;
use super::network_choice::NetworkChoice;
use super::theme_toggle::ThemeToggle;
use crate::domain::{DeviceReport, NetworkName};
use crate::ui::intent::Intent;
use crate::ui::state::Phase;
use crate::ui::view::View;
use crate::ui::words;

/// The properties of [`Bar`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The current view.
    pub view: View,
    /// The class whose square is lit in the wordmark.
    pub winner: Option<usize>,
    /// The state of the worker.
    pub phase: Phase,
    /// The device in use, or the last one.
    pub device: Option<DeviceReport>,
    /// The chosen network.
    pub network: NetworkName,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The bar at the top.
#[component]
pub fn Bar(props: &Props) -> Html {
    html! {
        <header class="bar">
            <Mark winner={props.winner} />
            { views(props.view) }
            <NetworkChoice chosen={props.network} on_intent={props.on_intent.clone()} />
            { badge(&props.phase, props.device.as_ref()) }
            <ThemeToggle />
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
