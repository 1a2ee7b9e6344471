//! Messages about what could not be done, at the foot of the page.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;

/// The number of messages that are shown at once; the others are only counted.
const SHOWN: usize = 3;

/// The messages, oldest first, each as an alert with a button to dismiss it.
pub fn notices(notices: &[Rc<str>], on_intent: &Callback<Intent>) -> Html {
    let hidden = notices.len().saturating_sub(SHOWN);
    let notice = |(index, text): (usize, &Rc<str>)| {
        html! {
            <div class="notice" role="alert">
                <p>{ &**text }</p>
                <button
                    type="button"
                    class="icon-button"
                    data-action="dismiss"
                    aria-label="Dismiss"
                    onclick={on_click(on_intent, Intent::Dismiss(index))}
                >
                    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15" /></svg>
                </button>
            </div>
        }
    };
    html! {
        <aside class="notices" translate="no" aria-label="Messages">
            { for notices.iter().enumerate().take(SHOWN).map(notice) }
            if hidden > 0 {
                <p class="notice-rest">{ format!("and {hidden} more like these") }</p>
            }
        </aside>
    }
}
