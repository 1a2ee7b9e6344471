//! Pixels on a canvas, enlarged without smoothing.

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::canvas;
use crate::ui::raster::Raster;

/// The properties of [`Pixels`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The pixels.
    pub raster: Rc<Raster>,
    /// Screen pixels for each pixel. None means that the canvas fills its container.
    #[prop_or_default]
    pub scale: Option<usize>,
    /// A description; none if a text beside it says the same.
    #[prop_or_default]
    pub label: Option<AttrValue>,
}

/// The canvas.
#[component]
pub fn Pixels(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.raster.clone(), move |raster| {
            if let Some(element) = node.cast() {
                canvas::draw_rgba(&element, &raster.rgba, raster.width);
            }
        });
    }
    let Raster { width, height, .. } = *props.raster;
    let style = props.scale.map(|scale| format!("width:{}px;height:{}px", width * scale, height * scale));
    html! {
        <canvas
            ref={node}
            class="crisp"
            width={width.to_string()}
            height={height.to_string()}
            {style}
            role={props.label.as_ref().map(|_| "img")}
            aria-label={props.label.clone()}
            aria-hidden={props.label.is_none().then_some("true")}
        />
    }
}

/// The meaning of the colours: a scale from `-limit` to `limit`, with texts after the figures at both ends.
pub fn legend(limit: f32, [left, right]: [&str; 2]) -> Html {
    let limit = super::tell::number(limit);
    html! {
        <p class="legend">
            <span>{ format!("−{limit} {left}") }</span>
            <span class="legend-scale" aria-hidden="true" />
            <span>{ format!("+{limit} {right}") }</span>
        </p>
    }
}
