//! The network: its loading progress, its figures, and its failures.

use yew::prelude::*;

use super::button::{button, on_click};
use super::term::explained;
use crate::domain::{NetworkSummary, WeightsOrigin};
use crate::ui::intent::Intent;
use crate::ui::progress::Progress;
use crate::ui::state::{Phase, State};
use crate::ui::words;

/// A panel that keeps its size from the first byte to the last figure. Below the figures it shows `beside`: the other
/// network's answer, or a button that asks for it.
pub fn network_panel(state: &State, beside: Html, on_intent: &Callback<Intent>) -> Html {
    let failure = |reason: &str, remedy: &'static str| {
        // A failure does not remove the pictures.
        let comfort = if state.selected.is_some() { " Your pictures and their answers are kept." } else { "" };
        html! {
            <>
                <p role="alert">{ reason }{ comfort }</p>
                { button("button", "retry", remedy, false, on_click(on_intent, Intent::Restart)) }
            </>
        }
    };
    let content = match (&state.phase, &state.network) {
        (Phase::Loading(progress), _) => loading(progress.as_ref()),
        (Phase::Ready, Some(network)) => summary(network, beside),
        (Phase::Ready, None) => Html::default(),
        (Phase::Failed(reason), _) => failure(reason, "Try again"),
        (Phase::Died(run), _) => {
            let reason = match run {
                Some(run) => format!("The network stopped unexpectedly. {run}"),
                None => "The network stopped unexpectedly.".into(),
            };
            failure(&reason, "Restart the network")
        }
    };
    html! { <section class="network" translate="no" aria-label="The network">{ content }</section> }
}

fn loading(progress: Option<&Progress>) -> Html {
    let (label, figures) = match progress {
        Some(progress) => (words::part(progress.part), words::progress(progress)),
        None => ("The program", "The program: requested".into()),
    };
    let fraction = progress.and_then(|progress| {
        Some((progress.received_bytes as f64 / progress.total_bytes.filter(|&total| total > 0)? as f64).min(1.0))
    });
    html! {
        <>
            <h2>{ "Loading the network" }</h2>
            <div
                class={classes!("progress", fraction.is_none().then_some("is-open"))}
                role="progressbar"
                aria-label={label}
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow={fraction.map(|fraction| format!("{:.0}", fraction * 100.0))}
            >
                <span style={format!("transform:scaleX({:.4})", fraction.unwrap_or(0.0))} />
            </div>
            <p class="figures">{ figures }</p>
        </>
    }
}

fn summary(network: &NetworkSummary, beside: Html) -> Html {
    let (figures, origin) = match &network.weights {
        WeightsOrigin::Shipped { test_accuracy, data } => {
            (format!(", {test_accuracy:.1}% test accuracy"), format!("Measured on {data}"))
        }
        WeightsOrigin::Trained { step: 0 } => (String::new(), "In training here".into()),
        WeightsOrigin::Trained { step } => (String::new(), format!("Trained here, {} steps", words::count(*step))),
        WeightsOrigin::Imported { file } => (String::new(), format!("Imported from {file}")),
    };
    html! {
        <>
            <h2>{ &network.title }</h2>
            <div class="figures quiet">
                { explained(&format!("{} parameters{figures}", words::count(network.parameters))) }
            </div>
            <p>{ origin }</p>
            { beside }
        </>
    }
}
