//! The times of the experiment as bars, beside the article's.

use yew::prelude::*;

use super::race::steps;
use crate::protocol::{Measured, Setup};
use crate::ui::curve;
use crate::ui::state::{RaceState, SETUPS, article_run_secs};
use crate::ui::words;

/// The article's figures, in seconds.
const ARTICLE: [(&str, f64); 2] = [("The article, cloud GPU", 14.0), ("The article, convolution on the CPU", 36.0)];

struct Row {
    name: &'static str,
    /// The setup on this device; none for the article's figures.
    setup: Option<Setup>,
    secs: Option<f64>,
    note: String,
}

/// A table of bars with their figures, which can also be read without the bars. Its ARIA roles are explicit, because
/// some browsers drop the roles of a table with a grid layout.
pub fn race_chart(race: &RaceState) -> Html {
    let rows = rows(race);
    let longest = rows.iter().filter_map(|row| row.secs).fold(0.0, f64::max);
    let share = |secs: f64| (secs / longest).clamp(0.004, 1.0);
    let marks = curve::marks(0.0, longest, 4).0;
    html! {
        <div class="race-chart" translate="no">
            <table role="table">
                <caption class="unseen">{ "Time for 4 epochs" }</caption>
                <thead class="unseen-head" role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{ "Setup" }</th><th scope="col" role="columnheader">{ "Time" }</th></tr></thead>
                <tbody role="rowgroup">{ for rows.iter().map(|row| bar(row, row.secs.map(share))) }</tbody>
            </table>
            <div class="race-axis" aria-hidden="true">
                <div>
                    { for marks.iter().map(|&secs| {
                        let place = if secs > 0.0 { share(secs) } else { 0.0 };
                        html! { <span style={format!("left:{:.2}%", place * 100.0)}>{ words::axis(secs) }</span> }
                    }) }
                </div>
                <p>{ "Seconds" }</p>
            </div>
        </div>
    }
}

fn rows(race: &RaceState) -> Vec<Row> {
    let mut rows: Vec<_> = SETUPS.into_iter().map(|setup| here(setup, race.of(setup))).collect();
    let article = |(name, secs)| Row { name, setup: None, secs: Some(secs), note: "as published in 2017".into() };
    rows.extend(ARTICLE.map(article));
    rows
}

fn here(setup: Setup, measured: Option<&Measured>) -> Row {
    let name = match setup {
        Setup::WebGpu => "Here, WebGPU",
        Setup::Split => "Here, convolution on the CPU",
        Setup::Cpu => "Here, CPU",
    };
    let (secs, note) = match measured {
        Some(&Measured::Steps { count, step_ms }) => (Some(article_run_secs(step_ms)), steps(count, step_ms)),
        Some(Measured::Impossible { because }) => (None, format!("not measured, because {because}")),
        None => (None, "not measured yet".into()),
    };
    Row { name, setup: Some(setup), secs, note }
}

/// A setup's name in `data-setup`.
fn setup_name(setup: Setup) -> &'static str {
    match setup {
        Setup::WebGpu => "webgpu",
        Setup::Split => "split",
        Setup::Cpu => "cpu",
    }
}

fn bar(row: &Row, share: Option<f64>) -> Html {
    let figure = row.secs.map_or_else(|| "–".into(), words::duration);
    html! {
        <tr
            role="row"
            class={classes!(row.setup.map(|_| "is-here"))}
            data-setup={row.setup.map(setup_name)}
            data-seconds={row.setup.and(row.secs).map(|secs| format!("{secs:.3}"))}
        >
            <th scope="row" role="rowheader">{ row.name }</th>
            <td role="cell">
                <span class="race-track">
                    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                        <rect width={format!("{:.2}", share.unwrap_or(0.0) * 100.0)} height="10" />
                    </svg>
                </span>
                <span class="race-figure"><strong>{ figure }</strong>{ " " }<span class="quiet">{ &row.note }</span></span>
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_that_cannot_compute_says_why() {
        let row = here(Setup::WebGpu, Some(&Measured::Impossible { because: "there is no adapter".into() }));
        assert_eq!((row.secs, row.note.as_str()), (None, "not measured, because there is no adapter"));
    }

    #[test]
    fn a_measured_setup_says_what_its_time_is_extrapolated_from() {
        let row = here(Setup::Cpu, Some(&Measured::Steps { count: 5, step_ms: 100.0 }));
        assert_eq!((row.secs, row.note.as_str()), (Some(156.0), "extrapolated from 5 measured steps of 100 ms"));
    }
}
