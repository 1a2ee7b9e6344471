//! The table of a network's layers.

use yew::prelude::*;

use crate::ui::components::table::{head, row, text};
use crate::ui::words;
use crate::{domain::LayerFacts, protocol::Compared};

/// A row for each layer of the network, and a row with the sums.
pub fn layers(compared: &Compared) -> Html {
    let (layers, id) = (&compared.layers, compared.network.name.id());
    let sum = |figure: fn(&LayerFacts) -> u64| layers.iter().map(figure).sum::<u64>();
    let figures = |name: &str, gives: String, parameters: u64, multiply_adds: u64| {
        row(name.to_owned(), [gives, words::count(parameters), words::multiply_adds(multiply_adds)].map(text))
    };
    let layer =
        |layer: &LayerFacts| figures(&layer.name, words::shape(&layer.output), layer.parameters, layer.multiply_adds);
    let (parameters, multiply_adds) = (sum(|layer| layer.parameters), sum(|layer| layer.multiply_adds));
    html! {
        <table key={id} translate="no" data-layers={id}>
            <caption>{ format!("The layers of {}", compared.network.title) }</caption>
            { head(&["Layer", "Output", "Parameters", "Multiply-adds"]) }
            <tbody>{ for layers.iter().map(layer) }</tbody>
            <tfoot>{ figures("Total", String::new(), parameters, multiply_adds) }</tfoot>
        </table>
    }
}
