//! The view "Learn": a network in training, with the selected picture beside it. The picture's answer changes during
//! the run.

use yew::prelude::*;

use super::Props;
use crate::ui::components::{Glance, Results, train};
use crate::ui::intent::Intent;
use crate::ui::state::Phase;

/// The view "Learn".
#[component]
pub fn Learn(props: &Props) -> Html {
    let (state, on_intent) = (&props.state, &props.on_intent);
    let on_offer = use_callback(on_intent.clone(), |offer, on_intent| on_intent.emit(Intent::Take(offer)));
    let on_retry = use_callback(on_intent.clone(), |(), on_intent| on_intent.emit(Intent::Restart));
    html! {
        <div class="view learn">
            <Glance
                picture={state.selected_picture().map(|picture| state.then(picture))}
                phase={state.phase.clone()}
                network={state.network.clone()}
                is_learning={state.training.is_running()}
                {on_offer}
                {on_retry}
            />
            <div class="learn-main">
                { train(state, on_intent) }
                <Results
                    results={state.results.clone()}
                    has_images={state.images.is_present()}
                    is_ready={state.phase == Phase::Ready}
                    on_intent={on_intent.clone()}
                />
            </div>
        </div>
    }
}
