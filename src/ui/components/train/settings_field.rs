//! One field of the form, with what it means under it.

use yew::prelude::*;

use crate::platform::page;
use crate::protocol::Settings;
use crate::ui::intent::Intent;
use crate::ui::plan::Field;
use crate::ui::words;

/// What [`SettingsField`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// Which field.
    pub field: Field,
    /// What stands in it.
    pub text: String,
    /// Whether that names no value.
    pub is_wrong: bool,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// A list where there are few values, otherwise a line to write in.
#[component]
pub fn SettingsField(props: &Props) -> Html {
    let field = props.field;
    let name = field.name();
    let (id, help_id) = (format!("field-{name}"), format!("help-{name}"));
    let onchange = props.on_intent.reform(move |event: Event| Intent::Set(field, page::field_value(&event)));
    let list = use_node_ref();
    {
        let list = list.clone();
        // A list that the visitor has used no longer heeds its options' attributes.
        use_effect_with(props.text.clone(), move |text| {
            if let Some(list) = list.cast() {
                page::choose_option(&list, text);
            }
        });
    }
    let on_article =
        props.on_intent.reform(move |_: MouseEvent| Intent::Set(field, Settings::ARTICLE_DROPOUT_RATE.to_string()));
    let choice = |&(value, label): &(&'static str, &'static str)| {
        html! { <option {value} selected={value == props.text}>{ label }</option> }
    };
    html! {
        <div class="field">
            <label for={id.clone()}>{ words::field(field) }</label>
            if field.choices().is_empty() {
                <div class="field-row">
                    <input
                        {id}
                        {name}
                        type="text"
                        inputmode="decimal"
                        autocomplete="off"
                        value={props.text.clone()}
                        aria-describedby={help_id.clone()}
                        aria-invalid={props.is_wrong.to_string()}
                        {onchange}
                    />
                    if field == Field::Dropout {
                        <button type="button" class="button" data-action="article-dropout" onclick={on_article}>
                            { "0.7, as in the article" }
                        </button>
                    }
                </div>
            } else {
                <select ref={list} {id} {name} aria-describedby={help_id.clone()} {onchange}>
                    { for field.choices().iter().map(choice) }
                </select>
            }
            <p id={help_id}>{ words::explanation(field) }</p>
        </div>
    }
}
