//! A layer and one of its units: the unit's map enlarged, its receptive field, and how its value is computed.

use std::rc::Rc;

use yew::prelude::*;

use super::arithmetic::steps;
use super::canvas::{Pixels, legend};
use super::tell;
use crate::domain::{CLASSES, IMAGE_SIDE};
use crate::platform::canvas::pixel_of;
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::raster::{Raster, Sheet};
use crate::ui::state::{Change, Choice};
use crate::ui::words;
use crate::{
    domain::arithmetic::{Arithmetic, Unit, Window},
    protocol::inspect::{Maps, Outputs},
};

/// The properties of [`UnitView`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The unit.
    pub unit: Unit,
    /// All maps of its layer.
    pub maps: Rc<Maps>,
    /// The maps as pixels.
    pub sheet: Rc<Raster>,
    /// The picture.
    pub picture: Rc<Raster>,
    /// How the unit's value is computed, if it is known.
    pub arithmetic: Option<Rc<Arithmetic>>,
    /// The network's answer, if this is the last layer.
    pub outputs: Option<Outputs>,
    /// The patches that excite the unit's map most.
    pub patches: Html,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The style of a frame around `window`, in percent of `rows` by `columns`.
fn frame(window: Window, [rows, columns]: [usize; 2]) -> String {
    let percent = |part: f64, whole: usize| 100.0 * part / whole as f64;
    format!(
        "top:{:.3}%;left:{:.3}%;height:{:.3}%;width:{:.3}%",
        percent(window.top.into(), rows),
        percent(window.left.into(), columns),
        percent(window.height.into(), rows),
        percent(window.width.into(), columns),
    )
}

/// The chosen layer and unit.
#[component]
pub fn UnitView(props: &Props) -> Html {
    let Props { unit, maps, sheet, picture, arithmetic, outputs, patches, on_intent } = props;
    let unit = *unit;
    let channel = unit.channel as usize;
    let map = use_memo((maps.clone(), channel), |(maps, channel)| Raster::of_map(maps, *channel));
    let choose = |to: Unit| on_click(on_intent, Intent::Inside(Change::Chosen(Choice::Unit(to))));
    let on_sheet = {
        let (maps, on_intent) = (maps.clone(), on_intent.clone());
        Callback::from(move |event: MouseEvent| {
            let sheet = Sheet::of(&maps);
            let [width, height] = sheet.size(&maps);
            if let Some(channel) = sheet.map_at(pixel_of(&event, [width, height])) {
                on_intent.emit(Intent::Inside(Change::Chosen(Choice::Unit(Unit { channel: channel as u32, ..unit }))));
            }
        })
    };
    let sizes = [maps.height as i32, maps.width as i32];
    let at = move |row: i32, column: i32| Unit {
        row: row.clamp(0, sizes[0] - 1) as u32,
        column: column.clamp(0, sizes[1] - 1) as u32,
        ..unit
    };
    let on_map = {
        let (maps, on_intent) = (maps.clone(), on_intent.clone());
        Callback::from(move |event: MouseEvent| {
            let [column, row] = pixel_of(&event, [maps.width as usize, maps.height as usize]);
            on_intent.emit(Intent::Inside(Change::Chosen(Choice::Unit(at(row, column)))));
        })
    };
    let on_key = {
        let on_intent = on_intent.clone();
        Callback::from(move |event: KeyboardEvent| {
            let [down, right] = match event.key().as_str() {
                "ArrowUp" => [-1, 0],
                "ArrowDown" => [1, 0],
                "ArrowLeft" => [0, -1],
                "ArrowRight" => [0, 1],
                _ => return,
            };
            event.prevent_default();
            let to = at(unit.row as i32 + down, unit.column as i32 + right);
            on_intent.emit(Intent::Inside(Change::Chosen(Choice::Unit(to))));
        })
    };
    let count = maps.channels;
    let neighbour = |step: u32| Unit { channel: (unit.channel + step) % count, ..unit };
    // The values of the last layer belong to the classes.
    let is_output = outputs.is_some();
    let name_of = |channel: usize| if is_output { CLASSES[channel].to_owned() } else { tell::map_name(maps, channel) };
    let is_map = maps.area() > 1;
    let strongest = maps.strongest().into_iter().take(5).map(|other| {
        let name = name_of(other);
        html! {
            <button type="button" class="small-button" onclick={choose(Unit { channel: other as u32, ..unit })}>
                { format!("{name}: {}", tell::number(if is_map { maps.limits[other] } else { maps.value(other, 0, 0) })) }
            </button>
        }
    });
    let here = Window { top: unit.row as i32, left: unit.column as i32, height: 1, width: 1 };
    let name = name_of(channel);
    let value = maps.value(channel, unit.row as usize, unit.column as usize);
    html! {
        <div class="unit" translate="no" data-unit={format!("{}-{}-{}-{}", unit.layer, unit.channel, unit.row, unit.column)}>
            <h3>{ format!("Layer {}: {}", unit.layer + 1, maps.name) }</h3>
            <div class="unit-views">
                <figure>
                    <div class="over is-sheet" onclick={on_sheet}><Pixels raster={sheet.clone()} /></div>
                    <figcaption>{ format!("All {}", tell::size(maps)) }</figcaption>
                </figure>
                if is_map {
                    <figure>
                        <div
                            class="over is-map"
                            tabindex="0"
                            role="application"
                            aria-label={format!("{name}. Arrow keys move to another unit. {}: {}", tell::place(maps, unit), tell::number(value))}
                            onclick={on_map}
                            onkeydown={on_key}
                        >
                            <Pixels raster={map} />
                            <span class="frame-mark" style={frame(here, [maps.height as usize, maps.width as usize])} />
                        </div>
                        { legend(maps.limits[channel], ["", ""]) }
                    </figure>
                }
                if let Some(arithmetic) = arithmetic {
                    <figure>
                        <div class="over is-map">
                            <Pixels raster={picture.clone()} />
                            <span class="frame-mark" style={frame(arithmetic.field, [IMAGE_SIDE; 2])} />
                        </div>
                        <figcaption>{ format!("It sees {}", tell::window(arithmetic.field)) }</figcaption>
                    </figure>
                }
            </div>
            <div class="buttons unit-choice">
                <button type="button" class="small-button" aria-label="Map before" onclick={choose(neighbour(count - 1))}>{ "‹" }</button>
                <span class="unit-name figures">{ if is_output { name.clone() } else { format!("{name} of {count}") } }</span>
                <button type="button" class="small-button" aria-label="Map after" data-action="next-map" onclick={choose(neighbour(1))}>{ "›" }</button>
                <span class="quiet">{ "Strongest:" }</span>
                { for strongest }
            </div>
            if let Some(outputs) = outputs {
                { softmax(outputs) }
            }
            { patches.clone() }
            <div aria-live="polite">
                if let Some(arithmetic) = arithmetic {
                    <h3>{ format!("{}: {}", if is_map { tell::place(maps, unit) } else { name.clone() }, tell::number(arithmetic.value)) }</h3>
                    { steps(arithmetic) }
                } else {
                    <p class="quiet inside-wait">{ "Asking for its arithmetic…" }</p>
                }
            </div>
        </div>
    }
}

/// The computation from logits to probabilities, in figures.
fn softmax(outputs: &Outputs) -> Html {
    let Outputs { logits, temperature, probabilities, .. } = outputs;
    let powers = logits.map(|logit| (logit / temperature).exp());
    let sum: f32 = powers.iter().sum();
    let row = |class: usize| {
        html! {
            <tr>
                <th scope="row">{ words::title(class) }</th>
                <td>{ tell::number(logits[class]) }</td>
                <td>{ tell::number(powers[class]) }</td>
                <td>{ words::figure(probabilities[class]) }</td>
            </tr>
        }
    };
    html! {
        <details class="as-table softmax">
            <summary>{ "Softmax: from logits to probabilities" }</summary>
            <p>
                { format!(
                    "Each logit is divided by the temperature {}, e is raised to that power, and each power is divided by \
                     their sum, {}. Figures are rounded.",
                    tell::number(*temperature), tell::number(sum)
                ) }
            </p>
            <table class="figures">
                <thead><tr><th scope="col">{ "Class" }</th><th scope="col">{ "Logit" }</th><th scope="col">{ "Power" }</th><th scope="col">{ "Probability" }</th></tr></thead>
                <tbody>{ for (0..CLASSES.len()).map(row) }</tbody>
            </table>
        </details>
    }
}
