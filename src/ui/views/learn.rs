//! The view "Learn": a network in training, with the selected picture beside it. The picture's answer changes during
//! the run.

use yew::prelude::*;

use crate::ui::components::{Results, glance, train};
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, State};

/// The view "Learn".
pub fn learn(state: &State, on_intent: &Callback<Intent>) -> Html {
    html! {
        <div key="learn" class="view learn">
            { glance(state, on_intent) }
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
