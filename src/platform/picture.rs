//! Saves and shares drawings as pictures.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use super::files::{self, ObjectUrl};
use super::page::document;
use super::share;

/// Draws `svg`, which has this width and height, and saves it as a PNG named `file_name`.
///
/// Nothing happens if the browser cannot draw it.
pub fn save_as_png(svg: &str, size: [u32; 2], file_name: &'static str) {
    draw(svg, size, move |png| {
        // The browser reads the file later. So its address stays until the page is closed; it takes a few kilobytes.
        std::mem::forget(files::save(file_name, &png));
    });
}

/// Draws `svg`, which has this width and height, and opens the device's share sheet with a PNG named `file_name`.
pub fn share_as_png(svg: &str, size: [u32; 2], file_name: &'static str) {
    draw(svg, size, move |png| spawn_local(share::picture(png, file_name)));
}

/// Draws `svg` and passes it on as a PNG.
fn draw(svg: &str, [width, height]: [u32; 2], pass_on: impl FnOnce(Blob) + 'static) {
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
            let drawn = Closure::once_into_js(move |png: JsValue| {
                if let Ok(png) = png.dyn_into::<Blob>() {
                    pass_on(png);
                }
            });
            let _ = canvas.to_blob(drawn.unchecked_ref());
        }
    };
    let on_load = Closure::once_into_js(drawn);
    image.set_onload(Some(on_load.unchecked_ref()));
    image.set_src(&source);
}
