//! A run as it goes: figures, curves, and pictures as the network learns to name them.

use std::rc::Rc;

use yew::prelude::*;

use super::chart::{Chart, Quantity};
use super::figures::Figures;
use super::live::Live;
use crate::protocol::{RunStatus, Start};
use crate::ui::curve;
use crate::ui::state::State;
use crate::ui::words;

/// What [`RunView`] shows.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The page's state; there is a run in it.
    pub state: Rc<State>,
}

/// Everything that changes while a run goes on.
#[component]
pub fn RunView(props: &Props) -> Html {
    let training = &props.state.training;
    let steps = training.facts().map_or(1, |facts| curve::extent(facts.step, facts.steps));
    html! {
        <div class="run" translate="no">
            { finale(&props.state) }
            <Figures training={training.clone()} />
            <div class="run-charts">
                <Chart quantity={Quantity::Loss} curves={training.curves.clone()} {steps} />
                <Chart quantity={Quantity::Accuracy} curves={training.curves.clone()} {steps} />
            </div>
            <Live
                pictures={props.state.own_pictures()}
                strip={training.strip.clone()}
                watched={training.watched.clone()}
            />
        </div>
    }
}

/// What became of a run that is over.
fn finale(state: &State) -> Html {
    let training = &state.training;
    let RunStatus::Ended { facts, .. } = &training.status else { return Html::default() };
    let shipped = state.shipped_accuracies.get(facts.settings.network.id()).copied();
    match words::finale(&training.curves, training.took_secs, facts.start == Start::Scratch, shipped) {
        Some([headline, rest]) => html! { <p class="finale" role="status"><strong>{ headline }</strong>{ rest }</p> },
        None => Html::default(),
    }
}
