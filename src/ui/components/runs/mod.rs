//! The section "Runs": what is kept on this device, and what can be done with it.

mod row;
mod unreadable;

use yew::prelude::*;

use crate::platform::page::Interval;
use crate::protocol::{KeptRun, RunUse, UnreadableFile};
use crate::ui::intent::Intent;
use crate::ui::state::RunsState;
use row::Row;
use unreadable::Unreadable;

/// Time after which it is looked again whether another tab is still writing a run.
const LOOK_MS: i32 = 3_000;

/// What [`Runs`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// What is kept.
    pub runs: RunsState,
    /// Whether a run could begin now.
    pub is_free: bool,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// The section; none where there is nothing to show.
#[component]
pub fn Runs(props: &Props) -> Html {
    let is_elsewhere = props.runs.runs.iter().any(|run| run.usage == RunUse::Elsewhere);
    use_effect_with(is_elsewhere, {
        let on_intent = props.on_intent.clone();
        move |&is_elsewhere| {
            let interval = is_elsewhere.then(|| Interval::new(LOOK_MS, move || on_intent.emit(Intent::ListRuns)));
            move || drop(interval)
        }
    });
    if props.runs.is_empty() {
        return Html::default();
    }
    let row = |run: &KeptRun| {
        html! {
            <Row key={run.id.0.to_string()} run={run.clone()} is_free={props.is_free} on_intent={props.on_intent.clone()} />
        }
    };
    let unreadable = |file: &UnreadableFile| {
        html! { <Unreadable key={file.file.clone()} file={file.clone()} on_intent={props.on_intent.clone()} /> }
    };
    html! {
        <section class="runs" aria-labelledby="runs-title">
            <h2 id="runs-title">{ "Runs" }</h2>
            <ul>
                { for props.runs.runs.iter().map(row) }
                { for props.runs.unreadable.iter().map(unreadable) }
            </ul>
        </section>
    }
}
