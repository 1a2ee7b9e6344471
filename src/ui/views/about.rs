//! The view "About": what Tenfold is, which images are kept here, and how fast this device is.

use yew::prelude::*;

use super::Props;
use crate::ui::components::{Background, Failure, ImagesLine, Race, terms};
use crate::ui::state::{Phase, Wish};

/// The view "About".
#[component]
pub fn About(props: &Props) -> Html {
    let (state, on_intent) = (&props.state, &props.on_intent);
    html! {
        <div class="view">
            <Failure phase={state.phase.clone()} on_intent={on_intent.clone()} />
            <Background />
            { terms() }
            <section class="kept" aria-labelledby="kept-title">
                <h2 id="kept-title">{ "CIFAR-10 on this device" }</h2>
                <ImagesLine
                    images={state.images.clone()}
                    is_wanted={state.training.wish == Wish::Confirm}
                    on_intent={on_intent.clone()}
                />
            </section>
            <Race
                race={state.race.clone()}
                is_free={state.phase == Phase::Ready && !state.training.is_running()}
                on_intent={on_intent.clone()}
            />
        </div>
    }
}
