//! Ten test images of each class, to look at and to put on the stage.

use std::rc::Rc;

use yew::prelude::*;

use super::button::{button, on_click};
use super::pixels::{Sheet, use_sheet};
use crate::platform::page;
use crate::ui::intent::Intent;
use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES},
    protocol::DataImage,
};

/// The properties of [`Deal`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The images, in the classes' order; empty until the worker has sent them.
    pub images: Rc<Vec<DataImage>>,
    /// Whether test images are available.
    pub is_present: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// A disclosure that opens when there are images. Without images it would show only empty squares.
#[component]
pub fn Deal(props: &Props) -> Html {
    let sheet = use_sheet(&props.images);
    let on_shuffle = on_click(&props.on_intent, Intent::Shuffle);
    html! {
        <details class="deal" open={props.is_present}>
            <summary>{ "Ten of each class" }<span class="quiet">{ "Test images as the network sees them" }</span></summary>
            if props.is_present {
                <div class="deal-head">
                    <p class="quiet">{ "Choose one to classify it. The network was not trained on these images." }</p>
                    { button("button", "shuffle", "Shuffle", false, on_shuffle) }
                </div>
                <ul role="list">{ for (0..CLASS_COUNT).map(|class| row(props, &sheet, class)) }</ul>
            } else {
                <p class="quiet deal-head">{ "Needs CIFAR-10. Training downloads it." }</p>
            }
        </details>
    }
}

fn row(props: &Props, sheet: &Sheet, class: usize) -> Html {
    let of_class = |(_, image): &(usize, &DataImage)| usize::from(image.label) == class;
    let images = props.images.iter().enumerate().filter(of_class).map(|(index, _)| index);
    let button = |(place, index): (usize, usize)| {
        let onclick = on_click(&props.on_intent, Intent::TryImage(props.images.clone(), index));
        html! {
            <button
                type="button"
                class="image-button"
                // The row is one stop of the tab key; the arrow keys move within it.
                tabindex={if place == 0 { "0" } else { "-1" }}
                aria-label={format!("{} {} of 10", words::title(class), place + 1)}
                {onclick}
            >
                { sheet.image(index) }
            </button>
        }
    };
    let onkeydown = Callback::from(|event: KeyboardEvent| {
        let is_forward = match event.key().as_str() {
            "ArrowRight" => true,
            "ArrowLeft" => false,
            _ => return,
        };
        event.prevent_default();
        page::focus_neighbour(&event, is_forward);
    });
    html! {
        <li key={class} class="deal-row">
            <h3>{ words::title(class) }</h3>
            <div class="deal-images" role="group" aria-label={format!("Test images: {}", CLASSES[class])} {onkeydown}>
                { for images.enumerate().map(button) }
            </div>
        </li>
    }
}
