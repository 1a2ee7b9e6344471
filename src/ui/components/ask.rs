//! A button for what cannot be undone: it asks first, and says what goes.

use yew::prelude::*;

use crate::platform::page;

/// What [`Ask`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// What the button is for, as `data-action` names it; `confirm-` before it for the second one.
    pub action: &'static str,
    /// What the button says.
    pub label: AttrValue,
    /// What the second button says, which names what goes.
    pub question: AttrValue,
    /// Whether it cannot be done now.
    #[prop_or_default]
    pub is_disabled: bool,
    /// Called once the visitor agreed.
    pub on_agree: Callback<()>,
}

/// The button; after a click the question in its place, and a way out where the pointer and the keyboard are.
#[component]
pub fn Ask(props: &Props) -> Html {
    let is_asking = use_state(|| false);
    let keep = use_node_ref();
    {
        let keep = keep.clone();
        use_effect_with(*is_asking, move |&is_asking| {
            if is_asking && let Some(keep) = keep.cast() {
                page::focus(&keep);
            }
        });
    }
    let ask = |now: bool| {
        let is_asking = is_asking.clone();
        Callback::from(move |_: MouseEvent| is_asking.set(now))
    };
    if !*is_asking {
        return html! {
            <button
                type="button"
                class="button"
                data-action={props.action}
                disabled={props.is_disabled}
                onclick={ask(true)}
            >
                { &props.label }
            </button>
        };
    }
    let on_agree = {
        let is_asking = is_asking.clone();
        props.on_agree.reform(move |_: MouseEvent| is_asking.set(false))
    };
    html! {
        <>
            <button type="button" class="button" data-action={format!("confirm-{}", props.action)} onclick={on_agree}>
                { &props.question }
            </button>
            <button ref={keep} type="button" class="button" data-action="keep" onclick={ask(false)}>{ "Keep" }</button>
        </>
    }
}
