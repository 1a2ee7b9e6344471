//! The view "Look": a picture and the network's answer.

use yew::prelude::*;

use super::Props;
use crate::ui::components::{Deal, Inside, Stage, Strip, beside, comparison, hero, sources, ten};
use crate::ui::intent::Intent;

/// The view "Look".
#[component]
pub fn Look(props: &Props) -> Html {
    let (state, on_intent) = (&props.state, &props.on_intent);
    // The same callbacks are used for each state, so that only changed components are drawn again.
    let on_offer = use_callback(on_intent.clone(), |offer, on_intent| on_intent.emit(Intent::Take(offer)));
    let on_retry = use_callback(on_intent.clone(), |(), on_intent| on_intent.emit(Intent::Restart));
    html! {
        <div class="view look">
            { hero(&on_offer) }
            <Stage
                picture={state.selected_picture().cloned()}
                phase={state.phase.clone()}
                network={state.network.clone()}
                is_learning={state.training.is_running()}
                beside={beside(state, on_intent)}
                {on_offer}
                {on_retry}
            />
            <Strip pictures={state.own_pictures()} selected={state.selected} on_intent={on_intent.clone()} />
            { ten(state, on_intent) }
            <Inside state={state.clone()} on_intent={on_intent.clone()} />
            <Deal
                images={state.images.dealt.clone()}
                is_present={state.images.is_present()}
                on_intent={on_intent.clone()}
            />
            { comparison(state, on_intent) }
            { sources() }
        </div>
    }
}
