//! The table of kept runs.

use yew::prelude::*;

use crate::domain::KeptRun;
use crate::platform::page;
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::state::{Beside, Column, CompareState, epochs, tested, title};
use crate::ui::words;

/// The columns by which the table can be sorted, with their names for scripts and for readers.
const COLUMNS: [(Column, &str, &str); 5] = [
    (Column::Name, "name", "Run"),
    (Column::Validation, "validation", "Validation"),
    (Column::Test, "test", "Test"),
    (Column::Epochs, "epochs", "Epochs"),
    (Column::Kept, "kept", "Kept"),
];

/// The table of `runs` in this order, each with a box that draws its curves.
pub fn table(compare: &CompareState, runs: &[&KeptRun], on_intent: &Callback<Intent>) -> Html {
    let head = |(column, name, label): (Column, &'static str, &'static str)| {
        let is_sorted = compare.column == column;
        let order = match (is_sorted, compare.is_ascending) {
            (false, _) => None,
            (true, true) => Some("ascending"),
            (true, false) => Some("descending"),
        };
        let onclick = on_click(on_intent, Intent::Beside(Beside::Sorted(column)));
        html! {
            <th scope="col" aria-sort={order}>
                <button type="button" class="sort" data-sort={name} {onclick}>
                    { label }
                    <span class="sort-mark" aria-hidden="true">{ order.map_or("", |order| if order == "ascending" { "↑" } else { "↓" }) }</span>
                </button>
            </th>
        }
    };
    let share = |share: Option<f32>| share.map_or_else(|| "–".into(), |share| words::percent(share.into()));
    let row = |run: &&KeptRun| {
        let (id, place) = (run.id, compare.place(run.id));
        let settings = &run.facts.settings;
        html! {
            <tr key={id.0.to_string()}>
                <th scope="row">
                    <label class="draw">
                        <input
                            type="checkbox"
                            data-draw={format!("{:016x}", id.0)}
                            checked={place.is_some()}
                            disabled={place.is_none() && compare.is_full()}
                            onchange={on_intent.reform(move |_: Event| Intent::Beside(Beside::Chosen(id)))}
                        />
                        <span class={place.map(|place| format!("swatch-line line-{place}"))} aria-hidden="true" />
                        <span translate="no">{ title(run) }</span>
                    </label>
                </th>
                <td>{ share(run.accuracy) }</td>
                <td>{ share(tested(run)) }</td>
                <td>{ format!("{:.1} / {}", epochs(run), settings.epochs) }</td>
                <td>{ page::local_time(run.kept_at_ms) }</td>
                <td>{ settings.batch_size.to_string() }</td>
                <td>{ settings.learning_rates.convolution.to_string() }</td>
                <td>{ words::count(settings.train_images as u64) }</td>
            </tr>
        }
    };
    html! {
        <div class="run-table" role="region" aria-label="Table of the runs" tabindex="0">
            <table class="figures">
                <thead>
                    <tr>
                        { for COLUMNS.into_iter().map(head) }
                        <th scope="col">{ "Batch" }</th>
                        <th scope="col">{ "Rate" }</th>
                        <th scope="col">{ "Images" }</th>
                    </tr>
                </thead>
                <tbody>{ for runs.iter().map(row) }</tbody>
            </table>
        </div>
    }
}
