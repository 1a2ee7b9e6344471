//! The table of a network's layers.

use yew::prelude::*;

use crate::ui::words;
use crate::{domain::LayerFacts, protocol::Compared};

/// The properties of [`Layers`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The network.
    pub compared: Compared,
}

/// A row for each layer, and a row with the sums.
#[component]
pub fn Layers(props: &Props) -> Html {
    let layers = &props.compared.layers;
    let sum = |figure: fn(&LayerFacts) -> u64| layers.iter().map(figure).sum::<u64>();
    let row = |layer: &LayerFacts| {
        html! {
            <tr>
                <th scope="row">{ &layer.name }</th>
                <td>{ words::shape(&layer.output) }</td>
                <td>{ words::count(layer.parameters) }</td>
                <td>{ words::multiply_adds(layer.multiply_adds) }</td>
            </tr>
        }
    };
    html! {
        <table translate="no" data-layers={props.compared.network.name.id()}>
            <caption>{ format!("The layers of {}", props.compared.network.title) }</caption>
            <thead>
                <tr>
                    <th scope="col">{ "Layer" }</th>
                    <th scope="col">{ "Output" }</th>
                    <th scope="col">{ "Parameters" }</th>
                    <th scope="col">{ "Multiply-adds" }</th>
                </tr>
            </thead>
            <tbody>{ for layers.iter().map(row) }</tbody>
            <tfoot>
                <tr>
                    <th scope="row">{ "Total" }</th>
                    <td></td>
                    <td>{ words::count(sum(|layer| layer.parameters)) }</td>
                    <td>{ words::multiply_adds(sum(|layer| layer.multiply_adds)) }</td>
                </tr>
            </tfoot>
        </table>
    }
}
