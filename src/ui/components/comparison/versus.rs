//! The answers and the costs of the networks, one column for each.

use yew::prelude::*;

use crate::ui::components::table::{row, text};
use crate::ui::words;
use crate::{
    domain::{CLASSES, WeightsOrigin, likeliest},
    protocol::Compared,
};

/// A table with a column for each of the networks.
pub fn versus(networks: &[Compared]) -> Html {
    let head = |one: &Compared| {
        let opinion = one.opinion.as_ref();
        html! {
            <th
                scope="col"
                data-compared={one.network.name.id()}
                data-winner={opinion.map(|opinion| CLASSES[likeliest(&opinion.probabilities)])}
                data-milliseconds={opinion.map(|opinion| format!("{:.2}", opinion.milliseconds))}
            >
                { &one.network.title }
            </th>
        }
    };
    let row =
        |name: &'static str, figure: fn(&Compared) -> String| row(name, networks.iter().map(|one| text(figure(one))));
    html! {
        <table class="versus" translate="no">
            <caption class="unseen">{ "Both networks on the same picture" }</caption>
            <thead><tr><td></td>{ for networks.iter().map(head) }</tr></thead>
            <tbody>
                { row("Answer", answer) }
                { row("Confidence", confidence) }
                { row("Time", time) }
                { row("Test accuracy", accuracy) }
                { row("Parameters", |one| words::count(one.network.parameters)) }
                { row("Multiply-adds", |one| {
                    words::multiply_adds(one.layers.iter().map(|layer| layer.multiply_adds).sum())
                }) }
            </tbody>
        </table>
    }
}

/// The text in place of a missing answer.
const NOTHING: &str = "–";

fn answer(one: &Compared) -> String {
    let opinion = one.opinion.as_ref();
    match opinion {
        Some(opinion) if opinion.is_none => words::NONE.into(),
        Some(opinion) => words::title(likeliest(&opinion.probabilities)),
        None => NOTHING.into(),
    }
}

fn confidence(one: &Compared) -> String {
    let opinion = one.opinion.as_ref();
    opinion.map_or(NOTHING.into(), |opinion| {
        let class = likeliest(&opinion.probabilities);
        let figure = words::figure(opinion.probabilities[class]);
        if opinion.is_none { format!("{figure} for {}", CLASSES[class]) } else { figure }
    })
}

fn time(one: &Compared) -> String {
    let opinion = one.opinion.as_ref();
    opinion.map_or(NOTHING.into(), |opinion| {
        format!("{} on {}", words::milliseconds(opinion.milliseconds), words::device_name(&one.device))
    })
}

fn accuracy(one: &Compared) -> String {
    match &one.network.weights {
        WeightsOrigin::Shipped { test_accuracy, .. } => format!("{test_accuracy:.1}%"),
        WeightsOrigin::Trained { .. } => "trained here".into(),
        WeightsOrigin::Imported { .. } => "imported".into(),
    }
}
