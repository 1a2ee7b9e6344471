//! The view "Runs": the training runs that are kept on this device.

use yew::prelude::*;

use super::Props;
use crate::ui::components::{Failure, RunList, compare, scatter, several};
use crate::ui::state::Phase;

/// The view "Runs".
pub fn runs(Props { state, on_intent }: &Props) -> Html {
    html! {
        <div class="view">
            <Failure phase={state.phase.clone()} on_intent={on_intent.clone()} />
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
