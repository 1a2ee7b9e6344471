//! The view "Look": a picture and the network's answer.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::components::{Deal, Inside, Strip, comparison, hero, sources, stage, ten};
use crate::ui::intent::Intent;
use crate::ui::state::State;

/// The view "Look".
pub fn look(state: &Rc<State>, on_intent: &Callback<Intent>) -> Html {
    html! {
        <div key="look" class="view look">
            { hero(on_intent) }
            { stage(state, on_intent) }
            <Strip pictures={state.own_pictures()} selected={state.selected} on_intent={on_intent.clone()} />
            { ten(state, on_intent) }
            <Inside state={state.clone()} on_intent={on_intent.clone()} />
            <Deal
                images={state.images.dealt.clone()}
                is_present={state.images.is_present()}
                on_intent={on_intent.clone()}
            />
            { comparison(state, on_intent) }
            { sources() }
        </div>
    }
}
