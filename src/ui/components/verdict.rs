//! The answer in words, also for screen readers.

use yew::prelude::*;

use crate::domain::CLASSES;
use crate::ui::state::{Answer, Phase, Picture, State};
use crate::ui::words;

/// The answer to `picture`, such as "Cat, 87%. 11 ms on WebGPU." Screen readers read out its changes, except during a run,
/// when it changes all the time.
pub fn verdict(picture: Option<&Picture>, state: &State) -> Html {
    let (headline, detail) = match picture.map(|picture| &picture.answer) {
        None => ("Which of ten?".into(), "The network names one class and says how sure it is.".into()),
        Some(Answer::Given { prediction, device_name, .. }) => {
            let said = words::detail(prediction, device_name);
            let detail = match picture.and_then(|picture| picture.label) {
                Some(class) => format!("{said} Its label says {}.", CLASSES[class]),
                None => said,
            };
            (words::verdict(prediction), detail)
        }
        Some(Answer::Asked) => ("Looking…".into(), String::new()),
        Some(Answer::Waiting) => match state.phase {
            Phase::Ready => ("In line…".into(), "Other pictures are first.".into()),
            Phase::Loading(_) => ("Not yet.".into(), "The answer comes once the network is here.".into()),
            Phase::Failed(_) | Phase::Died(_) => {
                ("No answer.".into(), "The picture is kept for when the network is back.".into())
            }
        },
    };
    html! {
        <p
            class="verdict"
            translate="no"
            aria-live={if state.training.is_running() { "off" } else { "polite" }}
            aria-atomic="true"
        >
            <strong>{ headline }</strong>
            { " " }
            <span>{ detail }</span>
        </p>
    }
}
