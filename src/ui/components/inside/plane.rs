//! The test images in the plane of their first two principal components, and the picture among them.

use std::rc::Rc;

use yew::prelude::*;

use super::Props;
use super::tell;
use crate::domain::{CLASS_COUNT, CLASSES, Split, order::order};
use crate::platform::canvas::pixel_of;
use crate::protocol::inspect::Plane;
use crate::ui::components::button::{button, on_click};
use crate::ui::components::pixels::use_sheet;
use crate::ui::intent::Intent;
use crate::ui::state::{Change, Picture};
use crate::ui::words;

/// Side of the drawing, in its own units.
const SIDE: f32 = 1000.0;

/// Radius of the ring around one of the visitor's pictures.
const RING: f32 = 13.0;

/// The most of the visitor's other pictures that are described in words.
const TOLD: usize = 6;

/// Number of points around the picture whose classes are listed.
const AROUND: usize = 20;

/// The mapping from the plane to the drawing.
struct Frame {
    low: [f32; 2],
    scale: f32,
}

impl Frame {
    fn of(plane: &Plane) -> Self {
        let pictures = plane.pictures.iter().map(|(_, at)| *at);
        let all = || plane.points.iter().map(|(_, at)| *at).chain(pictures.clone()).chain([plane.here]);
        let low = [0, 1].map(|axis| all().map(|at| at[axis]).fold(f32::INFINITY, f32::min));
        let high = [0, 1].map(|axis| all().map(|at| at[axis]).fold(f32::NEG_INFINITY, f32::max));
        let widest = (high[0] - low[0]).max(high[1] - low[1]).max(f32::MIN_POSITIVE);
        let scale = 0.96 * SIDE / widest;
        // The shorter axis is centred.
        let low = [0, 1].map(|axis| low[axis] - (SIDE / scale - (high[axis] - low[axis])) / 2.0);
        Self { low, scale }
    }

    fn place(&self, at: [f32; 2]) -> [f32; 2] {
        [(at[0] - self.low[0]) * self.scale, SIDE - (at[1] - self.low[1]) * self.scale]
    }
}

/// The indices of the points, the nearest to `at` first.
fn nearest(plane: &Plane, at: [f32; 2]) -> Vec<usize> {
    let far = |index: usize| {
        let point = plane.points[index].1;
        (point[0] - at[0]).powi(2) + (point[1] - at[1]).powi(2)
    };
    order(plane.points.len(), &|a, b| far(a).total_cmp(&far(b)))
}

/// The classes around a position: "12 cat, 5 dog, 3 frog".
fn around(plane: &Plane, here: [f32; 2]) -> String {
    let mut counts = [0; CLASS_COUNT];
    for index in nearest(plane, here).into_iter().take(AROUND) {
        counts[usize::from(plane.points[index].0)] += 1;
    }
    let classes = order(CLASS_COUNT, &|a, b| counts[b].cmp(&counts[a]));
    let classes = classes.into_iter().filter(|&class| counts[class] > 0).take(4);
    classes.map(|class| format!("{} {}", counts[class], CLASSES[class])).collect::<Vec<_>>().join(", ")
}

/// The drawing, with a highlighted class, and the image of a chosen point.
#[component]
pub fn PlaneView(props: &Props) -> Html {
    let Props { state, on_intent } = props;
    let known = state.inside.plane.as_ref().map(|known| known.value.clone());
    let image = state.inside.point().cloned();
    let images = use_memo(image, |image| Rc::new(image.iter().cloned().collect::<Vec<_>>()));
    let sheet = use_sheet(&images);
    let intro = html! {
        <p class="quiet">
            { "Test images as points, by what they look like to the last hidden layer, in the plane in which they differ most \
               (principal components). The rings are your pictures; the thick one is on the stage. Choose a class to make it \
               stand out, and a point to see its image." }
        </p>
    };
    let Some(plane) = known else {
        let status = match state.inside.gathered(Split::Test) {
            _ if !state.images.is_present() => tell::NEEDS_IMAGES.to_owned(),
            passed => tell::passed(passed),
        };
        return html! { <div class="inside-pane">{ intro }<p class="figures">{ status }</p></div> };
    };
    let frame = Frame::of(&plane);
    let chosen = state.inside.plane_class;
    let shown = images.first().map(|image| image.index as usize);
    let circle = |(index, (class, at)): (usize, &(u8, [f32; 2]))| {
        let [x, y] = frame.place(*at);
        let is_faint = chosen.is_some_and(|chosen| chosen != usize::from(*class));
        html! {
            <circle
                class={classes!(format!("hue-{class}"), is_faint.then_some("is-faint"))}
                cx={format!("{x:.0}")}
                cy={format!("{y:.0}")}
                r={if shown == Some(index) { "14" } else { "7" }}
            />
        }
    };
    let on_plane = {
        let (plane, on_intent) = (plane.clone(), on_intent.clone());
        Callback::from(move |event: MouseEvent| {
            let frame = Frame::of(&plane);
            let [x, y] = pixel_of(&event, [SIDE as usize; 2]).map(|at| at as f32);
            let at = [x / frame.scale + frame.low[0], (SIDE - y) / frame.scale + frame.low[1]];
            // Rings are above the points.
            let is_hit = |[x, y]: [f32; 2]| (x - at[0]).hypot(y - at[1]) * frame.scale <= RING;
            if let Some(&(id, _)) = plane.pictures.iter().find(|(_, place)| is_hit(*place)) {
                on_intent.emit(Intent::Select(id));
            } else if let Some(&index) = nearest(&plane, at).first() {
                on_intent.emit(Intent::Inside(Change::Point(index as u32)));
            }
        })
    };
    let by_class = |class: usize| {
        let is_chosen = chosen == Some(class);
        let onclick = on_click(on_intent, Intent::Inside(Change::PlaneClass((!is_chosen).then_some(class))));
        html! {
            <button type="button" class="small-button" data-plane-class={CLASSES[class]} aria-pressed={is_chosen.to_string()} {onclick}>
                <span class={format!("hue-dot hue-{class}")} aria-hidden="true" />
                { words::title(class) }
            </button>
        }
    };
    let step = |step: usize| {
        let count = plane.points.len().max(1);
        let to = shown.map_or(0, |shown| (shown + step) % count) as u32;
        on_click(on_intent, Intent::Inside(Change::Point(to)))
    };
    let [x, y] = frame.place(plane.here);
    let told = format!(
        "Around your picture lie {}, of the {AROUND} nearest points. The plane keeps {} of the variance.",
        around(&plane, plane.here),
        words::figure(plane.share)
    );
    // Only pictures that are still in the strip. The one on the stage is left out, because it may have been painted on.
    let others: Vec<_> = state
        .pictures
        .iter()
        .filter(|picture| Some(picture.id) != state.selected)
        .filter_map(|picture| Some((picture, plane.pictures.iter().find(|(id, _)| *id == picture.id)?.1)))
        .collect();
    let ring = |&(_, at): &(&Picture, [f32; 2])| {
        let [x, y] = frame.place(at);
        html! { <circle class="plane-other" cx={format!("{x:.0}")} cy={format!("{y:.0}")} r={RING.to_string()} /> }
    };
    let other = |&(picture, at): &(&Picture, [f32; 2])| {
        html! {
            <button type="button" class="small-button" onclick={on_click(on_intent, Intent::Select(picture.id))}>
                { format!("{}: {}", picture.name, around(&plane, at)) }
            </button>
        }
    };
    let on_try = on_click(on_intent, Intent::TryImage((*images).clone(), 0));
    html! {
        <div
            class="inside-pane plane"
            translate="no"
            data-plane={plane.points.len().to_string()}
            data-plane-pictures={(others.len() + 1).to_string()}
        >
            { intro }
            <div class="plane-columns">
                <svg viewBox="0 0 1000 1000" role="img" aria-label={told.clone()} onclick={on_plane}>
                    { for plane.points.iter().enumerate().map(circle) }
                    { for others.iter().map(ring) }
                    <circle class="plane-here" cx={format!("{x:.0}")} cy={format!("{y:.0}")} r="18" />
                </svg>
                <div class="why-choice">
                    <div class="buttons" role="group" aria-label="Class that stands out">{ for (0..CLASS_COUNT).map(by_class) }</div>
                    <p class="figures">{ told }</p>
                    if !others.is_empty() {
                        <h3>{ "Around your other pictures" }</h3>
                        <div class="buttons plane-others">{ for others.iter().take(TOLD).map(other) }</div>
                    }
                    <div class="buttons unit-choice">
                        { button("small-button", "next-point", "Next image", false, step(1)) }
                    </div>
                    if let Some(image) = images.first() {
                        <div class="plane-image">
                            { sheet.image(0) }
                            <p>{ format!("Test image {}: {}", image.index, words::title(image.label.into())) }</p>
                            { button("small-button", "try-point", "Put it on the stage", false, on_try) }
                        </div>
                    }
                </div>
            </div>
        </div>
    }
}
