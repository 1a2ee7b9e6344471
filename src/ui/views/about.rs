//! The view "About": what Tenfold is, which images are kept here, and how fast this device is.

use yew::prelude::*;

use crate::ui::components::{background, failure, images_line, race, terms};
use crate::ui::intent::Intent;
use crate::ui::state::State;

/// The view "About".
pub fn about(state: &State, on_intent: &Callback<Intent>) -> Html {
    html! {
        <div key="about" class="view">
            { failure(state, on_intent) }
            { background() }
            { terms() }
            <section class="kept" aria-labelledby="kept-title">
                <h2 id="kept-title">{ "CIFAR-10 on this device" }</h2>
                { images_line(state, on_intent) }
            </section>
            { race(state, on_intent) }
        </div>
    }
}
