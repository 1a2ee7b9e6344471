//! The images behind a number in the results.

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::page;
use crate::ui::components::button::{button, on_click};
use crate::ui::components::pixels::{Sheet, use_sheet};
use crate::ui::intent::Intent;
use crate::ui::state::Opened;
use crate::ui::words;
use crate::{domain::CLASSES, protocol::DataImage};

/// The properties of [`Behind`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The number and its images.
    pub opened: Opened,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// A panel that has its full size before the images arrive, and takes the keyboard focus when it opens.
#[component]
pub fn Behind(props: &Props) -> Html {
    let panel = use_node_ref();
    {
        let panel = panel.clone();
        use_effect_with(props.opened.cell, move |_| {
            if let Some(panel) = panel.cast() {
                page::reveal(&panel);
                page::focus(&panel);
            }
        });
    }
    let opened = &props.opened;
    let sheet = use_sheet(&opened.images.clone().unwrap_or_default());
    let count = words::count(opened.count as u64);
    let figures = match opened.indices.len() {
        shown if shown < opened.count => format!("{count} images, the first {shown} of them"),
        1 => "1 image".into(),
        _ => format!("{count} images"),
    };
    let place = |(index, number): (usize, &u32)| match &opened.images {
        Some(images) => image_button(props, &sheet, images, index),
        None => html! { <span key={*number} class="image-button" /> },
    };
    html! {
        <section class="behind" translate="no" aria-labelledby="behind-title" tabindex="-1" ref={panel}>
            <div class="behind-head">
                <h3 id="behind-title">{ opened.cell.title() }</h3>
                <p class="quiet figures">{ figures }</p>
                { button("button", "close", "Close", false, on_click(&props.on_intent, Intent::Open(None))) }
            </div>
            <div class="behind-images">{ for opened.indices.iter().enumerate().map(place) }</div>
        </section>
    }
}

fn image_button(props: &Props, sheet: &Sheet, images: &Rc<Vec<DataImage>>, index: usize) -> Html {
    let image = &images[index];
    let label = format!("Test image {}, {}", words::count(image.index.into()), CLASSES[usize::from(image.label)]);
    let onclick = on_click(&props.on_intent, Intent::TryImage(images.clone(), index));
    html! {
        <button type="button" key={image.index} class="image-button" title={label.clone()} aria-label={label} {onclick}>
            { sheet.image(index) }
        </button>
    }
}
