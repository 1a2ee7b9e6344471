//! The article's experiment: the time of a run on the GPU, on the CPU, and on both.

use yew::prelude::*;

use super::button::{button, on_click};
use super::race_chart::race_chart;
use crate::protocol::Setup;
use crate::ui::intent::Intent;
use crate::ui::state::{Phase, RacePhase, State};
use crate::ui::words;

/// The section "GPU or CPU?".
pub fn race(state: &State, on_intent: &Callback<Intent>) -> Html {
    let race = &state.race;
    let status = match race.phase {
        RacePhase::Idle if race.measured.is_empty() => "Takes about a minute. Not available during training.".into(),
        RacePhase::Idle => "Measured on this device just now.".into(),
        RacePhase::Asked => "Measuring…".into(),
        RacePhase::Measuring { setup, step } => format!("Measuring {}: step {step}", in_words(setup)),
    };
    let is_busy = state.phase != Phase::Ready || state.training.is_running();
    let measure = if race.measured.is_empty() { "Measure this device" } else { "Measure again" };
    let button = match race.phase {
        RacePhase::Idle => button("button", "race", measure, is_busy, on_click(on_intent, Intent::Race)),
        _ => button("button", "cancel-race", "Cancel", false, on_click(on_intent, Intent::CancelRace)),
    };
    html! {
        <section class="race section" aria-labelledby="race-title">
            <div class="section-lead">
                <h2 id="race-title">{ "GPU or CPU?" }</h2>
                <p class="quiet">
                    { "The article timed 4 epochs (1,560 steps of 128 images) twice: on a cloud GPU, and with the \
                       convolution on the CPU. Compare this device." }
                </p>
                <div class="buttons" translate="no">{ button }</div>
                <p
                    class="quiet figures"
                    translate="no"
                    aria-live={if matches!(race.phase, RacePhase::Measuring { .. }) { "off" } else { "polite" }}
                >
                    { status }
                </p>
            </div>
            { race_chart(race) }
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
