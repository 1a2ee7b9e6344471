//! A curve as a table, for screen readers and for those who want the numbers.

use std::rc::Rc;

use yew::prelude::*;

use super::chart::Quantity;
use crate::domain::History;
use crate::ui::components::table::{head, row, text};
use crate::ui::curve::{self, Point};
use crate::ui::words;

/// The most rows in the table.
const ROW_LIMIT: usize = 20;

/// The properties of [`ChartTable`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The quantity.
    pub quantity: Quantity,
    /// The run's curves.
    pub curves: Rc<History>,
    /// What was changed during the run: after which step, and what.
    pub changes: Rc<[(u64, String)]>,
}

/// The table, folded at first. Rows are made only while it is open, because they change ten times a second.
#[component]
pub fn ChartTable(props: &Props) -> Html {
    let is_open = use_state(|| false);
    let onclick = {
        let is_open = is_open.clone();
        Callback::from(move |event: MouseEvent| {
            // The state opens and closes it, so that the two always agree.
            event.prevent_default();
            is_open.set(!*is_open);
        })
    };
    let rows = if *is_open { rows(props.quantity, &props.curves, &props.changes) } else { Vec::new() };
    html! {
        <details class="as-table" open={*is_open}>
            <summary {onclick}>{ "As a table" }</summary>
            <table class="figures">
                { head(&["Step", "Training", "Validation"]) }
                <tbody>
                    { for rows.into_iter().map(|(step, training, validation)| {
                        row(words::count(step), [training, validation].map(text))
                    }) }
                </tbody>
            </table>
        </details>
    }
}

/// A selection of the training points, each with the last validation since the point before it. What was changed has
/// rows of its own.
fn rows(quantity: Quantity, curves: &History, changes: &[(u64, String)]) -> Vec<(u64, String, String)> {
    let validations = quantity.validation(curves);
    let mut before = 0.0;
    let mut row = |(step, value): Point| {
        let since = |point: &&Point| before < point.0 && point.0 <= step;
        let validation = validations.iter().rfind(since).map_or_else(|| "–".into(), |point| quantity.words(point.1));
        before = step;
        (step as u64, quantity.words(value), validation)
    };
    let mut rows: Vec<_> = curve::sample(&quantity.training(curves), ROW_LIMIT).into_iter().map(&mut row).collect();
    for (step, what) in changes {
        let place = rows.iter().position(|row| row.0 > *step).unwrap_or(rows.len());
        rows.insert(place, (*step, format!("changed: {what}"), String::new()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CurvePoint, Validation};

    #[test]
    fn a_long_run_gives_twenty_rows_and_a_measurement_stands_in_the_row_after_it_and_a_change_before_what_follows() {
        let points = (1..=100).map(|index| CurvePoint { step: 10 * index, loss: 2.0, accuracy: 0.25 }).collect();
        let validations = vec![Validation { step: 351, loss: 1.5, accuracy: 0.5, images: 5_000 }];
        let history = History { points, validations, ..History::default() };
        let changes = [(400, "dropout 0.3".into()), (2_000, "flip off".into())];
        let changed = rows(Quantity::Accuracy, &history, &changes);
        assert_eq!(changed[8], (400, "changed: dropout 0.3".into(), String::new()));
        assert_eq!((changed[9].0, changed[21].1.as_str()), (450, "changed: flip off"));
        let rows = rows(Quantity::Accuracy, &history, &[]);
        assert_eq!(rows.len(), 20);
        assert_eq!(rows[7], (400, "25.0%".into(), "50.0%".into()));
        assert_eq!(rows[8], (450, "25.0%".into(), "–".into()));
    }
}
