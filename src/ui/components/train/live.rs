//! Pictures with the current answers of a run's network: the visitor's, and some test images.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::components::pixels::{Sheet, use_sheet};
use crate::ui::state::Picture;
use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES},
    protocol::DataImage,
};

/// The most of the visitor's pictures that are shown: the newest ones.
const PICTURES_SHOWN: usize = 12;

/// The properties of [`Live`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The visitor's pictures.
    pub pictures: Vec<Picture>,
    /// The watched test images.
    pub strip: Rc<Vec<DataImage>>,
    /// The network's answers to them; empty before the first ones.
    pub watched: Rc<Vec<[f32; CLASS_COUNT]>>,
}

/// Two grids of small pictures, each with its most probable class below.
#[component]
pub fn Live(props: &Props) -> Html {
    let sheet = use_sheet(&props.strip);
    let test = |index: usize| test_image(props, &sheet, index);
    let newest = props.pictures.iter().rev().take(PICTURES_SHOWN);
    let answers: Vec<_> = props.watched.iter().map(words::likeliest).collect();
    let labels = props.strip.iter().map(|image| usize::from(image.label));
    let right = answers.iter().zip(labels).filter(|(answer, label)| *answer == label).count();
    html! {
        <div class="live">
            <div class="live-head">
                <h3>{ "Test images" }</h3>
                <p class="live-score" data-right={right.to_string()}>{ words::score(right, answers.len()) }</p>
            </div>
            <ul class="live-images" role="list">{ for (0..props.strip.len()).map(test) }</ul>
            if !props.pictures.is_empty() {
                <h3>{ "Your pictures" }</h3>
                <ul class="live-images" role="list">{ for newest.map(picture) }</ul>
            }
        </div>
    }
}

fn test_image(props: &Props, sheet: &Sheet, index: usize) -> Html {
    let label = usize::from(props.strip[index].label);
    let said = props.watched.get(index);
    let (mark, class) = match said.map(words::likeliest) {
        Some(answer) if answer == label => ("✓", "is-right"),
        Some(_) => ("✗", "is-wrong"),
        None => ("", ""),
    };
    html! {
        <li key={index} class={class} data-label={CLASSES[label]} data-winner={said.map(|said| CLASSES[words::likeliest(said)])}>
            { sheet.image(index) }
            { answer(said, mark, Some(label)) }
        </li>
    }
}

fn picture(picture: &Picture) -> Html {
    let said = picture.prediction().map(|prediction| &prediction.probabilities);
    let mark = match (picture.label, said.map(words::likeliest)) {
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
    let class = words::likeliest(probabilities);
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
