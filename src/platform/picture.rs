//! Saves drawings as pictures.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use super::files::{self, ObjectUrl};
use super::page::document;

/// Draws `svg`, which has this width and height, and saves it as a PNG named `file_name`.
///
/// Nothing happens if the browser cannot draw it.
pub fn save_as_png(svg: &str, [width, height]: [u32; 2], file_name: &'static str) {
    let Some(drawing) = files::blob(svg.as_bytes(), "image/svg+xml").map(|blob| ObjectUrl::new(&blob)) else { return };
    let Ok(image) = HtmlImageElement::new() else { return };
    let source = drawing.as_str().to_owned();
    let drawn = {
        let image = image.clone();
        move || {
            let canvas = document().create_element("canvas").expect("a document makes canvases");
            let canvas: HtmlCanvasElement = canvas.unchecked_into();
            canvas.set_width(width);
            canvas.set_height(height);
            let context = canvas.get_context("2d").ok().flatten();
            let Some(context) = context.map(JsCast::unchecked_into::<CanvasRenderingContext2d>) else { return };
            let _ = context.draw_image_with_html_image_element(&image, 0.0, 0.0);
            drop(drawing);
            let save = Closure::once_into_js(move |png: JsValue| {
                if let Ok(png) = png.dyn_into::<Blob>() {
                    // The browser reads the file later. So its address stays until the page is closed; it takes a few
                    // kilobytes.
                    std::mem::forget(files::save(file_name, &png));
                }
            });
            let _ = canvas.to_blob(save.unchecked_ref());
        }
    };
    let on_load = Closure::once_into_js(drawn);
    image.set_onload(Some(on_load.unchecked_ref()));
    image.set_src(&source);
}
