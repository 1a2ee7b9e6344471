//! The settings of a run: the folded form that changes them. While a run is under way the form shows that run, and
//! otherwise the next one.

use std::collections::HashMap;
use std::rc::Rc;

use yew::prelude::*;

use super::settings_field::SettingsField;
use crate::domain::RunFacts;
use crate::ui::intent::Intent;
use crate::ui::plan::{Field, Plan};

/// The properties of [`SettingsForm`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The plan of the next run.
    pub plan: Plan,
    /// The plan of the run that is under way, with the settings of its next step.
    pub changing: Option<Plan>,
    /// Whether that run is one of a series, whose settings stay as they are.
    pub is_trial: bool,
    /// The run in progress, paused or kept; none if the next click starts a new one.
    pub run: Option<RunFacts>,
    /// Invalid texts by the name of their field, each with a sentence that says what is valid.
    pub unreadable: HashMap<&'static str, (Rc<str>, Rc<str>)>,
    /// Why a run with this plan is impossible.
    pub error: Option<String>,
    /// Whether the form is unfolded. It stays so when another view was shown.
    pub is_open: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The form.
#[component]
pub fn SettingsForm(props: &Props) -> Html {
    let (is_free, shown) = (props.changing.is_none(), props.changing.as_ref().unwrap_or(&props.plan));
    let field = |field: Field| {
        let unreadable = props.unreadable.get(field.name()).map(|(text, _)| text.to_string());
        html! {
            <SettingsField
                key={field.name()}
                {field}
                is_wrong={unreadable.is_some()}
                is_fixed={!is_free && (props.is_trial || !field.may_change())}
                text={unreadable.unwrap_or_else(|| shown.text(field))}
                on_intent={props.on_intent.clone()}
            />
        }
    };
    let on_fold = props.on_intent.reform(|event: MouseEvent| {
        event.prevent_default();
        Intent::FoldForm
    });
    let (title, remark) = match (is_free, props.is_trial) {
        (false, true) => ("Settings of this run", "A run of \"Try several\" keeps its settings."),
        (false, false) => (
            "Settings of this run",
            "A change counts from the next step on. What is grey is fixed during a run: it would change the network, the \
             batches or the length.",
        ),
        (true, _) => (if props.run.is_some() { "Settings of the next run" } else { "Settings" }, ""),
    };
    html! {
        <div class="plan">
            if let Some(error) = &props.error {
                <p role="alert" class="plan-error" translate="no">{ error }</p>
            }
            <details open={props.is_open}>
                <summary translate="no" onclick={on_fold}>{ title }</summary>
                if is_free {
                    <button
                        type="button"
                        class="button"
                        data-action="defaults"
                        disabled={props.plan == props.plan.defaults() && props.unreadable.is_empty()}
                        onclick={props.on_intent.reform(|_: MouseEvent| Intent::Defaults)}
                    >
                        { "Back to the defaults" }
                    </button>
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
