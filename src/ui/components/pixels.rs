//! Images of the data set: 32x32 pixels, enlarged without smoothing.
//!
//! The images of a list are one picture, and each element shows a part of it. A hundred small canvases would slow the
//! page down.

use std::rc::Rc;

use yew::prelude::*;

use crate::bmp;
use crate::platform::files::{self, ObjectUrl};
use crate::{domain::IMAGE_SIDE, protocol::DataImage};

/// A picture with images below each other.
pub struct Sheet {
    /// None if there are no images.
    url: Option<ObjectUrl>,
    count: usize,
}

impl Sheet {
    /// An element with image `index`. It has no text; the element around it names the image.
    pub fn image(&self, index: usize) -> Html {
        let Some(url) = &self.url else { return html! { <span class="pixels" aria-hidden="true" /> } };
        // In percent of the way from the first image to the last.
        let place = 100.0 * index as f64 / self.count.saturating_sub(1).max(1) as f64;
        let style = format!("background-image:url({});background-position-y:{place:.4}%", url.as_str());
        html! { <span class="pixels" aria-hidden="true" {style} /> }
    }
}

/// A sheet of `images`, which stays the same while `images` does.
#[hook]
pub fn use_sheet(images: &Rc<Vec<DataImage>>) -> Rc<Sheet> {
    use_memo(images.clone(), |images| {
        let rgb: Vec<u8> = images.iter().flat_map(|image| image.pixels.iter().copied()).collect();
        let blob = (!rgb.is_empty()).then(|| files::blob(&bmp::encode(&rgb, IMAGE_SIDE), "image/bmp")).flatten();
        let url = blob.as_ref().map(ObjectUrl::new);
        Sheet { url, count: images.len() }
    })
}
