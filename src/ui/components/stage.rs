//! The stage: the picture, what the network sees of it, the answer, and the network.

use yew::prelude::*;

use super::choose;
use super::comparison::beside;
use super::network_panel::network_panel;
use super::photo::Photo;
use super::seen::Seen;
use super::verdict::verdict;
use crate::ui::intent::Intent;
use crate::ui::state::{Picture, State};

/// The stage. Without a picture it shows the invitation.
pub fn stage(state: &State, on_intent: &Callback<Intent>) -> Html {
    let picture = state.selected_picture();
    html! {
        <section class="stage" aria-label="Picture and answer">
            { picture.map_or_else(|| invitation(on_intent), shown) }
            <Seen prediction={state.prediction().cloned()} />
            { verdict(picture, state) }
            { network_panel(state, beside(state, on_intent), on_intent) }
        </section>
    }
}

fn shown(picture: &Picture) -> Html {
    html! {
        <figure class="picture" translate="no">
            <div class={classes!("frame", picture.label.map(|_| "is-pixels"))}>
                <Photo key={picture.id.0} picture={picture.clone()} />
            </div>
            <figcaption>{ if picture.is_greeting { "A drawing to begin with" } else { &picture.name } }</figcaption>
        </figure>
    }
}

fn invitation(on_intent: &Callback<Intent>) -> Html {
    html! {
        <div class="picture">
            <div class="frame invitation">
                <p><strong>{ "Your picture goes here" }</strong></p>
                <p class="quiet for-mouse">{ "Drop it anywhere, or paste it" }</p>
                { choose::pictures("button", "Choose pictures".into(), on_intent) }
            </div>
            <p class="caption" />
        </div>
    }
}
