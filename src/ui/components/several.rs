//! "Try several": the form, the curves of all trials in one plot, and a table of them.

use yew::prelude::*;

use crate::domain::Settings;
use crate::platform::page;
use crate::spec::Cost;
use crate::ui::components::button::{button, on_click};
use crate::ui::components::table::head;
use crate::ui::curve::{Frame, HEIGHT, Point, WIDTH};
use crate::ui::intent::Intent;
use crate::ui::state::{Axis, Several as Change, SeveralState, Stands, State, TRIALS, Trial, axes};
use crate::ui::words;

/// The data and the callback of the section.
struct Shown<'a> {
    several: &'a SeveralState,
    settings: &'a Settings,
    plan_error: Option<String>,
    has_images: bool,
    is_free: bool,
    on_intent: &'a Callback<Intent>,
}

impl Shown<'_> {
    /// A callback that makes the change which the event asks for.
    fn change(&self, change: fn(Event) -> Change) -> Callback<Event> {
        self.on_intent.reform(move |event| Intent::Several(change(event)))
    }

    fn on_click(&self, change: Change) -> Callback<MouseEvent> {
        on_click(self.on_intent, Intent::Several(change))
    }
}

/// The section. It is a function and not a component, because each component adds code.
pub fn several(state: &State, on_intent: &Callback<Intent>) -> Html {
    let shown = &Shown {
        several: &state.several,
        settings: &state.plan.settings,
        plan_error: state.plan_error(),
        has_images: state.images.is_present(),
        is_free: state.free_device().is_some(),
        on_intent,
    };
    let several = shown.several;
    html! {
        <section class="several" aria-labelledby="several-title">
            <h2 id="several-title">{ "Try several" }</h2>
            <p class="quiet">
                { format!("Trains {} once with each value of a number, one after the other, from the same seed, for as many epochs or as long.", words::network(shown.settings)) }
            </p>
            { form(shown) }
            if let Some(error) = several.error.as_ref().map(ToString::to_string).or(shown.plan_error.clone()) {
                <p role="alert" class="plan-error" translate="no">{ error }</p>
            }
            if !several.trials.is_empty() {
                <h3>{ &several.title }</h3>
                { plot(&several.trials) }
                { table(shown) }
                { going_on(shown) }
            }
        </section>
    }
}

/// The form: the number, its values, and the button.
fn form(shown: &Shown) -> Html {
    let several = shown.several;
    let axes = axes(shown.settings);
    let Some(chosen) = several.chosen(&axes) else { return Html::default() };
    let option = |axis: &Axis| {
        html! { <option value={axis.name.clone()} selected={axis.name == chosen.name}>{ &axis.label }</option> }
    };
    let text = several.text.clone().unwrap_or_else(|| chosen.suggested.clone());
    let is_disabled = !shown.is_free || several.is_under_way() || shown.plan_error.is_some();
    let label = if shown.has_images { "Train them all" } else { "Fetch CIFAR-10 and train them all" };
    html! {
        <form class="several-form" onsubmit={|event: SubmitEvent| event.prevent_default()}>
            <div class="field">
                <label for="several-axis">{ "Number" }</label>
                <select
                    id="several-axis"
                    onchange={shown.change(|event: Event| Change::Choose(page::field_value(&event)))}
                >
                    { for axes.iter().map(option) }
                </select>
            </div>
            <div class="field">
                <label for="several-values">{ format!("Values, up to {TRIALS}") }</label>
                <input
                    id="several-values"
                    type="text"
                    autocomplete="off"
                    value={text}
                    onchange={shown.change(|event: Event| Change::Write(page::field_value(&event)))}
                />
            </div>
            <div class="field">
                <label for="several-minutes">{ "Minutes each" }</label>
                <input
                    id="several-minutes"
                    type="number"
                    min="0.1"
                    step="any"
                    placeholder={format!("{} epochs", shown.settings.epochs)}
                    value={several.minutes.map(|minutes| minutes.to_string())}
                    onchange={shown.change(|event: Event| Change::Last(page::field_value(&event)))}
                />
            </div>
            { button("button is-primary", "try-several", label, is_disabled, shown.on_click(Change::Begin)) }
        </form>
    }
}

/// The accuracy of all trials by epoch: training as lines, validation as dots.
fn plot(trials: &[Trial]) -> Html {
    let shown = |points: &[(f32, f32)]| -> Vec<Point> {
        points.iter().map(|&(epoch, share)| (epoch.into(), share.into())).collect()
    };
    let epochs = trials.iter().map(|trial| trial.settings.epochs).max().unwrap_or(1);
    let frame = Frame { steps: epochs.into(), low: 0.0, high: 1.0 };
    let line = |(at, trial): (usize, &Trial)| {
        let dots = shown(&trial.validations).into_iter().map(|point| {
            let (x, y) = frame.place(point);
            html! { <path d={format!("M{x:.1} {y:.1}h0")} /> }
        });
        html! {
            <g class={hue(at)}>
                <path class="plot-line" d={frame.path(&shown(&trial.points))} />
                <g class="plot-dots">{ for dots }</g>
            </g>
        }
    };
    let marks = [0.0, 0.25, 0.5, 0.75, 1.0];
    let height = |&mark: &f64| frame.place((0.0, mark)).1;
    html! {
        <figure class="chart">
            <figcaption>
                <span class="key is-line">{ "Accuracy in training, %" }</span>
                <span class="key is-dot">{ "on validation images" }</span>
            </figcaption>
            <div class="plot">
                <div class="plot-y" aria-hidden="true">
                    { for marks.iter().map(|mark| {
                        html! { <span style={format!("top:{:.2}%", height(mark) / HEIGHT * 100.0)}>{ format!("{:.0}", mark * 100.0) }</span> }
                    }) }
                </div>
                <svg
                    viewBox={format!("0 0 {WIDTH} {HEIGHT}")}
                    preserveAspectRatio="none"
                    role="img"
                    aria-label="Accuracy of each trial by epoch; the table has the results"
                >
                    <g class="plot-grid">
                        { for marks.iter().map(|mark| {
                            let y = format!("{:.1}", height(mark));
                            html! { <line x1="0" x2={WIDTH.to_string()} y1={y.clone()} y2={y} /> }
                        }) }
                    </g>
                    { for trials.iter().enumerate().map(line) }
                </svg>
                <div class="plot-x" aria-hidden="true">
                    <span>{ "0" }</span>
                    <b>{ if epochs == 1 { "1 epoch".into() } else { format!("{epochs} epochs") } }</b>
                </div>
            </div>
        </figure>
    }
}

/// The class in the style sheet for a trial's colour.
fn hue(at: usize) -> &'static str {
    ["hue-0", "hue-1", "hue-2", "hue-4", "hue-6"][at % TRIALS]
}

fn table(shown: &Shown) -> Html {
    let row = |(at, trial): (usize, &Trial)| {
        let parameters = trial.settings.spec().places().map_or(0, |places| Cost::of(&places).parameters);
        let [accuracy, time] = trial.figures();
        let is_running = trial.stands == Stands::Begun && !shown.is_free;
        html! {
            <tr key={trial.value.clone()} data-trial={trial.value.clone()} data-stands={trial.words()}>
                <th scope="row"><i class={classes!("hue-dot", hue(at))} aria-hidden="true"></i>{ &trial.value }</th>
                <td>{ accuracy }</td>
                <td>{ words::count(parameters) }</td>
                <td>{ time }</td>
                <td>{ trial.words() }</td>
                <td>
                    <button
                        type="button"
                        class="icon-button"
                        data-action="drop-trial"
                        aria-label={format!("Remove {}", trial.value)}
                        disabled={is_running}
                        onclick={shown.on_click(Change::Drop(at))}
                    >
                        { "×" }
                    </button>
                </td>
            </tr>
        }
    };
    html! {
        <div class="several-table">
            <table class="figures">
                { head(&["Value", "Accuracy", "Parameters", "Time", "", ""]) }
                <tbody>{ for shown.several.trials.iter().enumerate().map(row) }</tbody>
            </table>
        </div>
    }
}

/// A field for another value, and buttons to continue or to stop.
fn going_on(shown: &Shown) -> Html {
    let several = shown.several;
    let on_add = shown.change(|event: Event| Change::Add(page::field_value(&event)));
    html! {
        <div class="buttons several-more">
            if several.is_under_way() {
                { button("button", "hold", "Stop after this one", false, shown.on_click(Change::Hold)) }
            } else if several.has_more() {
                { button("button", "go-on", "Go on", !shown.is_free || !shown.has_images, shown.on_click(Change::GoOn)) }
            }
            if several.trials.len() < TRIALS {
                <label class="knob">
                    { "Another value" }
                    <input name="another-value" type="text" autocomplete="off" value="" onchange={on_add} />
                </label>
            }
        </div>
    }
}
