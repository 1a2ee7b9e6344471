//! A picture with the square that the network sees. The rest of the picture is dimmed.

use yew::prelude::*;

use crate::platform::page;
use crate::ui::state::Picture;

/// The properties of [`Photo`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The picture.
    pub picture: Picture,
}

/// The picture, as large as its frame allows, with its centre square marked.
#[component]
pub fn Photo(props: &Props) -> Html {
    let Picture { name, url, .. } = &props.picture;
    // Width divided by height, after the browser has loaded the picture.
    let ratio = use_state(|| None::<f64>);
    let onload = {
        let ratio = ratio.clone();
        Callback::from(move |event: Event| ratio.set(page::picture_ratio(&event)))
    };
    let alt = if props.picture.is_greeting { format!("A drawing: {name}") } else { format!("Your picture {name}") };
    html! {
        <div class="photo" style={ratio.map(|ratio| format!("--ratio:{ratio:.4}"))}>
            <img src={url.as_deref().map(String::from)} {alt} {onload} />
            if ratio.is_some() {
                <span class="crop" aria-hidden="true"><span /></span>
            }
        </div>
    }
}
