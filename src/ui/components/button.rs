//! Buttons with a text. One function makes all of them, which keeps the page small.

use yew::prelude::*;

use crate::ui::intent::Intent;

/// Carries out `intent` at each click.
pub fn on_click(on_intent: &Callback<Intent>, intent: Intent) -> Callback<MouseEvent> {
    on_intent.reform(move |_| intent.clone())
}

/// A button of this `class` in the style sheet. Scripts find it by its `action`.
pub fn button(
    class: &'static str,
    action: &'static str,
    label: impl Into<AttrValue>,
    is_disabled: bool,
    onclick: Callback<MouseEvent>,
) -> Html {
    made(class, action, label.into(), is_disabled, onclick)
}

fn made(
    class: &'static str,
    action: &'static str,
    label: AttrValue,
    is_disabled: bool,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button type="button" {class} data-action={action} disabled={is_disabled} {onclick}>{ label }</button>
    }
}
