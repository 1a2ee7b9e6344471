//! The article's experiment: the time of a run on the GPU, on the CPU, and on both.

use yew::prelude::*;

use super::race_chart::race_chart;
use crate::protocol::Setup;
use crate::ui::intent::Intent;
use crate::ui::state::{RacePhase, RaceState};
use crate::ui::words;

/// The properties of [`Race`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The experiment.
    pub race: RaceState,
    /// Whether the worker is ready and no run is in progress.
    pub is_free: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The section "GPU or CPU?".
#[component]
pub fn Race(props: &Props) -> Html {
    let status = match props.race.phase {
        RacePhase::Idle if props.race.measured.is_empty() => {
            "Takes about a minute. Not available during training.".into()
        }
        RacePhase::Idle => "Measured on this device just now.".into(),
        RacePhase::Asked => "Measuring…".into(),
        RacePhase::Measuring { setup, step } => format!("Measuring {}: step {step}", in_words(setup)),
    };
    let is_idle = props.race.phase == RacePhase::Idle;
    html! {
        <section class="race section" aria-labelledby="race-title">
            <div class="section-lead">
                <h2 id="race-title">{ "GPU or CPU?" }</h2>
                <p class="quiet">
                    { "The article timed 4 epochs (1,560 steps of 128 images) twice: on a cloud GPU, and with the \
                       convolution on the CPU. Compare this device." }
                </p>
                <div class="buttons" translate="no">
                    if is_idle {
                        <button
                            type="button"
                            class="button"
                            data-action="race"
                            disabled={!props.is_free}
                            onclick={props.on_intent.reform(|_| Intent::Race)}
                        >
                            { if props.race.measured.is_empty() { "Measure this device" } else { "Measure again" } }
                        </button>
                    } else {
                        <button
                            type="button"
                            class="button"
                            data-action="cancel-race"
                            onclick={props.on_intent.reform(|_| Intent::CancelRace)}
                        >
                            { "Cancel" }
                        </button>
                    }
                </div>
                <p
                    class="quiet figures"
                    translate="no"
                    aria-live={if matches!(props.race.phase, RacePhase::Measuring { .. }) { "off" } else { "polite" }}
                >
                    { status }
                </p>
            </div>
            { race_chart(&props.race) }
        </section>
    }
}

/// A setup in the middle of a sentence: "the CPU".
pub fn in_words(setup: Setup) -> &'static str {
    match setup {
        Setup::WebGpu => "WebGPU",
        Setup::Split => "both, with the convolution on the CPU",
        Setup::Cpu => "the CPU",
    }
}

/// The measured time of a step, as a clause.
pub fn steps(count: u32, step_ms: f32) -> String {
    let steps = if count == 1 { "1 measured step".into() } else { format!("{count} measured steps") };
    format!("extrapolated from {steps} of {}", words::milliseconds(step_ms))
}
