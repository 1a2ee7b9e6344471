//! The network's answers to the test images: accuracy, also by class, and the confusion matrix.

mod behind;
mod confusion;
mod per_class;

use yew::prelude::*;

use crate::ui::components::button::{button, on_click};
use crate::ui::components::term::explained;
use crate::ui::intent::Intent;
use crate::ui::state::{Cell, ResultsState};
use crate::ui::words;
use behind::Behind;
use confusion::confusion;
use per_class::per_class;

/// The properties of [`Results`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The measurement.
    pub results: ResultsState,
    /// Whether there are test images.
    pub has_images: bool,
    /// Whether the worker is ready.
    pub is_ready: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The section "Results".
#[component]
pub fn Results(props: &Props) -> Html {
    let results = &props.results;
    let on_intent = &props.on_intent;
    let opened = results.opened.as_ref().map(|opened| opened.cell);
    html! {
        <section class="results" aria-labelledby="results-title">
            <div class="section">
                <div class="section-lead">
                    <h2 id="results-title">{ "Results" }</h2>
                    { measure(props) }
                </div>
                { match &results.report {
                    Some(report) => html! {
                        <div translate="no">
                            <p class="headline"><strong>{ words::percent(report.accuracy()) }</strong></p>
                            <p class="quiet">{ format!(
                                "of {} test images classified correctly by {}.",
                                words::count(report.labels.len() as u64),
                                report.network,
                            ) }</p>
                        </div>
                    },
                    None => html! {
                        <div class="quiet">
                            { explained("Accuracy on the 10,000 test images, the confusion matrix, and the images \
                                         behind each number.") }
                        </div>
                    },
                } }
            </div>
            if let Some(report) = &results.report {
                <h3>{ "What it still gets wrong" }</h3>
                <div class="buttons">
                    { for report.confusions().iter().take(3).map(|&(label, answer, count)| {
                        behind(Cell::Pair { label, answer }, words::confusion(label.into(), answer.into(), count), on_intent)
                    }) }
                    { behind(Cell::Surest, "Its most confident mistakes".into(), on_intent) }
                    { behind(Cell::Hardest, "The hardest pictures".into(), on_intent) }
                </div>
                { per_class(&report.confusion(), opened, on_intent) }
                { confusion(&report.confusion(), opened, on_intent) }
            }
            if let Some(opened) = &results.opened {
                <Behind opened={opened.clone()} on_intent={on_intent.clone()} />
            }
        </section>
    }
}

/// A button that shows the images behind a number.
fn behind(cell: Cell, label: String, on_intent: &Callback<Intent>) -> Html {
    button("small-button", "behind", label, false, on_click(on_intent, Intent::Open(Some(cell))))
}

/// The button that starts a measurement, and the progress of a measurement.
fn measure(props: &Props) -> Html {
    let words = match props.results.testing {
        Some((_, 0)) => "Measuring…".into(),
        Some((done, total)) => {
            format!("Measuring: {} of {} images", words::count(done.into()), words::count(total.into()))
        }
        None if !props.has_images => "Needs CIFAR-10. Training downloads it.".into(),
        None => "Takes a few seconds on a GPU.".into(),
    };
    let on_intent = &props.on_intent;
    let is_disabled = !props.has_images || !props.is_ready || props.results.testing.is_some();
    let label = if props.results.report.is_some() { "Measure again" } else { "Measure on test images" };
    html! {
        <>
            <div class="buttons" translate="no">
                if props.results.report.is_some() {
                    { button("button", "save-results", "As CSV", false, on_click(on_intent, Intent::SaveResults)) }
                }
                { button("button", "test", label, is_disabled, on_click(on_intent, Intent::Test)) }
            </div>
            <p class="quiet figures" translate="no" aria-live={if props.results.testing.is_some() { "off" } else { "polite" }}>
                { words }
            </p>
        </>
    }
}
