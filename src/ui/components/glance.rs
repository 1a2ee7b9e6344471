//! The selected picture and its ten bars, small, which stay in view during training.

use yew::prelude::*;

use super::choose::Choose;
use super::network_panel::NetworkPanel;
use super::stage::Props;
use super::verdict::Verdict;
use crate::domain::{CLASS_COUNT, CLASSES};
use crate::ui::state::Picture;
use crate::ui::words;

/// The content of the stage in small: a column beside the view; on a phone, a strip above it.
#[component]
pub fn Glance(props: &Props) -> Html {
    html! {
        <section class="glance" aria-label="Your picture">
            <div class="glance-answer">
                { match &props.picture {
                    Some(picture) => shown(picture),
                    None => html! {
                        <div class="glance-frame">
                            <Choose class="glance-choose" on_offer={props.on_offer.clone()}>{ "Choose" }</Choose>
                        </div>
                    },
                } }
                <Verdict picture={props.picture.clone()} phase={props.phase.clone()} is_learning={props.is_learning} />
                { bars(props.picture.as_ref()) }
            </div>
            <NetworkPanel
                phase={props.phase.clone()}
                network={props.network.clone()}
                has_pictures={props.picture.is_some()}
                on_retry={props.on_retry.clone()}
            />
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
