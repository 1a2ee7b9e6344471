//! Similar images: the training images that are nearest to the picture in the last hidden layer.

use std::rc::Rc;

use yew::prelude::*;

use super::Props;
use super::tell;
use crate::ui::components::button::{button, on_click};
use crate::ui::components::pixels::use_sheet;
use crate::ui::intent::Intent;
use crate::ui::state::Change;
use crate::ui::words;
use crate::{domain::Split, protocol::RunStatus};

/// The nearest training images, after all of them have run through the network.
#[component]
pub fn Nearest(props: &Props) -> Html {
    let Props { state, on_intent } = props;
    let near = state.inside.nearest.as_ref().map(|known| known.value.clone()).unwrap_or_default();
    let images = use_memo(near.clone(), |near| Rc::new(near.iter().map(|near| near.image.clone()).collect::<Vec<_>>()));
    let sheet = use_sheet(&images);
    let set = |is_wanted: bool| on_click(on_intent, Intent::Inside(Change::Gathering(is_wanted)));
    let gathered = state.inside.gathered(Split::Train);
    let is_running = matches!(state.training.status, RunStatus::Running(_));
    let image = |at: usize| {
        html! {
            <li key={at}>
                { sheet.image(at) }
                <span class="card-name">{ words::title(near[at].image.label.into()) }</span>
                <span class="quiet figures">{ tell::number(near[at].distance) }</span>
            </li>
        }
    };
    let body = match gathered {
        _ if !state.images.is_present() => html! {
            <p>{ tell::NEEDS_IMAGES }</p>
        },
        _ if is_running => html! { <p>{ "Available after the run, because its network still changes." }</p> },
        None => html! { <p class="quiet">{ "Looking for results on this device…" }</p> },
        Some((done, total)) if done < total => html! {
            <>
                <p class="figures">
                    { format!("{} of {} training images have passed through the network.",
                        words::count(done.into()), words::count(total.into())) }
                </p>
                <div class="progress" aria-hidden="true">
                    <span style={format!("transform:scaleX({:.4})", f64::from(done) / f64::from(total))} />
                </div>
                if state.inside.is_gathering {
                    { button("button", "cancel-nearest", "Cancel", false, set(false)) }
                } else {
                    { button("button", "find-nearest", "Find similar images", false, set(true)) }
                }
            </>
        },
        Some(_) => html! {
            <ul class="near-list" role="list" data-nearest={near.len().to_string()}>{ for (0..near.len()).map(image) }</ul>
        },
    };
    html! {
        <div class="inside-pane nearest" translate="no">
            <p class="quiet">
                { "The training images that look most like this picture to the last hidden layer, with their true classes and \
                   distances. All training images pass through the network once, which takes some minutes. The result \
                   is kept on this device for these weights." }
            </p>
            { body }
        </div>
    }
}
