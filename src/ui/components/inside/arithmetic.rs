//! How a unit's value is computed, in figures that add up.

use std::rc::Rc;

use yew::prelude::*;

use super::canvas::Pixels;
use super::tell::{number, summand};
use crate::domain::{
    arithmetic::{Arithmetic, Filtered, Share, Step, Weighted},
    order::order,
};
use crate::ui::components::table::{head, row, text};
use crate::ui::raster::Raster;

/// Number of a window's maps that are shown one by one.
const SHOWN: usize = 6;

/// The steps to a unit's value, in the order of the computation.
pub fn steps(arithmetic: &Arithmetic) -> Html {
    let step = |(at, step): (usize, &Step)| html! { <li key={at}>{ shown(step) }</li> };
    html! {
        <>
            <ol class="steps">{ for arithmetic.steps.iter().rev().enumerate().map(step) }</ol>
            <p class="quiet">{ "Figures are rounded; the network adds up exact ones." }</p>
        </>
    }
}

fn shown(step: &Step) -> Html {
    match step {
        Step::Filtered(filtered) => window(filtered),
        Step::Weighted(weighted) => shares(weighted),
        Step::Highest { window, values, highest } => {
            let (row, column) = (highest / window.width.max(1), highest % window.width.max(1));
            let most = values.get(*highest as usize).copied().unwrap_or_default();
            html! {
                <p>
                    { format!(
                        "Max pool: the highest of {} values in a window of {}×{}, which is {} in its row {}, column {}.",
                        values.len(), window.height, window.width, number(most), row + 1, column + 1
                    ) }
                </p>
            }
        }
        Step::Normalised { input, mean, deviation, scale, shift, activation, output } => {
            let sum = (input - mean) / deviation * scale.unwrap_or(1.0) + shift;
            let times = scale.map_or_else(String::new, |scale| format!("× {} ", bracketed(scale)));
            html! {
                <p>
                    { format!(
                        "Batch normalisation: ({} − {}) ÷ {} {times}{} = {}, with the mean and the deviation from training, \
                         and {} shift.",
                        number(*input), bracketed(*mean), number(*deviation), summand(*shift), number(sum),
                        if scale.is_some() { "a learnt scale and" } else { "a" }
                    ) }
                    { activated(activation.as_deref(), sum, *output) }
                </p>
            }
        }
    }
}

/// A figure in a difference; in brackets if it is negative.
fn bracketed(value: f32) -> String {
    if value < 0.0 { format!("({})", number(value)) } else { number(value) }
}

/// What the activation does with a sum, as a sentence; empty without an activation.
fn activated(activation: Option<&str>, sum: f32, output: f32) -> Html {
    let Some(activation) = activation else { return html! {} };
    let what = match activation {
        "ReLU" => "sets what is below 0 to 0",
        _ => "keeps what is far above 0, and little of what is below",
    };
    html! { { format!(" {activation} {what}: {} becomes {}.", number(sum), number(output)) } }
}

/// A window of the previous layer's maps, times the filter.
fn window(filtered: &Filtered) -> Html {
    let sums = filtered.sums();
    let colours = ["red", "green", "blue"];
    let is_picture = sums.len() == colours.len();
    let order = order(sums.len(), &|a, b| if is_picture { a.cmp(&b) } else { sums[b].abs().total_cmp(&sums[a].abs()) });
    let told = SHOWN.min(order.len());
    let others: f32 = order[told..].iter().map(|&channel| sums[channel]).sum();
    let name = |channel: usize| if is_picture { colours[channel].to_owned() } else { format!("map {}", channel + 1) };
    let map = |&channel: &usize| {
        let pixels = Raster::of_products(filtered, channel)
            .map(|raster| html! { <Pixels raster={Rc::new(raster)} scale={10} /> });
        row(name(channel), pixels.into_iter().chain([text(number(sums[channel]))]))
    };
    let strongest = order.iter().copied().max_by(|&a, &b| sums[a].abs().total_cmp(&sums[b].abs())).unwrap_or(0);
    let sum = filtered.sum();
    html! {
        <>
            <p>
                { format!(
                    "A window of {}×{} values in {}, each times its weight in the filter:",
                    filtered.window.height, filtered.window.width,
                    if is_picture { "each colour of the picture, normalised".into() } else { format!("each of {} maps", sums.len()) }
                ) }
            </p>
            <table class="figures products">
                { head(&["", "Window", "Filter", "Products", "Their sum"]) }
                <tbody>
                    { for order[..told].iter().map(map) }
                    if told < order.len() {
                        { last(format!("{} others", order.len() - told), 3, text(number(others))) }
                    }
                    if filtered.bias != 0.0 {
                        { last("Bias".into(), 3, text(number(filtered.bias))) }
                    }
                </tbody>
                { foot(3, sum) }
            </table>
            <p>{ activated(filtered.activation.as_deref(), sum, filtered.output) }</p>
            { numbers(filtered, strongest, &name(strongest)) }
        </>
    }
}

/// A row whose figure stands in the last column, behind so many empty ones.
fn last(name: String, empty: usize, figure: Html) -> Html {
    row(name, std::iter::repeat_n(text(""), empty).chain([figure]))
}

/// The sum under a table.
fn foot(empty: usize, sum: f32) -> Html {
    let figure = html! { <span data-sum={sum.to_string()}>{ number(sum) }</span> };
    html! { <tfoot>{ last("Sum".into(), empty, figure) }</tfoot> }
}

/// Every product of one map in figures.
fn numbers(filtered: &Filtered, channel: usize, name: &str) -> Html {
    let (area, width) = (filtered.area(), filtered.window.width as usize);
    let place = |at: usize| {
        let (input, weight) = (filtered.inputs[channel * area + at], filtered.weights[channel * area + at]);
        let figures = [input, weight, input * weight].map(|figure| text(number(figure)));
        row(format!("row {}, column {}", at / width + 1, at % width + 1), figures)
    };
    html! {
        <details class="as-table">
            <summary>{ format!("The products of {name} as figures") }</summary>
            <table class="figures">
                { head(&["Place", "Value", "Weight", "Product"]) }
                <tbody>{ for (0..area).map(place) }</tbody>
            </table>
        </details>
    }
}

/// All values of the previous layer, each times its weight; the largest products as bars.
fn shares(weighted: &Weighted) -> Html {
    let limit = weighted.shares.iter().fold(0.0_f32, |limit, share| limit.max(share.value().abs()));
    let is_spatial = weighted.shares.iter().any(|share| share.row > 0 || share.column > 0);
    let share = |share: &Share| {
        let name = if is_spatial {
            format!("map {}, row {}, column {}", share.channel + 1, share.row + 1, share.column + 1)
        } else {
            format!("value {}", share.channel + 1)
        };
        let part = if limit > 0.0 { 50.0 * share.value().abs() / limit } else { 0.0 };
        let side = if share.value() < 0.0 { "right:50%" } else { "left:50%" };
        let hue = if share.value() < 0.0 { "is-below" } else { "is-above" };
        let bar = html! {
            <div class="share-bar" aria-hidden="true"><span class={hue} style={format!("{side};width:{part:.1}%")} /></div>
        };
        let product = format!("{} × {}", number(share.input), bracketed(share.weight));
        row(name, [text(product), bar, text(number(share.value()))])
    };
    let sum = weighted.sum();
    let others = weighted.inputs as usize - weighted.shares.len();
    html! {
        <>
            <p>{ format!("{} values, each times its weight. The largest products:", weighted.inputs) }</p>
            <table class="figures shares">
                <tbody>
                    { for weighted.shares.iter().map(share) }
                    if others > 0 {
                        { last(format!("{others} others"), 2, text(number(weighted.others))) }
                    }
                    { last("Bias".into(), 2, text(number(weighted.bias))) }
                </tbody>
                { foot(2, sum) }
            </table>
            <p>{ activated(weighted.activation.as_deref(), sum, weighted.output) }</p>
        </>
    }
}
