//! How a unit's value is computed, in figures that add up.

use std::rc::Rc;

use yew::prelude::*;

use super::canvas::Pixels;
use super::tell::{number, summand};
use crate::domain::{
    arithmetic::{Arithmetic, Filtered, Share, Step, Weighted},
    order::order,
};
use crate::ui::raster::Raster;

/// Number of a window's maps that are shown one by one.
const SHOWN: usize = 6;

/// The properties of [`Steps`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The unit's arithmetic.
    pub arithmetic: Rc<Arithmetic>,
}

/// The steps in the order of the computation.
#[component]
pub fn Steps(props: &Props) -> Html {
    let step = |(at, step): (usize, &Step)| html! { <li key={at}>{ shown(step) }</li> };
    html! {
        <>
            <ol class="steps">{ for props.arithmetic.steps.iter().rev().enumerate().map(step) }</ol>
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
        Step::Normalised { input, mean, deviation, shift, activation, output } => {
            let sum = (input - mean) / deviation + shift;
            html! {
                <p>
                    { format!(
                        "Batch normalisation: ({} − {}) ÷ {} {} = {}, with the mean and the deviation from training, \
                         and a shift.",
                        number(*input), bracketed(*mean), number(*deviation), summand(*shift), number(sum)
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
    let row = |&channel: &usize| {
        let [inputs, weights, products] = Raster::of_products(filtered, channel).map(Rc::new);
        html! {
            <tr>
                <th scope="row">{ name(channel) }</th>
                <td><Pixels raster={inputs} scale={10} /></td>
                <td><Pixels raster={weights} scale={10} /></td>
                <td><Pixels raster={products} scale={10} /></td>
                <td>{ number(sums[channel]) }</td>
            </tr>
        }
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
                <thead><tr><td></td><th scope="col">{ "Window" }</th><th scope="col">{ "Filter" }</th><th scope="col">{ "Products" }</th><th scope="col">{ "Their sum" }</th></tr></thead>
                <tbody>
                    { for order[..told].iter().map(row) }
                    if told < order.len() {
                        <tr><th scope="row">{ format!("{} others", order.len() - told) }</th><td></td><td></td><td></td><td>{ number(others) }</td></tr>
                    }
                    if filtered.bias != 0.0 {
                        <tr><th scope="row">{ "Bias" }</th><td></td><td></td><td></td><td>{ number(filtered.bias) }</td></tr>
                    }
                </tbody>
                <tfoot><tr><th scope="row">{ "Sum" }</th><td></td><td></td><td></td><td data-sum={sum.to_string()}>{ number(sum) }</td></tr></tfoot>
            </table>
            <p>{ activated(filtered.activation.as_deref(), sum, filtered.output) }</p>
            { numbers(filtered, strongest, &name(strongest)) }
        </>
    }
}

/// Every product of one map in figures.
fn numbers(filtered: &Filtered, channel: usize, name: &str) -> Html {
    let (area, width) = (filtered.area(), filtered.window.width as usize);
    let place = |at: usize| {
        let (input, weight) = (filtered.inputs[channel * area + at], filtered.weights[channel * area + at]);
        html! {
            <tr>
                <th scope="row">{ format!("row {}, column {}", at / width + 1, at % width + 1) }</th>
                <td>{ number(input) }</td>
                <td>{ number(weight) }</td>
                <td>{ number(input * weight) }</td>
            </tr>
        }
    };
    html! {
        <details class="as-table">
            <summary>{ format!("The products of {name} as figures") }</summary>
            <table class="figures">
                <thead><tr><th scope="col">{ "Place" }</th><th scope="col">{ "Value" }</th><th scope="col">{ "Weight" }</th><th scope="col">{ "Product" }</th></tr></thead>
                <tbody>{ for (0..area).map(place) }</tbody>
            </table>
        </details>
    }
}

/// All values of the previous layer, each times its weight; the largest products as bars.
fn shares(weighted: &Weighted) -> Html {
    let limit = weighted.shares.iter().fold(0.0_f32, |limit, share| limit.max(share.value().abs()));
    let is_spatial = weighted.shares.iter().any(|share| share.row > 0 || share.column > 0);
    let row = |share: &Share| {
        let name = if is_spatial {
            format!("map {}, row {}, column {}", share.channel + 1, share.row + 1, share.column + 1)
        } else {
            format!("value {}", share.channel + 1)
        };
        let part = if limit > 0.0 { 50.0 * share.value().abs() / limit } else { 0.0 };
        let side = if share.value() < 0.0 { "right:50%" } else { "left:50%" };
        let hue = if share.value() < 0.0 { "is-below" } else { "is-above" };
        html! {
            <tr>
                <th scope="row">{ name }</th>
                <td>{ format!("{} × {}", number(share.input), bracketed(share.weight)) }</td>
                <td class="share-bar" aria-hidden="true"><span class={hue} style={format!("{side};width:{part:.1}%")} /></td>
                <td>{ number(share.value()) }</td>
            </tr>
        }
    };
    let sum = weighted.sum();
    let others = weighted.inputs as usize - weighted.shares.len();
    html! {
        <>
            <p>{ format!("{} values, each times its weight. The largest products:", weighted.inputs) }</p>
            <table class="figures shares">
                <tbody>
                    { for weighted.shares.iter().map(row) }
                    if others > 0 {
                        <tr><th scope="row">{ format!("{others} others") }</th><td></td><td></td><td>{ number(weighted.others) }</td></tr>
                    }
                    <tr><th scope="row">{ "Bias" }</th><td></td><td></td><td>{ number(weighted.bias) }</td></tr>
                </tbody>
                <tfoot><tr><th scope="row">{ "Sum" }</th><td></td><td></td><td data-sum={sum.to_string()}>{ number(sum) }</td></tr></tfoot>
            </table>
            <p>{ activated(weighted.activation.as_deref(), sum, weighted.output) }</p>
        </>
    }
}
