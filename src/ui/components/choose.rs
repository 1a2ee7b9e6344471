//! The button that opens the browser's file dialogue.

use yew::prelude::*;

use crate::platform::files::Offer;
use crate::platform::page;
use crate::ui::intake::PICTURE_LIMIT;

/// The properties of [`Choose`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The class in the style sheet.
    pub class: &'static str,
    /// The action in `data-action`.
    #[prop_or("choose")]
    pub action: &'static str,
    /// The name of the file input, for screen readers.
    #[prop_or("Pictures")]
    pub label: &'static str,
    /// The types of files that the dialogue shows.
    #[prop_or("image/*")]
    pub accept: &'static str,
    /// Whether the button is disabled.
    #[prop_or_default]
    pub is_disabled: bool,
    /// The content of the button.
    pub children: Html,
    /// Called with the chosen files.
    pub on_offer: Callback<Offer>,
}

/// The button and its hidden file input.
#[component]
pub fn Choose(props: &Props) -> Html {
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast() {
                page::click(&input);
            }
        })
    };
    let onchange = props.on_offer.reform(|event: Event| Offer::from_input(&event, PICTURE_LIMIT));
    html! {
        <>
            <button
                type="button"
                class={props.class}
                data-action={props.action}
                disabled={props.is_disabled}
                {onclick}
            >
                { props.children.clone() }
            </button>
            <input
                ref={input}
                type="file"
                accept={props.accept}
                multiple=true
                hidden=true
                aria-label={props.label}
                {onchange}
            />
        </>
    }
}
