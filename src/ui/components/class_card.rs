//! The card of a class: a drawn scene to try, a name, and a probability.

use yew::prelude::*;

use crate::domain::CLASSES;
use crate::ui::components::button::on_click;
use crate::ui::edge::scene_path;
use crate::ui::intent::Intent;
use crate::ui::state::Change;
use crate::ui::words;

/// What a card says of its class.
pub struct Shown {
    /// The probability of this class for the picture on the stage; none before an answer.
    pub probability: Option<f32>,
    /// Whether this class is the most probable one.
    pub is_winner: bool,
    /// Whether it is known to be the picture's true class.
    pub is_label: bool,
    /// Whether the heat map is of this class; none if no heat map is shown.
    pub has_heat: Option<bool>,
}

/// A card, which is a button. It classifies its own scene, or chooses the class of the heat map.
pub fn class_card(class: usize, shown: &Shown, on_intent: &Callback<Intent>) -> Html {
    let intent = match shown.has_heat {
        Some(_) => Intent::Inside(Change::Class(class)),
        None => Intent::TryScene(class),
    };
    let figure = shown.probability.map_or_else(|| "–".into(), words::figure);
    html! {
        <button
            type="button"
            class={classes!("card", shown.is_winner.then_some("is-winner"))}
            data-class={CLASSES[class]}
            data-probability={shown.probability.map(|probability| format!("{probability:.6}"))}
            aria-pressed={shown.has_heat.map(|has_heat| has_heat.to_string())}
            title={match shown.has_heat {
                Some(_) => format!("What speaks for {}", CLASSES[class]),
                None => format!("Try this {}", CLASSES[class]),
            }}
            onclick={on_click(on_intent, intent)}
        >
            <span class="card-scene">
                <img src={scene_path(class)} alt="" width="64" height="64" />
                // A tick means that the answer is correct, which is known only for images of the data set.
                if shown.is_winner && shown.is_label {
                    <svg class="tick" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                        <circle cx="10" cy="10" r="9" />
                        <path d="m6 10.5 2.6 2.6L14 7.5" />
                    </svg>
                }
            </span>
            <span class="card-text">
                <span class="card-name">{ words::title(class) }</span>
                <span class="meter">
                    <span style={format!("transform:scaleX({:.4})", shown.probability.unwrap_or(0.0))} />
                </span>
                <span class="card-figure" translate="no">{ figure }</span>
            </span>
            if shown.is_winner {
                <span class="unseen">{ ", the likeliest" }</span>
            }
        </button>
    }
}
