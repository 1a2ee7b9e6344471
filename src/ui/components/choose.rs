//! The button that opens the browser's file dialogue.

use yew::prelude::*;

use crate::platform::files::Offer;
use crate::platform::page;
use crate::ui::intake::PICTURE_LIMIT;

/// What [`Choose`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// How the button looks.
    pub class: &'static str,
    /// What the button is for, as `data-action` names it.
    #[prop_or("choose")]
    pub action: &'static str,
    /// What is chosen, for screen readers.
    #[prop_or("Pictures")]
    pub label: &'static str,
    /// The files that the dialogue offers.
    #[prop_or("image/*")]
    pub accept: &'static str,
    /// Whether nothing can be chosen now.
    #[prop_or_default]
    pub is_disabled: bool,
    /// What the button says.
    pub children: Html,
    /// Called with what was chosen.
    pub on_offer: Callback<Offer>,
}

/// The button, and the file input that it stands for.
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
