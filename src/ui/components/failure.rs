//! What has stopped the network, in a view that shows no network.

use yew::prelude::*;

use super::network_panel::NetworkPanel;
use crate::ui::intent::Intent;
use crate::ui::state::Phase;

/// What [`Failure`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// What the worker is doing.
    pub phase: Phase,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// The sentence and the way back; nothing while the network works.
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
