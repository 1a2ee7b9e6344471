//! The settings of a run: the folded form that changes them. While a run is under way the form shows that run, and
//! otherwise the next one.

use yew::prelude::*;

use super::settings_field::SettingsField;
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::plan::Field;
use crate::ui::state::State;

/// The form.
pub fn settings_form(state: &State, on_intent: &Callback<Intent>) -> Html {
    let (plan, changing, is_trial) = (&state.plan, state.changing(), state.several.is_under_way());
    let (is_free, shown) = (changing.is_none(), changing.as_ref().unwrap_or(plan));
    let field = |field: Field| {
        let unreadable = state.unreadable.get(field.name()).map(|(text, _)| text.to_string());
        html! {
            <SettingsField
                key={field.name()}
                {field}
                is_wrong={unreadable.is_some()}
                is_fixed={!is_free && (is_trial || !field.may_change())}
                text={unreadable.unwrap_or_else(|| shown.text(field))}
                on_intent={on_intent.clone()}
            />
        }
    };
    let on_fold = on_intent.reform(|event: MouseEvent| {
        event.prevent_default();
        Intent::FoldForm
    });
    let (title, remark) = match (is_free, is_trial) {
        (false, true) => ("Settings of this run", "A run of \"Try several\" keeps its settings."),
        (false, false) => (
            "Settings of this run",
            "A change counts from the next step on. What is grey is fixed during a run: it would change the network, the \
             batches or the length.",
        ),
        (true, _) => (if state.current_run().is_some() { "Settings of the next run" } else { "Settings" }, ""),
    };
    let is_default = *plan == plan.defaults() && state.unreadable.is_empty();
    html! {
        <div class="plan">
            if let Some(error) = state.plan_error() {
                <p role="alert" class="plan-error" translate="no">{ error }</p>
            }
            <details open={state.is_form_open}>
                <summary translate="no" onclick={on_fold}>{ title }</summary>
                if is_free {
                    { button("button", "defaults", "Back to the defaults", is_default, on_click(on_intent, Intent::Defaults)) }
                } else {
                    <p class="quiet" id="fixed-fields">{ remark }</p>
                }
                <form class="fields" onsubmit={|event: SubmitEvent| event.prevent_default()}>
                    { for Field::all().filter(|field| field.is_of(&shown.settings)).map(field) }
                </form>
            </details>
        </div>
    }
}
