//! The filters of the first layer as pictures.

use std::rc::Rc;

use yew::prelude::*;

use super::canvas::Pixels;
use super::tell;
use crate::protocol::inspect::Maps;
use crate::ui::raster::Raster;
use crate::ui::state::State;

/// The filters of the first layer.
pub fn filters(state: &State) -> Html {
    let Some(known) = &state.inside.filters else {
        return html! { <p class="quiet inside-wait">{ "Asking for the filters…" }</p> };
    };
    let filters: &Maps = &known.value;
    let filter = |at: usize| {
        html! {
            <li key={at}>
                <Pixels raster={Rc::new(Raster::of_filter(filters, at))} scale={(64 / filters.width.max(1)) as usize} />
                <span class="quiet figures">{ format!("{}: ±{}", at + 1, tell::number(filters.limits[at])) }</span>
            </li>
        }
    };
    html! {
        <div class="inside-pane">
            <p class="quiet">
                { format!(
                    "The {} filters of the first layer, {}×{} pixels each: the patch that it responds to \
                     most. Grey is a weight of 0; below each is its largest weight. They change in training.",
                    filters.channels, filters.height / 3, filters.width
                ) }
            </p>
            <ul class="filter-list" translate="no" role="list">{ for (0..filters.channels as usize).map(filter) }</ul>
        </div>
    }
}
