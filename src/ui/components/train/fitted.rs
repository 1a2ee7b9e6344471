//! Weights of another program that fit the network in the builder: which tensor becomes which parameter, and a button that loads
//! them.

use yew::prelude::*;

use crate::domain::Pairing;
use crate::ui::components::button::{button, on_click};
use crate::ui::components::table::{head, row, text};
use crate::ui::intent::Intent;
use crate::ui::state::State;

/// The table and its two buttons. Empty if no such file waits.
pub fn fitted(state: &State, on_intent: &Callback<Intent>) -> Html {
    let Some((title, pairings)) = state.fitted.as_deref() else { return Html::default() };
    let pairing = |Pairing { tensor, parameter, change }: &Pairing| {
        row(tensor.clone(), [parameter.clone(), change.clone()].map(text))
    };
    let settle = |is_agreed: bool| on_click(on_intent, Intent::Fitted(is_agreed));
    html! {
        <div class="fitted" translate="no">
            <p role="alert">{ title }</p>
            <table class="figures products">
                { head(&["Tensor of the file", "Becomes", "Its values"]) }
                <tbody>{ for pairings.iter().map(pairing) }</tbody>
            </table>
            <div class="buttons">
                { button("button", "load-fitted", "Load these weights", false, settle(true)) }
                { button("button", "leave-fitted", "Leave them", false, settle(false)) }
            </div>
        </div>
    }
}
