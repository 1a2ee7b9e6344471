//! A button for an action that cannot be undone. It asks first, and names what will be deleted.

use yew::prelude::*;

use crate::platform::page;

/// The properties of [`Ask`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The action in `data-action`; the second button has `confirm-` before it.
    pub action: &'static str,
    /// The label of the first button.
    pub label: AttrValue,
    /// The label of the second button, which names what will be deleted.
    pub question: AttrValue,
    /// Whether the action is not available now.
    #[prop_or_default]
    pub is_disabled: bool,
    /// Called when the visitor confirms.
    pub on_agree: Callback<()>,
}

/// The button. After a click the question replaces it, with a button to cancel, which has the focus.
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
