//! The buttons of a run. Their labels say what a click will do.

use yew::prelude::*;

use super::export::Export;
use crate::ui::components::ask::Ask;
use crate::ui::components::choose;
use crate::ui::intent::{self, Intent};
use crate::ui::state::{Phase, State, Wish};
use crate::ui::words;
use crate::{
    domain::{KeptRun, RunFacts, ShelfItem, StartingWeights, WeightsOrigin},
    protocol::{End, ImagesStatus, RunStatus, images::FETCH_BYTES},
};

/// What the buttons are made from.
struct Shown<'a> {
    state: &'a State,
    on_intent: &'a Callback<Intent>,
}

/// The large button, smaller ones beside it, and a remark on what a click does.
pub fn controls(state: &State, on_intent: &Callback<Intent>) -> Html {
    let shown = Shown { state, on_intent };
    let is_disabled = state.phase != Phase::Ready;
    html! {
        <>
            <div class="controls" translate="no">
                <div class="buttons">{ for main(&shown) }</div>
                <div class="buttons tools">
                    <Export
                        layers={state.network.as_ref().map(|network| network.layers.clone())}
                        has_run={state.training.facts().is_some()}
                        {is_disabled}
                        on_intent={on_intent.clone()}
                    />
                    { choose::import(is_disabled, on_intent) }
                </div>
            </div>
            <div class="remark" translate="no">
                if let Some(trouble) = &state.training.trouble {
                    { trouble_line(&shown, trouble) }
                } else {
                    <p class="quiet figures" aria-live="polite">{ remark(state) }</p>
                }
            </div>
        </>
    }
}

/// A button that emits `intent`; `kind` is added to its classes.
fn button(
    shown: &Shown,
    kind: &'static str,
    action: &'static str,
    label: String,
    intent: impl Fn() -> Intent + 'static,
) -> Html {
    html! {
        <button
            type="button"
            key={action}
            class={classes!("button", kind)}
            data-action={action}
            disabled={shown.state.phase != Phase::Ready}
            onclick={shown.on_intent.reform(move |_| intent())}
        >
            { label }
        </button>
    }
}

fn main(shown: &Shown) -> Vec<Html> {
    let state = shown.state;
    let large = "is-primary is-large";
    match (&state.training.status, &state.phase) {
        (_, Phase::Died(Some(_))) => vec![html! {
            <button
                type="button"
                class="button is-primary is-large"
                data-action="retry"
                onclick={shown.on_intent.reform(|_| Intent::Restart)}
            >
                { "Restart the network" }
            </button>
        }],
        (RunStatus::Running(_), _) => vec![
            button(shown, large, "pause", words::pause(state.training.is_pausing).into(), || Intent::Pause),
            button(shown, "", "stop", "Stop the run".into(), || Intent::Stop),
            button(shown, "", "validate", "Validate now".into(), || Intent::Validate),
        ],
        (RunStatus::Paused(facts), _) => vec![
            button(shown, large, "resume", resume(facts), || Intent::Resume),
            button(shown, "", "stop", "Stop the run".into(), || Intent::Stop),
            button(shown, "", "validate", "Validate now".into(), || Intent::Validate),
        ],
        (RunStatus::None | RunStatus::Ended { .. }, _) => at_rest(shown),
    }
}

/// The buttons if no run is in progress.
fn at_rest(shown: &Shown) -> Vec<Html> {
    let state = shown.state;
    let mut buttons = Vec::new();
    let kept = state.runs.unfinished();
    if let Some(KeptRun { id, facts, .. }) = kept {
        let id = *id;
        buttons.push(button(shown, "is-primary is-large", "resume", resume(facts), move || Intent::ResumeRun(id)));
    }
    let is_waiting = matches!(state.training.wish, Wish::Asked | Wish::AfterImages | Wish::Confirm);
    if !is_waiting && kept.is_none() {
        let secs = state.quick_plan().and_then(|plan| state.estimate_secs(&plan.settings));
        let label = match secs {
            _ if state.is_measuring() => "Measuring this device…".into(),
            Some(secs) => format!("Quick run, {}", words::about(secs)),
            None => "Quick run, about 2 min".into(),
        };
        let is_disabled = state.phase != Phase::Ready || state.is_measuring();
        let onclick = once(shown.on_intent, || Intent::TrainQuickly);
        buttons.push(html! {
            <button type="button" key="quick" class="button is-large" data-action="quick" data-seconds={secs.map(|secs| format!("{secs:.0}"))} disabled={is_disabled} {onclick}>
                { label }
            </button>
        });
    }
    buttons.push(html! {
        <button
            type="button"
            key="train"
            class={classes!("button", if kept.is_none() { "is-primary is-large" } else { "" })}
            data-action="train"
            data-seconds={state.estimate_secs(&state.plan.settings).map(|secs| format!("{secs:.0}"))}
            disabled={state.phase != Phase::Ready
                || state.plan_error().is_some()
                || matches!(state.training.wish, Wish::Asked | Wish::AfterImages)}
            onclick={once(shown.on_intent, || Intent::Train)}
        >
            { train(state) }
        </button>
    });
    let is_shipped =
        state.network.as_ref().is_none_or(|network| matches!(network.weights, WeightsOrigin::Shipped { .. }));
    if !is_shipped || matches!(state.training.status, RunStatus::Ended { .. }) {
        buttons.push(button(shown, "", "reset", "Back to the shipped weights".into(), || Intent::Reset));
    }
    buttons
}

/// Emits `intent`, but not for the second click of a double click, which was meant for the previous button at this
/// place.
fn once(on_intent: &Callback<Intent>, intent: impl Fn() -> Intent + 'static) -> Callback<MouseEvent> {
    let on_intent = on_intent.clone();
    Callback::from(move |event: MouseEvent| {
        if event.detail() < 2 {
            on_intent.emit(intent());
        }
    })
}

fn resume(facts: &RunFacts) -> String {
    format!("Resume from step {}", words::count(facts.step))
}

fn train(state: &State) -> &'static str {
    match (state.training.wish, state.plan.start) {
        (Wish::Confirm, _) => "Fetch and train",
        (Wish::AfterImages, _) => "Training starts by itself",
        (Wish::Asked, _) => "Starting…",
        (Wish::None, StartingWeights::Scratch) => "Train from scratch",
        (Wish::None, StartingWeights::Shipped) => "Continue the shipped weights",
        (Wish::None, StartingWeights::Current) => "Continue the current weights",
    }
}

fn remark(state: &State) -> String {
    let (training, kept) = (&state.training, state.runs.unfinished());
    match (&training.status, training.wish) {
        (_, Wish::Confirm) => {
            format!("CIFAR-10 is downloaded first, up to {:.0} MB, and kept on this device.", FETCH_BYTES as f64 / 1e6)
        }
        (_, Wish::AfterImages) => "Training starts with the first images, while the others are downloaded.".into(),
        (RunStatus::Running(_), _) if let ImagesStatus::Arriving { train } = state.images.status => {
            format!("It learns from the first {} images. The others are being downloaded.", words::count(train.into()))
        }
        (RunStatus::Running(_), _) => match training.checkpoint {
            Some(checkpoint) => format!(
                "Kept on this device up to step {}, {}.",
                words::count(checkpoint.step),
                words::bytes(checkpoint.size_bytes)
            ),
            None => "Not kept yet. The run is kept once a minute and after each epoch.".into(),
        },
        (RunStatus::Paused(_), _) => "Paused. The network answers with its current weights.".into(),
        (RunStatus::None | RunStatus::Ended { .. }, _) if let Some(KeptRun { facts, not_kept, .. }) = kept => {
            let (step, steps) = (words::count(facts.step), words::count(facts.steps));
            let place = if not_kept.is_none() { "is kept on this device" } else { "is in memory" };
            format!("A run {place}, {step} of {steps} steps. A new run does not change it.")
        }
        (RunStatus::Ended { how: End::Completed, .. }, _) => match training.curves.early_steps {
            0 => "All epochs are done. The trained network answers now.".into(),
            steps => format!(
                "All epochs are done. The first {} steps learnt from one batch of images, while the others were \
                 downloaded.",
                words::count(steps)
            ),
        },
        (RunStatus::Ended { how: End::Stopped, .. }, _) => "The run was stopped. Its network answers now.".into(),
        (RunStatus::None | RunStatus::Ended { .. }, _) => match state.estimate_secs(&state.plan.settings) {
            Some(secs) => {
                format!("The full run takes {} on this device, estimated from two steps.", words::about(secs))
            }
            None => String::new(),
        },
    }
}

/// Why a run ended early; after a lost device, also the ways to continue.
fn trouble_line(shown: &Shown, trouble: &str) -> Html {
    let is_lost = matches!(shown.state.training.status, RunStatus::Ended { how: End::DeviceLost { .. }, .. });
    let held: Vec<_> = if is_lost { shown.state.runs.in_memory().collect() } else { Vec::new() };
    html! {
        <div class="trouble">
            <p role="alert">{ trouble }</p>
            if let Some((warning, _)) = lost_by_restart(held.len()) {
                <p>{ warning }</p>
            }
            <div class="buttons">
                { for held.iter().map(|run| export_of(shown, run)) }
                if is_lost {
                    { retry(shown, held.len()) }
                    { button(shown, "", "use-cpu", "Use the CPU".into(), intent::cpu) }
                }
                { button(shown, "", "dismiss-run", "Dismiss".into(), || Intent::DismissRunTrouble) }
            </div>
        </div>
    }
}

/// The button that starts a new worker. If this would lose runs, it asks first.
fn retry(shown: &Shown, held: usize) -> Html {
    let label = "Try the GPU again";
    let Some((_, question)) = lost_by_restart(held) else {
        return button(shown, "", "retry", label.into(), || Intent::Restart);
    };
    let (is_disabled, on_agree) = (shown.state.phase != Phase::Ready, shown.on_intent.reform(|()| Intent::Restart));
    html! { <Ask key="retry" action="retry" {label} {question} {is_disabled} {on_agree} /> }
}

/// A warning and a question, if a new worker would lose `count` runs that are only in the old one's memory.
fn lost_by_restart(count: usize) -> Option<(&'static str, &'static str)> {
    match count {
        0 => None,
        1 => Some((
            "A run is in memory only. Export it before you try the GPU again, which loses it.",
            "Lose the run and try the GPU",
        )),
        _ => Some((
            "Runs are in memory only. Export them before you try the GPU again, which loses them.",
            "Lose the runs and try the GPU",
        )),
    }
}

fn export_of(shown: &Shown, run: &KeptRun) -> Html {
    let (item, step) = (ShelfItem::Run(run.id), words::count(run.facts.step));
    html! {
        <button
            type="button"
            key={run.id.0}
            class="button"
            data-action="export-held"
            disabled={shown.state.phase != Phase::Ready}
            onclick={shown.on_intent.reform(move |_| Intent::ExportItem(item.clone()))}
        >
            { format!("Export the run, step {step}") }
        </button>
    }
}
