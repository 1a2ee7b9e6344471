//! What if: a picture to paint on, and ten bars that follow the painting.

use std::cell::Cell;

use yew::prelude::*;

use super::Props;
use super::canvas::Pixels;
use crate::domain::{CLASS_COUNT, CLASSES, IMAGE_SIDE, likeliest};
use crate::platform::canvas::{hold_pointer, pixel_of};
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::paint::{Canvas, Colour, Filter, Stroke, Tool};
use crate::ui::raster::Raster;
use crate::ui::state::{Change, State};
use crate::ui::words;

const SIDE: [usize; 2] = [IMAGE_SIDE; 2];

fn colour_name([red, green, blue]: Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The canvas with its tools, and the network's answer to it.
#[component]
pub fn WhatIf(props: &Props) -> Html {
    let Props { state, on_intent } = props;
    let tool = use_state_eq(|| Tool::Patch);
    // The pointer's position while it is down, and the keyboard's position.
    let hand = use_mut_ref(|| Cell::new(None::<[i32; 2]>));
    let cursor = use_state_eq(|| None::<[i32; 2]>);
    let pixels = state.studied().unwrap_or_default();
    let picture = use_memo(pixels.clone(), |pixels| Raster::of_rgb(pixels, IMAGE_SIDE));
    let colours = use_memo(state.selected, |_| Canvas::new(pixels).colours());

    let paint = {
        let (on_intent, tool) = (on_intent.clone(), *tool);
        move |from: [i32; 2], to: [i32; 2], is_first: bool| {
            on_intent.emit(Intent::Inside(Change::Painted(Stroke { tool, from, to, is_first })));
        }
    };
    let onpointerdown = {
        let (hand, paint) = (hand.clone(), paint.clone());
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            hold_pointer(&event, ".over");
            let at = pixel_of(&event, SIDE);
            hand.borrow().set(Some(at));
            paint(at, at, true);
        })
    };
    let onpointermove = {
        let (hand, paint) = (hand.clone(), paint.clone());
        Callback::from(move |event: PointerEvent| {
            let to = pixel_of(&event, SIDE);
            if let Some(from) = hand.borrow().get().filter(|&from| from != to) {
                hand.borrow().set(Some(to));
                paint(from, to, false);
            }
        })
    };
    let onpointerup = Callback::from(move |_: PointerEvent| hand.borrow().set(None));
    let onkeydown = {
        let (cursor, tool) = (cursor.clone(), *tool);
        Callback::from(move |event: KeyboardEvent| {
            let at = cursor.unwrap_or([IMAGE_SIDE as i32 / 2; 2]);
            let step = match event.key().as_str() {
                "ArrowUp" => [0, -1],
                "ArrowDown" => [0, 1],
                "ArrowLeft" => [-1, 0],
                "ArrowRight" => [1, 0],
                " " | "Enter" if tool != Tool::Move => {
                    event.prevent_default();
                    return paint(at, at, true);
                }
                _ => return,
            };
            event.prevent_default();
            let to = [0, 1].map(|axis| (at[axis] + step[axis]).clamp(0, IMAGE_SIDE as i32 - 1));
            if tool == Tool::Move {
                return paint([0, 0], step, true);
            }
            cursor.set(Some(to));
        })
    };

    let choice = |name: &'static str, title: &'static str, other: Tool| {
        let set = tool.setter();
        html! {
            <button
                type="button"
                class="small-button"
                data-tool={name}
                aria-pressed={(*tool == other).to_string()}
                onclick={Callback::from(move |_: MouseEvent| set.set(other))}
            >
                { title }
            </button>
        }
    };
    let brush = |&colour: &Colour| {
        let set = tool.setter();
        let name = colour_name(colour);
        html! {
            <button
                type="button"
                class="swatch"
                style={format!("background:{name}")}
                aria-label={format!("Brush in {name}")}
                aria-pressed={(*tool == Tool::Brush(colour)).to_string()}
                onclick={Callback::from(move |_: MouseEvent| set.set(Tool::Brush(colour)))}
            />
        }
    };
    let filter = |name: &'static str, title: &'static str, filter: Filter| {
        let onclick = on_click(on_intent, Intent::Inside(Change::Filtered(filter)));
        html! { <button type="button" class="small-button" data-filter={name} {onclick}>{ title }</button> }
    };
    let [on_undo, on_reset] = [Change::Undone, Change::Reset].map(|change| on_click(on_intent, Intent::Inside(change)));
    let on_empty = on_click(on_intent, Intent::EmptyCanvas);
    let (can_undo, is_changed) =
        state.canvas().map_or((false, false), |canvas| (canvas.can_undo(), canvas.is_changed()));
    let mark = cursor.filter(|_| *tool != Tool::Move).map(|[column, row]| {
        let percent = |at: i32| 100.0 * f64::from(at) / IMAGE_SIDE as f64;
        let style = format!("top:{:.3}%;left:{:.3}%;width:3.125%;height:3.125%", percent(row), percent(column));
        html! { <span class="frame-mark is-cursor" {style} /> }
    });
    html! {
        <div class="inside-pane what-if">
            <div>
                <div
                    class="over is-large is-paper"
                    tabindex="0"
                    role="application"
                    aria-label="The picture, to paint on. Arrow keys move the tool, space paints."
                    data-paper={if is_changed { "painted" } else { "as-it-came" }}
                    {onpointerdown}
                    {onpointermove}
                    onpointerup={onpointerup.clone()}
                    onpointercancel={onpointerup}
                    {onkeydown}
                >
                    <Pixels raster={picture} />
                    { mark }
                </div>
                <div class="buttons paper-buttons">
                    { button("small-button", "undo", "Undo", !can_undo, on_undo) }
                    { button("small-button", "paint-reset", "Original", !is_changed, on_reset) }
                    { button("small-button", "empty-canvas", "Empty canvas", false, on_empty) }
                </div>
            </div>
            <div class="tools-column">
                <h3 id="paint-tools">{ "Paint" }</h3>
                <div class="buttons" role="group" aria-labelledby="paint-tools">
                    { choice("patch", "Grey patch", Tool::Patch) }
                    { choice("eraser", "Eraser", Tool::Eraser) }
                    { choice("move", "Move", Tool::Move) }
                </div>
                <div class="buttons swatches" role="group" aria-label="Brush">{ for colours.iter().map(brush) }</div>
                <h3 id="paint-filters">{ "Change all of it" }</h3>
                <div class="buttons" role="group" aria-labelledby="paint-filters">
                    { filter("mirror", "Mirror", Filter::Mirror) }
                    { filter("blur", "Blur", Filter::Blur) }
                    { filter("noise", "Noise", Filter::Noise) }
                </div>
                <p class="quiet">{ "The eraser restores the original. Layers and heat maps follow what you paint." }</p>
            </div>
            { bars(state) }
        </div>
    }
}

/// The ten classes as bars that follow the painting.
fn bars(state: &State) -> Html {
    let Some(answer) = &state.inside.answer else {
        return html! { <p class="quiet">{ "Asking the network…" }</p> };
    };
    let outputs = &answer.value;
    let winner = likeliest(&outputs.probabilities);
    let bar = |class: usize| {
        let probability = outputs.probabilities[class];
        html! {
            <li
                key={class}
                class={classes!((class == winner).then_some("is-winner"))}
                data-painted-class={CLASSES[class]}
                data-painted-probability={format!("{probability:.6}")}
            >
                <span class="card-name">{ words::title(class) }</span>
                <span class="meter" aria-hidden="true"><span style={format!("transform:scaleX({probability:.4})")} /></span>
                <span class="card-figure">{ words::figure(probability) }</span>
            </li>
        }
    };
    let verdict = if outputs.is_none { words::NONE.to_owned() } else { words::title(winner) };
    html! {
        <div>
            <h3 aria-live="polite">{ verdict }</h3>
            <ul class="painted-bars" role="list">{ for (0..CLASS_COUNT).map(bar) }</ul>
        </div>
    }
}
