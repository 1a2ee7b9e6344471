//! A headline and two buttons that introduce the page.

use yew::prelude::*;

use super::choose;
use crate::ui::intent::Intent;
use crate::ui::view::View;
use crate::ui::words;

/// The headline of the first view.
pub fn hero(on_intent: &Callback<Intent>) -> Html {
    html! {
        <div class="hero">
            <div>
                <h2 class="view-title" tabindex="-1">{ words::HEADLINE }</h2>
                <p class="quiet">
                    <span class="for-mouse">{ words::INVITATION }</span>
                    <span class="for-touch">{ words::TOUCH_INVITATION }</span>
                </p>
            </div>
            <div class="buttons">
                { choose::pictures("button is-primary", "Choose pictures".into(), on_intent) }
                <a class="button" href={format!("#{}", View::Learn.name())}>{ "Watch it learn" }</a>
            </div>
        </div>
    }
}
