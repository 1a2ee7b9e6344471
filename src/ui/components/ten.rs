//! The ten class cards, in the order of the data set.

use yew::prelude::*;

use super::class_card::{Shown, class_card};
use crate::domain::CLASS_COUNT;
use crate::ui::intent::Intent;
use crate::ui::state::{Pane, State};
use crate::ui::words;

/// The grid of class cards, with the answer to the picture on the stage. A card shows its scene; or, if the heat map of a
/// class is shown below, its own heat map.
pub fn ten(state: &State, on_intent: &Callback<Intent>) -> Html {
    let prediction = state.prediction();
    let label = state.selected_picture().and_then(|picture| picture.label);
    let heat_class = state.heat_class().filter(|_| state.inside.pane == Some(Pane::Why));
    let winner = prediction.filter(|prediction| !prediction.is_none).map(|prediction| words::winner(prediction));
    let card = |class| {
        let shown = Shown {
            probability: prediction.map(|prediction| prediction.probabilities[class]),
            is_winner: winner == Some(class),
            is_label: label == Some(class),
            has_heat: heat_class.map(|chosen| chosen == class),
        };
        html! { <li key={class}>{ class_card(class, &shown, on_intent) }</li> }
    };
    html! {
        <section class="ten" aria-labelledby="ten-title">
            <h2 id="ten-title">{ "The ten" }</h2>
            <p class="quiet">
                { match heat_class {
                    Some(_) => "Choose one: the heat map below shows what speaks for it.",
                    None => "No picture at hand? Try one of these.",
                } }
            </p>
            <ul role="list">{ for (0..CLASS_COUNT).map(card) }</ul>
        </section>
    }
}
