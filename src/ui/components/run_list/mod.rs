//! The section "Runs": the runs that are kept on this device, and what can be done with them.

mod row;
mod unreadable;

use yew::prelude::*;

use crate::domain::{KeptRun, RunUse};
use crate::platform::page::Interval;
use crate::ui::components::choose;
use crate::ui::intent::Intent;
use crate::ui::state::RunsState;
use crate::ui::view::View;
use row::Row;
use unreadable::unreadable;

/// Interval for checking whether another tab is still writing a run.
const LOOK_MS: i32 = 3_000;

/// The properties of [`RunList`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The kept runs.
    pub runs: RunsState,
    /// Whether a run could start now.
    pub is_free: bool,
    /// Whether the worker is ready.
    pub is_ready: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The section. If nothing is kept yet, it says how to get a run.
#[component]
pub fn RunList(props: &Props) -> Html {
    let is_elsewhere = props.runs.runs.iter().any(|run| run.usage == RunUse::Elsewhere);
    use_effect_with(is_elsewhere, {
        let on_intent = props.on_intent.clone();
        move |&is_elsewhere| {
            let interval = is_elsewhere.then(|| Interval::new(LOOK_MS, move || on_intent.emit(Intent::ListRuns)));
            move || drop(interval)
        }
    });
    let row = |run: &KeptRun| {
        html! {
            <Row key={run.id.0.to_string()} run={run.clone()} is_free={props.is_free} on_intent={props.on_intent.clone()} />
        }
    };
    html! {
        <section class="runs" aria-labelledby="runs-title">
            <div class="runs-head">
                <h2 id="runs-title" class="view-title" tabindex="-1">{ "Runs" }</h2>
                { choose::import(!props.is_ready, &props.on_intent) }
            </div>
            if props.runs.is_empty() {
                <p class="quiet">
                    { "No runs yet. Each run that you train is kept here, so that you can resume or export it. " }
                    <a href={format!("#{}", View::Learn.name())}>{ "Train a network" }</a>
                </p>
            } else {
                <ul>
                    { for props.runs.runs.iter().map(row) }
                    { for props.runs.unreadable.iter().map(|file| unreadable(file, &props.on_intent)) }
                </ul>
            }
        </section>
    }
}
