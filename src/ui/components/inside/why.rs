//! Why this answer: the parts of the picture that speak for a class.

use std::rc::Rc;

use yew::prelude::*;

use super::Props;
use super::canvas::{Pixels, legend};
use super::tell;
use crate::protocol::inspect::{SQUARE, SQUARES, occlusion_order};
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::raster::{Raster, occlusion};
use crate::ui::state::{Change, Method, State};
use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES, IMAGE_SIDE},
    protocol::RunStatus,
};

const METHODS: [Method; 3] = [Method::Occlusion, Method::Gradient, Method::ClassActivation];

/// A method's name for scripts, its title, and what its map shows and does not show.
fn about(method: Method) -> [&'static str; 3] {
    match method {
        Method::Occlusion => [
            "occlusion",
            "By hiding",
            "A grey square of 4×4 pixels hides one part after the other. Orange is where that lowers the class’s logit. \
             It shows what the network misses there, if the part is grey.",
        ],
        Method::Gradient => [
            "gradient",
            "By the gradient",
            "Each pixel’s value times how the class’s logit changes with it. It shows the effect of a tiny change, not \
             of hiding, and single pixels are noisy.",
        ],
        Method::ClassActivation => [
            "activation",
            "By the last maps",
            "The values of the last maps times how the class’s logit changes with them. It shows which fields of the \
             last maps speak for the class, not which pixels: each field sees much of the picture.",
        ],
    }
}

/// A heat map as values, row by row.
struct Shown {
    values: Vec<f32>,
    width: usize,
    /// The margin before the first value, in percent of the picture's side.
    inset: f64,
    /// The sum of the values and the class's logit, if they are related.
    sum: Option<[f32; 2]>,
}

fn shown(state: &State, class: usize) -> Option<Shown> {
    if state.inside.method == Method::Occlusion {
        // The middle of the first square is two pixels from the border, and each value stands for two pixels.
        let inset = 100.0 * (SQUARE as f64 / 2.0 - 1.0) / IMAGE_SIDE as f64;
        let values = occlusion(state.hidden()?, class)?;
        return Some(Shown { values, width: SQUARES, inset, sum: None });
    }
    let heat = state.heat()?;
    let (height, width) = (heat.map.height as usize, heat.map.width as usize);
    let values = (0..height * width).map(|at| heat.map.value(0, at / width, at % width)).collect();
    Some(Shown { values, width, inset: 0.0, sum: Some([heat.sum, heat.logit]) })
}

/// The heat map, with choices of the class and the method.
#[component]
pub fn Why(props: &Props) -> Html {
    let Props { state, on_intent } = props;
    let pixels = state.studied().unwrap_or_default();
    let picture = use_memo(pixels, |pixels| Raster::of_rgb(pixels, IMAGE_SIDE));
    let (Some(class), Some(answer)) = (state.heat_class(), &state.inside.answer) else {
        return html! { <p class="quiet inside-wait">{ "Asking the network…" }</p> };
    };
    let method = state.inside.method;
    let by_class = |other: usize| {
        let onclick = on_click(on_intent, Intent::Inside(Change::Class(other)));
        html! {
            <button
                type="button"
                class="small-button"
                data-heat-class={CLASSES[other]}
                aria-pressed={(other == class).to_string()}
                {onclick}
            >
                { format!("{} {}", words::title(other), words::whole_percent(answer.value.probabilities[other])) }
            </button>
        }
    };
    let by_method = |other: Method| {
        let [name, title, _] = about(other);
        let onclick = on_click(on_intent, Intent::Inside(Change::Method(other)));
        html! {
            <button
                type="button"
                class="small-button"
                data-method={name}
                aria-pressed={(other == method).to_string()}
                {onclick}
            >
                { title }
            </button>
        }
    };
    let shown = shown(state, class);
    let done = state.hidden().map_or(0, |hidden| hidden.len());
    let all = occlusion_order().len();
    let is_done = if method == Method::Occlusion { done == all } else { shown.is_some() };
    let status = match &shown {
        _ if !is_done && method == Method::Occlusion => format!("{} of {} squares", done.saturating_sub(1), all - 1),
        None => "Computing…".into(),
        Some(shown) => {
            let time = words::milliseconds(state.heat_milliseconds());
            format!("{} {time}.", tell::heat(&shown.values, shown.width, CLASSES[class]))
        }
    };
    let [name, _, words] = about(method);
    html! {
        <div class="inside-pane why" data-heat={is_done.then_some(name)} data-heat-of={CLASSES[class]} data-milliseconds={format!("{:.1}", state.heat_milliseconds())}>
            <div class="why-picture">
                <div class="over is-large">
                    <div class="is-grey"><Pixels raster={picture.clone()} /></div>
                    if let Some(shown) = &shown {
                        { overlay(shown) }
                    }
                </div>
                { legend(shown.as_ref().map_or(0.0, |shown| limit(&shown.values)), ["against it", "for it"]) }
            </div>
            <div class="why-choice">
                <h3 id="why-class">{ "What speaks for" }</h3>
                <div class="buttons" role="group" aria-labelledby="why-class">{ for (0..CLASS_COUNT).map(by_class) }</div>
                <h3 id="why-method">{ "How it is found" }</h3>
                <div class="buttons" role="group" aria-labelledby="why-method">{ for METHODS.into_iter().map(by_method) }</div>
                <p>{ words }</p>
                <p class="figures" aria-live={if is_done { "polite" } else { "off" }}>{ status }</p>
                if let Some([sum, logit]) = shown.as_ref().and_then(|shown| shown.sum) {
                    <p class="quiet figures">
                        { format!("The map adds up to {}; the logit of {} is {}. The rest comes from biases.",
                            tell::number(sum), CLASSES[class], tell::number(logit)) }
                    </p>
                }
                if matches!(state.training.status, RunStatus::Running(_)) {
                    <p class="quiet">{ "A run is in progress, so the network is changing." }</p>
                }
            </div>
        </div>
    }
}

fn limit(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |limit: f32, value| limit.max(value.abs()))
}

/// The heat map over the picture.
fn overlay(shown: &Shown) -> Html {
    let raster = Rc::new(Raster::of_values(&shown.values, shown.width, limit(&shown.values)));
    html! { <div class="heat" style={format!("inset:{:.3}%", shown.inset)}><Pixels {raster} /></div> }
}
