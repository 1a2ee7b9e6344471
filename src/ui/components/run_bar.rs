//! The run in progress, at the foot of every view.

use yew::prelude::*;

use crate::protocol::RunStatus;
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, TrainingState};
use crate::ui::view::View;
use crate::ui::words;

/// The properties of [`RunBar`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The run.
    pub training: TrainingState,
    /// The state of the worker.
    pub phase: Phase,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// Epoch, accuracy, and the button to pause or resume; nothing if no run is in progress.
#[component]
pub fn RunBar(props: &Props) -> Html {
    let training = &props.training;
    let Some(facts) = training.facts().filter(|_| training.is_under_way()) else { return Html::default() };
    let (action, label, intent): (_, _, fn() -> Intent) = match training.status {
        RunStatus::Running(_) => ("pause", words::pause(training.is_pausing), || Intent::Pause),
        _ => ("resume", "Resume", || Intent::Resume),
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
                <button
                    type="button"
                    class="button is-primary"
                    data-action={action}
                    disabled={props.phase != Phase::Ready}
                    onclick={props.on_intent.reform(move |_| intent())}
                >
                    { label }
                </button>
            </div>
        </section>
    }
}
