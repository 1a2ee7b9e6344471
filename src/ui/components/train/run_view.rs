//! A run in progress: figures, curves, and pictures with the current answers.

use std::rc::Rc;

use yew::prelude::*;

use super::chart::{Chart, Quantity};
use super::figures::figures;
use super::live::Live;
use crate::platform::share;
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::state::{State, Wish};
use crate::ui::words;
use crate::ui::{card, curve};
use crate::{domain::StartingWeights, protocol::RunStatus};

/// Everything that changes during a run.
pub fn run_view(state: &State, on_intent: &Callback<Intent>) -> Html {
    let training = &state.training;
    let facts = training.facts();
    let steps = facts.map_or(1, |facts| curve::extent(facts.step, facts.steps));
    let changes: Rc<[_]> = facts.map(|facts| facts.settings.changed()).unwrap_or_default().into();
    html! {
        <div class="run" translate="no">
            { finale(state, on_intent) }
            { figures(training) }
            <div class="run-charts">
                <Chart quantity={Quantity::Loss} curves={training.curves.clone()} {steps} changes={changes.clone()} />
                <Chart quantity={Quantity::Accuracy} curves={training.curves.clone()} {steps} {changes} />
            </div>
            <Live
                pictures={state.own_pictures()}
                strip={training.strip.clone()}
                watched={training.watched_then()}
                moment={training.moment()}
                is_playing={training.lapse.is_playing}
                on_intent={on_intent.clone()}
            />
        </div>
    }
}

/// The headline of a run before it starts, while it is in progress, and at its end. It always takes the same space, so
/// that nothing moves.
fn finale(state: &State, on_intent: &Callback<Intent>) -> Html {
    let training = &state.training;
    let is_over = matches!(training.status, RunStatus::Ended { .. });
    let said = training.facts().and_then(|facts| {
        let shipped = state.shipped_accuracies.get(facts.settings.network.id()).copied();
        let took_secs = training.took_secs.filter(|_| is_over);
        words::finale(&training.curves, took_secs, facts.start == StartingWeights::Scratch, shipped, is_over)
    });
    let [headline, rest] = said.unwrap_or_else(|| {
        let headline = match (training.facts(), training.wish) {
            (Some(_), _) => "Learning…",
            (None, Wish::AfterImages) => "Waiting for the images…",
            (None, _) => "Starting…",
        };
        [headline.into(), "Accuracy is measured after each epoch.".into()]
    });
    let (on_copy, on_save) = (on_click(on_intent, Intent::CopyLink), on_click(on_intent, Intent::SaveCard));
    html! {
        <div class="finale" data-ended={is_over.then_some("true")}>
            <p role="status"><strong>{ headline }</strong>{ rest }</p>
            <div class="buttons">
                { button("button", "copy-link", "Copy link", training.facts().is_none(), on_copy) }
                { button("button", "save-card", "Save as a picture", card::svg(state).is_none(), on_save) }
                if is_over && share::takes_pictures() {
                    { button("button", "share-card", "Share", false, on_click(on_intent, Intent::ShareCard)) }
                }
            </div>
        </div>
    }
}
