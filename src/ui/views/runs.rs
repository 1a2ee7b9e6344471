//! The view "Runs": the training runs that are kept on this device.

use yew::prelude::*;

use crate::ui::components::{RunList, compare, failure, scatter, several};
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, State};

/// The view "Runs".
pub fn runs(state: &State, on_intent: &Callback<Intent>) -> Html {
    html! {
        <div key="runs" class="view">
            { failure(state, on_intent) }
            <RunList
                runs={state.runs.clone()}
                is_free={state.phase == Phase::Ready && !state.training.is_under_way()}
                is_ready={state.phase == Phase::Ready}
                on_intent={on_intent.clone()}
            />
            { several(state, on_intent) }
            { scatter(state, on_intent) }
            { compare(state, on_intent) }
        </div>
    }
}
