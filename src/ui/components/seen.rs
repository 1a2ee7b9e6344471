//! What the network sees: 32x32 pixels, enlarged without smoothing.

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::canvas;
use crate::{domain::IMAGE_SIDE, protocol::Prediction};

/// The properties of [`Seen`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The answer, which contains the pixels.
    pub prediction: Option<Rc<Prediction>>,
}

/// The canvas with the pixels that the network sees. Before an answer it is an empty grid of 32 by 32.
#[component]
pub fn Seen(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.prediction.clone(), move |prediction| {
            let Some(element) = node.cast() else { return };
            match prediction {
                Some(prediction) => canvas::draw_rgb(&element, &prediction.seen, IMAGE_SIDE),
                None => canvas::clear(&element),
            }
        });
    }
    let side = IMAGE_SIDE.to_string();
    html! {
        <figure class="seen">
            <canvas
                ref={node}
                width={side.clone()}
                height={side}
                role="img"
                aria-label="What the network sees, 32 by 32 pixels"
            />
            <figcaption>
                <span class="wide">{ "What the network sees, 32\u{a0}×\u{a0}32 pixels" }</span>
                <span class="narrow">{ "The network’s view" }</span>
            </figcaption>
        </figure>
    }
}
