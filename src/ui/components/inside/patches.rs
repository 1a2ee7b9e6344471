//! The parts of test images that excite a map most.

use std::rc::Rc;

use yew::prelude::*;

use super::canvas::Pixels;
use super::tell;
use crate::domain::{IMAGE_SIDE, Split};
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::raster::Raster;
use crate::ui::state::{Change, State};
use crate::ui::words;
use crate::{domain::arithmetic::Window, protocol::inspect::Patch};

/// The nine patches for the map `name`, or a button that finds them.
pub fn patches(state: &State, name: &str, on_intent: &Callback<Intent>) -> Html {
    let found = state.inside.patches();
    let images =
        Rc::new(found.iter().flat_map(|found| found.iter().map(|patch| patch.image.clone())).collect::<Vec<_>>());
    let patch = |(at, patch): (usize, &Patch)| {
        let label = words::title(patch.image.label.into());
        let said = format!("Test image {}, {}. Put it on the stage", patch.image.index, tell::window(patch.window));
        html! {
            <li key={at}>
                <button
                    type="button"
                    class="patch"
                    title={said.clone()}
                    onclick={on_click(on_intent, Intent::TryImage(images.clone(), at))}
                >
                    <Pixels raster={Rc::new(crop(&patch.image.pixels, patch.window))} />
                    <span class="card-name">{ label }</span>
                    <span class="quiet figures">{ tell::number(patch.value) }</span>
                    <span class="unseen">{ said }</span>
                </button>
            </li>
        }
    };
    let set = |is_wanted: bool| on_click(on_intent, Intent::Inside(Change::Patches(is_wanted)));
    let body = match (found, state.inside.gathered(Split::Test)) {
        _ if !state.images.is_present() => html! { <p class="quiet">{ tell::NEEDS_IMAGES }</p> },
        (Some(found), _) if state.inside.wants_patches => html! {
            <ul class="near-list" role="list" data-patches={found.len().to_string()}>
                { for found.iter().enumerate().map(patch) }
            </ul>
        },
        (_, passed) if state.inside.wants_patches => html! {
            <div class="buttons unit-choice">
                <p class="figures">{ tell::passed(passed) }</p>
                { button("small-button", "cancel-patches", "Cancel", false, set(false)) }
            </div>
        },
        _ => button("small-button", "find-patches", "Look for them in a thousand test images", false, set(true)),
    };
    html! {
        <div class="patches">
            <h3>{ format!("What excites {name} most") }</h3>
            { body }
        </div>
    }
}

/// The part of an image within `window`.
fn crop(pixels: &[u8], window: Window) -> Raster {
    let (top, left, height, width) =
        (window.top as usize, window.left as usize, window.height as usize, window.width as usize);
    let row = |row: usize| &pixels[3 * ((top + row) * IMAGE_SIDE + left)..][..3 * width];
    let rgb: Vec<u8> = (0..height).flat_map(row).copied().collect();
    Raster::of_rgb(&rgb, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_the_part_of_the_image_in_its_window() {
        let pixels: Vec<u8> = (0..3 * 1024).map(|at| (at / 3 % 32 + 8 * (at / 96 % 8)) as u8).collect();
        let patch = crop(&pixels, Window { top: 3, left: 30, height: 2, width: 2 });
        assert_eq!((patch.width, patch.height), (2, 2));
        let reds: Vec<u8> = patch.rgba.iter().step_by(4).copied().collect();
        assert_eq!(reds, [54, 55, 62, 63]);
    }
}
