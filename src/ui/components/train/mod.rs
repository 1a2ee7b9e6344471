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

use std::rc::Rc;

use yew::prelude::*;

use super::builder;
use crate::ui::intent::Intent;
use crate::ui::state::{State, Wish};
pub use chart::Quantity;
use controls::Controls;
use fitted::fitted;
pub use images_line::ImagesLine;
use run_view::RunView;
use settings_form::SettingsForm;

/// The properties of [`Train`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The page's state. This section shows most of it.
    pub state: Rc<State>,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The section.
#[component]
pub fn Train(props: &Props) -> Html {
    let state = &props.state;
    html! {
        <section class="train" aria-labelledby="train-title">
            <h2 id="train-title" class="view-title" tabindex="-1">{ "Train" }</h2>
            <div class="section">
                <Controls state={state.clone()} on_intent={props.on_intent.clone()} />
                { fitted(state, &props.on_intent) }
                <SettingsForm
                    plan={state.plan.clone()}
                    run={state.current_run().cloned()}
                    unreadable={state.unreadable.clone()}
                    error={state.plan_error()}
                    is_open={state.is_form_open}
                    on_intent={props.on_intent.clone()}
                />
                { builder(state, &props.on_intent) }
            </div>
            <ImagesLine
                images={state.images.clone()}
                is_wanted={state.training.wish == Wish::Confirm}
                on_intent={props.on_intent.clone()}
            />
            // Its space is reserved from the click on, so that nothing moves when the run begins.
            if state.training.facts().is_some() || matches!(state.training.wish, Wish::Asked | Wish::AfterImages) {
                <RunView state={state.clone()} on_intent={props.on_intent.clone()} />
            }
        </section>
    }
}
