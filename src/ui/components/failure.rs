//! The error that stopped the network, in a view that does not show the network.

use yew::prelude::*;

use super::network_panel::NetworkPanel;
use crate::ui::intent::Intent;
use crate::ui::state::Phase;

/// The properties of [`Failure`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The state of the worker.
    pub phase: Phase,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The error and a button to try again; nothing while the network works.
#[component]
pub fn Failure(props: &Props) -> Html {
    if !matches!(props.phase, Phase::Failed(_) | Phase::Died(_)) {
        return Html::default();
    }
    html! {
        <div class="failure">
            <NetworkPanel
                phase={props.phase.clone()}
                network={None}
                has_pictures=false
                on_retry={props.on_intent.reform(|()| Intent::Restart)}
            />
        </div>
    }
}
