//! One image of the data set, its 32x32 pixels enlarged without smoothing.

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::canvas;
use crate::protocol::{DataImage, IMAGE_SIDE};

/// What [`Pixels`] shows.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// Images of which one is shown; comparing them costs nothing while they are the same.
    pub images: Rc<Vec<DataImage>>,
    /// Which.
    pub index: usize,
}

/// A canvas without a text of its own: whatever holds it names the image.
#[component]
pub fn Pixels(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((props.images.clone(), props.index), move |(images, index)| {
            if let (Some(element), Some(image)) = (node.cast(), images.get(*index)) {
                canvas::draw_rgb(&element, &image.pixels, IMAGE_SIDE);
            }
        });
    }
    let side = IMAGE_SIDE.to_string();
    html! { <canvas ref={node} class="pixels" width={side.clone()} height={side} aria-hidden="true" /> }
}
