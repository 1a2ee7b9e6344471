//! Both networks beside each other: their answers to the same picture, and their layers.

mod layers;
mod versus;

use yew::prelude::*;

use crate::domain::likeliest;
use crate::protocol::{Compared, RunStatus};
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, State};
use crate::ui::words;
use layers::layers;
use versus::versus;

/// The other network's answer to the picture on the stage; or a button that asks for it.
pub fn beside(state: &State, on_intent: &Callback<Intent>) -> Html {
    let comparison = &state.comparison;
    let Some(network) = state.network.as_ref().filter(|_| state.prediction().is_some()) else { return Html::default() };
    if !comparison.is_wanted {
        let is_busy = state.phase != Phase::Ready || state.training.is_under_way();
        let on_compare = on_click(on_intent, Intent::Compare);
        return button("small-button", "compare-here", "Ask the other network, too", is_busy, on_compare);
    }
    let is_known = comparison.about == Some(state.selected);
    let other = comparison.networks.iter().find(|other| other.network.name != network.name).filter(|_| is_known);
    let said = other.and_then(|other| Some((other, other.opinion.as_ref()?))).map(|(other, opinion)| {
        let class = likeliest(&opinion.probabilities);
        let verdict = if opinion.is_none { words::NONE.to_owned() } else { words::title(class) };
        format!("{} says: {verdict}, {}.", other.network.title, words::whole_percent(opinion.probabilities[class]))
    });
    html! { <p class="beside" aria-live="polite">{ said.unwrap_or_else(|| "Asking the other network…".into()) }</p> }
}

/// The calibration of a network, if it was measured.
fn honesty(one: &Compared) -> Option<Html> {
    let told = words::calibration(one.calibration.as_ref()?);
    Some(
        html! { <p class="quiet" translate="no" data-honesty={one.network.name.id()}>{ format!("{}: {told}", one.network.title) }</p> },
    )
}

/// The section "Two networks".
pub fn comparison(state: &State, on_intent: &Callback<Intent>) -> Html {
    let comparison = &state.comparison;
    let networks = &comparison.networks;
    let has_run = matches!(state.training.status, RunStatus::Running(_) | RunStatus::Paused(_));
    let is_free = state.phase == Phase::Ready && !has_run;
    let status = match (comparison.is_wanted, is_free, &comparison.about) {
        (true, false, _) => "Continues after the training.",
        (true, true, None) => "Asking both…",
        (true, true, Some(None)) => "Choose a picture, and both will answer.",
        (true, true, Some(Some(_))) => "Both follow the picture above.",
        (false, ..) => "Downloads the other network. Not available during training.",
    };
    html! {
        <section class="comparison" aria-labelledby="comparison-title">
            <div class="section">
                <div class="section-lead">
                    <h2 id="comparison-title">{ "Two networks" }</h2>
                    <div class="buttons">
                        { button(
                            "button", "compare", "Compare both networks", !is_free || comparison.is_wanted,
                            on_click(on_intent, Intent::Compare),
                        ) }
                    </div>
                    <p class="quiet" translate="no" aria-live="polite">{ status }</p>
                </div>
                if networks.is_empty() {
                    <p class="quiet">
                        { "The article’s network of 2017 has one convolution and one wide layer. The network of \
                           2026 has six convolutions. See what each says of the same picture, how long it takes, and its \
                           layers." }
                    </p>
                } else {
                    <div>
                        { versus(networks) }
                        { for networks.iter().filter_map(honesty) }
                    </div>
                }
            </div>
            if !networks.is_empty() {
                <div class="layers">
                    { for networks.iter().map(layers) }
                </div>
            }
        </section>
    }
}
