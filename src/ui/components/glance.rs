//! The selected picture and its ten bars, small, which stay in view during training.

use yew::prelude::*;

use super::choose;
use super::network_panel::network_panel;
use super::verdict::verdict;
use crate::domain::{CLASS_COUNT, CLASSES};
use crate::ui::intent::Intent;
use crate::ui::state::{Picture, State};
use crate::ui::words;

/// The content of the stage in small: a column beside the view; on a phone, a strip above it.
pub fn glance(state: &State, on_intent: &Callback<Intent>) -> Html {
    let picture = state.selected_picture().map(|picture| state.then(picture));
    let picture = picture.as_ref();
    let choose = || {
        html! { <div class="glance-frame">{ choose::pictures("glance-choose", "Choose".into(), on_intent) }</div> }
    };
    html! {
        <section class="glance" aria-label="Your picture">
            <div class="glance-answer">
                { picture.map_or_else(choose, shown) }
                { verdict(picture, state) }
                { bars(picture) }
            </div>
            { network_panel(state, Html::default(), on_intent) }
        </section>
    }
}

fn shown(picture: &Picture) -> Html {
    let prediction = picture.prediction();
    html! {
        <div
            class={classes!("glance-frame", picture.label.map(|_| "is-pixels"))}
            data-picture={picture.name.to_string()}
            data-winner={prediction.map(|prediction| CLASSES[words::winner(prediction)])}
            data-none={prediction.is_some_and(|prediction| prediction.is_none).then_some("true")}
            data-milliseconds={prediction.map(|prediction| format!("{:.1}", prediction.milliseconds))}
        >
            <img src={picture.url.as_deref().map(String::from)} alt={format!("Your picture {}", picture.name)} />
        </div>
    }
}

fn bars(picture: Option<&Picture>) -> Html {
    let prediction = picture.and_then(Picture::prediction);
    let winner = prediction.filter(|prediction| !prediction.is_none).map(|prediction| words::winner(prediction));
    let bar = |class: usize| {
        let probability = prediction.map(|prediction| prediction.probabilities[class]);
        let is_winner = winner == Some(class);
        html! {
            <li
                key={class}
                class={is_winner.then_some("is-winner")}
                data-class={CLASSES[class]}
                data-probability={probability.map(|probability| format!("{probability:.6}"))}
            >
                <span class="card-name">{ words::title(class) }</span>
                <span class="meter">
                    <span style={format!("transform:scaleX({:.4})", probability.unwrap_or(0.0))} />
                </span>
                <span class="card-figure" translate="no">{ probability.map_or_else(|| "–".into(), words::figure) }</span>
            </li>
        }
    };
    html! { <ul class="glance-ten" role="list" aria-label="The ten">{ for (0..CLASS_COUNT).map(bar) }</ul> }
}
