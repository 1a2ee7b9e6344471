//! Comparison of kept runs: a table that can be sorted, the curves of the chosen runs, and both as files.

mod overlay;
mod table;

use yew::prelude::*;

pub use overlay::{Line, overlay};

use crate::ui::components::button::{button, on_click};
use crate::ui::components::train::Quantity;
use crate::ui::csv;
use crate::ui::intent::Intent;
use crate::ui::state::{State, title};

/// The section; empty if no runs are kept.
pub fn compare(state: &State, on_intent: &Callback<Intent>) -> Html {
    let runs = &state.runs.runs;
    if runs.is_empty() {
        return Html::default();
    }
    let compare = &state.compare;
    let sorted = compare.sorted(runs);
    let lines: Vec<Line> = compare
        .drawn()
        .enumerate()
        .filter_map(|(place, (id, curves))| {
            let run = runs.iter().find(|run| run.id == id)?;
            // For the run in progress, the page has more points than its saved state.
            let is_here = run.usage == crate::domain::RunUse::Here;
            let curves = if is_here { Some(&state.training.curves) } else { curves };
            Some(Line { place, name: title(run), steps_per_epoch: run.facts.steps_per_epoch, curves: curves?.clone() })
        })
        .collect();
    let wanted = compare.drawn().count();
    let save = |action: &'static str, label: &'static str, file_name: &'static str, text: String, is_disabled: bool| {
        button("button", action, label, is_disabled, on_click(on_intent, Intent::Save(file_name, text)))
    };
    let curves: Vec<_> = lines.iter().map(|line| (line.name.clone(), &*line.curves)).collect();
    html! {
        <section class="compare" aria-labelledby="compare-title" data-drawn={lines.len().to_string()}>
            <div class="runs-head">
                <h2 id="compare-title">{ "Runs beside each other" }</h2>
                <div class="buttons">
                    { save("save-runs", "Table as CSV", "tenfold-runs.csv", csv::runs(&sorted), false) }
                    { save("save-curves", "Curves as CSV", "tenfold-curves.csv", csv::curves(&curves), curves.is_empty()) }
                </div>
            </div>
            { table::table(compare, &sorted, on_intent) }
            if wanted == 0 {
                <p class="quiet">{ "Choose runs to compare their curves." }</p>
            } else {
                <div class="run-charts">
                    { overlay(Quantity::Accuracy, &lines, wanted) }
                    { overlay(Quantity::Loss, &lines, wanted) }
                </div>
            }
        </section>
    }
}
