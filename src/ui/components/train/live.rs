//! Pictures with the current answers of a run's network: the visitor's, and some test images.

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::page::{self, Interval};
use crate::ui::components::pixels::{Sheet, use_sheet};
use crate::ui::intent::Intent;
use crate::ui::state::{Lapse, Picture};
use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES, likeliest},
    protocol::DataImage,
};

/// The most of the visitor's pictures that are shown: the newest ones.
const PICTURES_SHOWN: usize = 12;

/// How long the time lapse plays, about, in milliseconds.
const LAPSE_MS: i32 = 6_000;

/// The properties of [`Live`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The visitor's pictures.
    pub pictures: Vec<Picture>,
    /// The watched test images.
    pub strip: Rc<Vec<DataImage>>,
    /// The network's answers to them; empty before the first ones.
    pub watched: Rc<Vec<[f32; CLASS_COUNT]>>,
    /// The step of the moment that is shown, its index, and the number of moments in the time lapse.
    pub moment: (u64, usize, usize),
    /// Whether the time lapse is playing.
    pub is_playing: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The time lapse, and two grids of small pictures, each with its most probable class below.
#[component]
pub fn Live(props: &Props) -> Html {
    let sheet = use_sheet(&props.strip);
    {
        let (on_intent, count) = (props.on_intent.clone(), props.moment.2);
        use_effect_with((props.is_playing, count), move |&(is_playing, count)| {
            let interval_ms = (LAPSE_MS / count.max(1) as i32).clamp(60, 400);
            let next = move || on_intent.emit(Intent::Lapse(Lapse::Next));
            let interval = is_playing.then(|| Interval::new(interval_ms, next));
            move || drop(interval)
        });
    }
    let test = |index: usize| test_image(props, &sheet, index);
    let newest = props.pictures.iter().rev().take(PICTURES_SHOWN);
    let answers: Vec<_> = props.watched.iter().map(likeliest).collect();
    let labels = props.strip.iter().map(|image| usize::from(image.label));
    let right = answers.iter().zip(labels).filter(|(answer, label)| *answer == label).count();
    html! {
        <div class="live">
            <div class="live-head">
                <h3>{ "Test images" }</h3>
                <p class="live-score" data-right={right.to_string()}>{ words::score(right, answers.len()) }</p>
            </div>
            { lapse(props) }
            <ul class="live-images" role="list">{ for (0..props.strip.len()).map(test) }</ul>
            if !props.pictures.is_empty() {
                <h3>{ "Your pictures" }</h3>
                <ul class="live-images" role="list">{ for newest.map(picture) }</ul>
            }
        </div>
    }
}

/// The button that plays the time lapse, and the slider over its moments. Their space is there from the beginning on.
fn lapse(props: &Props) -> Html {
    let (step, at, count) = props.moment;
    let is_disabled = count < 2;
    let step = format!("Step {}", words::count(step));
    let on_slide = props
        .on_intent
        .reform(|event: InputEvent| Intent::Lapse(Lapse::At(page::field_value(&event).parse().unwrap_or(usize::MAX))));
    html! {
        <>
            <div class="lapse" data-moment={at.to_string()} data-moments={count.to_string()}>
                <button
                    type="button"
                    class="button"
                    data-action="lapse"
                    disabled={is_disabled}
                    onclick={props.on_intent.reform(|_: MouseEvent| Intent::Lapse(Lapse::Play))}
                >
                    { if props.is_playing { "Stop" } else { "See how it learnt" } }
                </button>
                <input
                    type="range"
                    aria-label="Moment of the run"
                    aria-valuetext={step.clone()}
                    min="0"
                    max={count.saturating_sub(1).to_string()}
                    value={at.to_string()}
                    disabled={is_disabled}
                    oninput={on_slide}
                />
                <span class="quiet figures">{ step }</span>
            </div>
            <p class="quiet lapse-note">{ "Kept with the run. The answers to your own pictures stay for this visit." }</p>
        </>
    }
}

fn test_image(props: &Props, sheet: &Sheet, index: usize) -> Html {
    let label = usize::from(props.strip[index].label);
    let said = props.watched.get(index);
    let (mark, class) = match said.map(likeliest) {
        Some(answer) if answer == label => ("✓", "is-right"),
        Some(_) => ("✗", "is-wrong"),
        None => ("", ""),
    };
    html! {
        <li key={index} class={class} data-label={CLASSES[label]} data-winner={said.map(|said| CLASSES[likeliest(said)])}>
            { sheet.image(index) }
            { answer(said, mark, Some(label)) }
        </li>
    }
}

fn picture(picture: &Picture) -> Html {
    let said = picture.prediction().map(|prediction| &prediction.probabilities);
    let mark = match (picture.label, said.map(likeliest)) {
        (Some(label), Some(answer)) => {
            if label == answer {
                "✓"
            } else {
                "✗"
            }
        }
        _ => "",
    };
    html! {
        <li key={picture.id.0}>
            <img
                class={classes!(picture.label.map(|_| "is-pixels"))}
                src={picture.url.as_deref().map(String::from)}
                alt={picture.name.to_string()}
                width="64"
                height="64"
                decoding="async"
            />
            { answer(said, mark, picture.label) }
        </li>
    }
}

/// "✓ Cat", or "✗ Horse, really a deer", and "87%". An image without an answer has its true class.
fn answer(said: Option<&[f32; CLASS_COUNT]>, mark: &'static str, label: Option<usize>) -> Html {
    let Some(probabilities) = said else {
        let name = label.map_or_else(|| "–".into(), words::title);
        return html! { <><span class="live-name">{ name }</span><span class="live-figure">{ "\u{a0}" }</span></> };
    };
    let class = likeliest(probabilities);
    let spoken = match mark {
        "✓" => "right: ",
        "✗" => "wrong: ",
        _ => "",
    };
    html! {
        <>
            <span class="live-name">
                <span class="unseen">{ spoken }</span>
                <span aria-hidden="true">{ mark }</span>
                { if mark.is_empty() { "" } else { " " } }
                { words::answer(class, label) }
            </span>
            <span class="live-figure">{ words::whole_percent(probabilities[class]) }</span>
        </>
    }
}
