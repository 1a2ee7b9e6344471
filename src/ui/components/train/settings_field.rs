//! A field of the form, with its explanation.

use yew::prelude::*;

use crate::platform::page;
use crate::ui::intent::Intent;
use crate::ui::plan::Field;

/// The properties of [`SettingsField`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The field.
    pub field: Field,
    /// The text in the field.
    pub text: String,
    /// Whether the text is not a valid value.
    pub is_wrong: bool,
    /// Whether it cannot be changed, because a run is under way.
    pub is_fixed: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// A list for a choice, otherwise a text field.
#[component]
pub fn SettingsField(props: &Props) -> Html {
    let field = props.field;
    let name = field.name();
    let (id, help_id) = (format!("field-{name}"), format!("help-{name}"));
    let described_by = if props.is_fixed { format!("{help_id} fixed-fields") } else { help_id.clone() };
    let onchange = props.on_intent.reform(move |event: Event| Intent::Set(field, page::field_value(&event)));
    let list = use_node_ref();
    {
        let list = list.clone();
        // A list that the visitor has used ignores the `selected` attributes of its options.
        use_effect_with(props.text.clone(), move |text| {
            if let Some(list) = list.cast() {
                page::choose_option(&list, text);
            }
        });
    }
    let suggestion = if let Field::Setting(setting) = field { setting.suggestion } else { None };
    let suggested = |(value, words): (&'static str, &'static str)| {
        let onclick = props.on_intent.reform(move |_: MouseEvent| Intent::Set(field, value.into()));
        html! { <button type="button" class="button" data-action={format!("suggest-{name}")} disabled={props.is_fixed} {onclick}>{ words }</button> }
    };
    let choice = |&(value, label): &(&'static str, &'static str)| {
        html! { <option {value} selected={value == props.text}>{ label }</option> }
    };
    html! {
        <div class="field">
            <label for={id.clone()}>{ field.label() }</label>
            if field.choices().is_empty() {
                <div class="field-row">
                    <input
                        {id}
                        {name}
                        type="text"
                        inputmode="decimal"
                        autocomplete="off"
                        value={props.text.clone()}
                        aria-describedby={described_by}
                        disabled={props.is_fixed}
                        aria-invalid={props.is_wrong.to_string()}
                        {onchange}
                    />
                    { for suggestion.map(suggested) }
                </div>
            } else {
                <select ref={list} {id} {name} aria-describedby={described_by} disabled={props.is_fixed} {onchange}>
                    { for field.choices().iter().map(choice) }
                </select>
            }
            <p id={help_id}>{ field.help() }</p>
        </div>
    }
}
