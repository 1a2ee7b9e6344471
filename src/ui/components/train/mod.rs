//! The section "Train": the buttons, the settings, the images, and the run.

mod chart;
mod chart_table;
mod controls;
mod export;
mod figures;
mod fitted;
mod images_line;
mod live;
mod run_view;
mod settings_field;
mod settings_form;

use yew::prelude::*;

use super::{builder, tasks, term::explained};
use crate::ui::intent::Intent;
use crate::ui::plan;
use crate::ui::state::{State, Wish};
pub use chart::Quantity;
use controls::controls;
use fitted::fitted;
pub use images_line::images_line;
use run_view::run_view;
use settings_form::settings_form;

/// The settings of the run that is under way or offered first, or else of the next one, as a sentence.
fn sentence(state: &State) -> String {
    match state.current_run() {
        Some(facts) => plan::sentence(&facts.settings, facts.start),
        None => state.plan.sentence(),
    }
}

/// The section.
pub fn train(state: &State, on_intent: &Callback<Intent>) -> Html {
    html! {
        <section class="train" aria-labelledby="train-title">
            <h2 id="train-title" class="view-title" tabindex="-1">{ "Train" }</h2>
            <div class="section">
                { controls(state, on_intent) }
                { fitted(state, on_intent) }
                <div class="plan-sentence" translate="no">{ explained(&sentence(state)) }</div>
                { settings_form(state, on_intent) }
                { builder(state, on_intent) }
                { tasks(state, on_intent) }
            </div>
            { images_line(state, on_intent) }
            // Its space is reserved from the click on, so that nothing moves when the run begins.
            if state.training.facts().is_some() || matches!(state.training.wish, Wish::Asked | Wish::AfterImages) {
                { run_view(state, on_intent) }
            }
        </section>
    }
}
