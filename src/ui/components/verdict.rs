//! The answer in words, also for screen readers.

use yew::prelude::*;

use crate::domain::CLASSES;
use crate::ui::state::{Answer, Phase, Picture};
use crate::ui::words;

/// The properties of [`Verdict`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The picture on the stage.
    pub picture: Option<Picture>,
    /// The state of the worker.
    pub phase: Phase,
    /// Whether a run is in progress. Then the answer changes all the time and is not read out.
    pub is_learning: bool,
}

/// The answer, such as "Cat, 87%. 11 ms on WebGPU." Screen readers read out its changes, except those of a run.
#[component]
pub fn Verdict(props: &Props) -> Html {
    let (headline, detail) = match props.picture.as_ref().map(|picture| &picture.answer) {
        None => ("Which of ten?".into(), "The network names one class and says how sure it is.".into()),
        Some(Answer::Given { prediction, device_name, .. }) => {
            let said = words::detail(prediction, device_name);
            let detail = match props.picture.as_ref().and_then(|picture| picture.label) {
                Some(class) => format!("{said} Its label says {}.", CLASSES[class]),
                None => said,
            };
            (words::verdict(prediction), detail)
        }
        Some(Answer::Asked) => ("Looking…".into(), String::new()),
        Some(Answer::Waiting) => match props.phase {
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
            aria-live={if props.is_learning { "off" } else { "polite" }}
            aria-atomic="true"
        >
            <strong>{ headline }</strong>
            { " " }
            <span>{ detail }</span>
        </p>
    }
}
