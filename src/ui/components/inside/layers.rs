//! The strip from the picture to the answer: each layer as a sheet of its maps.

use std::rc::Rc;

use yew::prelude::*;

use super::Props;
use super::canvas::{Pixels, legend};
use super::patches::patches;
use super::tell;
use super::unit::UnitView;
use crate::domain::IMAGE_SIDE;
use crate::protocol::inspect::Maps;
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::raster::Raster;
use crate::ui::state::{Change, Choice};

/// Approximate width of a sheet on the screen, in pixels.
const SHEET: usize = 160;

/// Screen pixels for each pixel of a sheet.
fn scale(raster: &Raster) -> usize {
    (SHEET / raster.width.max(1)).max(1)
}

/// The strip, and the chosen layer.
#[component]
pub fn Layers(props: &Props) -> Html {
    let Props { state, on_intent } = props;
    let took = state.inside.layers.as_ref().map(|known| format!("{:.1}", known.milliseconds));
    let known = state.inside.layers.as_ref().map(|known| known.value.clone());
    let rasters = use_memo(known.clone(), |known| {
        let layers = known.as_ref().map_or(&[][..], |known| &known.layers);
        layers.iter().map(|maps| Rc::new(Raster::of_maps(maps))).collect::<Vec<_>>()
    });
    let pixels = state.studied().unwrap_or_default();
    let picture = use_memo(pixels, |pixels| Raster::of_rgb(pixels, IMAGE_SIDE));
    let Some(known) = known else {
        return html! { <p class="quiet inside-wait">{ "Asking the layers…" }</p> };
    };
    let chosen = state.inside.unit.map(|unit| unit.layer as usize);
    let layer = |(at, (maps, raster)): (usize, (&Maps, &Rc<Raster>))| {
        let is_chosen = chosen == Some(at);
        let choice = if is_chosen { Choice::Nothing } else { Choice::Layer(at) };
        let onclick = on_click(on_intent, Intent::Inside(Change::Chosen(choice)));
        html! {
            <li key={at}>
                <button
                    type="button"
                    class="layer"
                    data-layer={at.to_string()}
                    aria-pressed={is_chosen.to_string()}
                    {onclick}
                >
                    <Pixels raster={raster.clone()} scale={scale(raster)} />
                    <span class="layer-name">{ &maps.name }</span>
                    <span class="quiet">{ tell::size(maps) }</span>
                    <span class="unseen">{ tell::strongest(maps) }</span>
                </button>
            </li>
        }
    };
    let chosen = state.inside.unit.and_then(|unit| {
        let maps = known.layers.get(unit.layer as usize)?;
        let arithmetic = state.inside.arithmetic.as_ref().map(|known| known.value.clone());
        let arithmetic = arithmetic.filter(|arithmetic| arithmetic.unit == unit);
        let outputs = (unit.layer as usize + 1 == known.layers.len()).then(|| known.outputs.clone());
        Some(html! {
            <UnitView
                {unit}
                maps={Rc::new(maps.clone())}
                sheet={rasters[unit.layer as usize].clone()}
                picture={picture.clone()}
                {arithmetic}
                {outputs}
                patches={patches(state, &tell::map_name(maps, unit.channel as usize), on_intent)}
                on_intent={on_intent.clone()}
            />
        })
    });
    html! {
        <div class="inside-pane" data-milliseconds={took}>
            <p class="quiet">
                { "From the picture to the answer: what each layer gives. Orange is above 0, blue below; each layer has a \
                   scale of its own. Choose one to see how its values are computed." }
            </p>
            <ol class="layer-strip" translate="no">
                <li class="layer is-picture">
                    <Pixels raster={picture.clone()} scale={4} />
                    <span class="layer-name">{ "Picture" }</span>
                    <span class="quiet">{ "32×32 pixels" }</span>
                </li>
                { for known.layers.iter().zip(&*rasters).enumerate().map(layer) }
            </ol>
            if let Some(chosen) = chosen {
                { chosen }
            } else {
                { legend(1.0, ["of the largest value"; 2]) }
            }
        </div>
    }
}
