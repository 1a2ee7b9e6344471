//! The run in progress, at the foot of every view.

use yew::prelude::*;

use crate::protocol::RunStatus;
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, State};
use crate::ui::view::View;
use crate::ui::words;

/// Epoch, accuracy, and the button to pause or resume; nothing if no run is in progress.
pub fn run_bar(state: &State, on_intent: &Callback<Intent>) -> Html {
    let training = &state.training;
    let Some(facts) = training.facts().filter(|_| training.is_under_way()) else { return Html::default() };
    let (action, label, intent) = match training.status {
        RunStatus::Running(_) => ("pause", words::pause(training.is_pausing), Intent::Pause),
        _ => ("resume", "Resume", Intent::Resume),
    };
    let is_paused = matches!(training.status, RunStatus::Paused(_));
    html! {
        <section class="run-bar" aria-label="The run" translate="no">
            <div class="run-bar-inner">
                <p class="figures">
                    // Screen readers read out only the epoch, because the figures beside it change all the time.
                    <strong aria-live="polite">{ words::epoch(facts, is_paused) }</strong>
                    { words::accuracy_so_far(&training.curves) }
                </p>
                <a class="button" href={format!("#{}", View::Learn.name())}>{ "Watch" }</a>
                { button("button is-primary", action, label, state.phase != Phase::Ready, on_click(on_intent, intent)) }
            </div>
        </section>
    }
}
