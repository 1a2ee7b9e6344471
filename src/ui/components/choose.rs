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
            <button type="button" class={props.class} data-action="choose" {onclick}>{ props.children.clone() }</button>
            <input ref={input} type="file" accept="image/*" multiple=true hidden=true aria-label="Pictures" {onchange} />
        </>
    }
}
