//! A headline and two buttons that introduce the page.

use yew::prelude::*;

use super::choose::Choose;
use crate::platform::files::Offer;
use crate::ui::view::View;
use crate::ui::words;

/// The headline of the first view. `on_offer` is called with the chosen files.
pub fn hero(on_offer: &Callback<Offer>) -> Html {
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
                <Choose class="button is-primary" on_offer={on_offer.clone()}>{ "Choose pictures" }</Choose>
                <a class="button" href={format!("#{}", View::Learn.name())}>{ "Watch it learn" }</a>
            </div>
        </div>
    }
}
