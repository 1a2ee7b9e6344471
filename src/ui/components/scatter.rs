//! All kept runs and the shipped networks as points. A click on a run's point leads to the run.

use yew::prelude::*;

use crate::platform::page;
use crate::ui::intent::Intent;
use crate::ui::scatter::{Against, Mark, marks, powers};
use crate::ui::state::{Several, State};
use crate::ui::words;

/// The plot, with a choice of the horizontal axis.
pub fn scatter(state: &State, on_intent: &Callback<Intent>) -> Html {
    let against = state.several.against;
    let choice = |choice: Against, words: &'static str| {
        let onclick = on_intent.reform(move |_: MouseEvent| Intent::Several(Several::Against(choice)));
        html! {
            <button type="button" class="small-button" aria-pressed={(against == choice).to_string()} {onclick}>
                { words }
            </button>
        }
    };
    let marks = marks(&state.runs, against);
    let (low, high) = powers(&marks);
    let left = |across: f64| (across.max(1e-3).log10() - f64::from(low)) / f64::from(high - low) * 100.0;
    let point = |mark: &Mark| {
        let place = format!("left:{:.2}%;bottom:{:.2}%", left(mark.across), mark.accuracy * 100.0);
        let images = if mark.is_tested { "test images" } else { "validation images" };
        let across = match against {
            Against::Parameters => format!("{} parameters", words::count(mark.across as u64)),
            Against::Time => words::duration(mark.across),
        };
        let label = format!("{}: {} right on {images}, {across}", mark.title, words::percent(mark.accuracy));
        let is_run = mark.run.is_some();
        let onclick = mark
            .run
            .map(|run| Callback::from(move |_: MouseEvent| page::focus_on(&format!("[data-run='{:016x}']", run.0))));
        html! {
            <li style={place}>
                <button
                    type="button"
                    class={classes!("scatter-point", (!is_run).then_some("is-shipped"))}
                    title={label.clone()}
                    aria-label={label}
                    {onclick}
                />
            </li>
        }
    };
    html! {
        <section class="scatter" aria-labelledby="scatter-title">
            <div class="runs-head">
                <h2 id="scatter-title">{ "All networks" }</h2>
                <div class="buttons" role="group" aria-label="Accuracy against">
                    { choice(Against::Parameters, "Parameters") }
                    { choice(Against::Time, "Training time") }
                </div>
            </div>
            if marks.is_empty() {
                <p class="quiet">{ "No run has a time yet, and the shipped networks have none." }</p>
            } else {
                <div class="plot is-scatter">
                    <div class="plot-y" aria-hidden="true">
                        { for [0, 25, 50, 75, 100].map(|mark| html! { <span style={format!("bottom:{mark}%")}>{ mark }</span> }) }
                    </div>
                    <ul class="scatter-points" role="list">{ for marks.iter().map(point) }</ul>
                    <div class="plot-x" aria-hidden="true">
                        { for (low..=high).map(|power| {
                            let at = f64::from(power - low) / f64::from(high - low) * 100.0;
                            html! { <span style={format!("left:{at:.2}%")}>{ tenfold(power, against) }</span> }
                        }) }
                    </div>
                </div>
                <p class="quiet">
                    { "Accuracy in percent, on a logarithmic scale of " }
                    { if against == Against::Parameters { "parameters" } else { "training time" } }
                    { ". Filled points are runs: click one to go there. Rings are the shipped networks." }
                </p>
            }
        </section>
    }
}

/// A power of ten as text: "10 k", "1 M", "100 s".
fn tenfold(power: i32, against: Against) -> String {
    let number = 10f64.powi(power);
    match against {
        Against::Time => format!("{number} s"),
        Against::Parameters if power >= 6 => format!("{} M", number / 1e6),
        Against::Parameters if power >= 3 => format!("{} k", number / 1e3),
        Against::Parameters => number.to_string(),
    }
}
