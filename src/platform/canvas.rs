//! Draws raw pixels on a canvas.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ImageData};

/// Draws `rgb`, interleaved rows of `side` pixels, on `canvas`, whose own size must be `side` by `side`.
pub fn draw_rgb(canvas: &Element, rgb: &[u8], side: usize) {
    let rgba: Vec<u8> = rgb.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
    let Ok(image) = ImageData::new_with_u8_clamped_array(Clamped(&rgba), side as u32) else { return };
    if let Some(context) = context(canvas) {
        // Fails only on an image without pixels, which the line above refuses.
        let _ = context.put_image_data(&image, 0.0, 0.0);
    }
}

/// Empties `canvas`.
pub fn clear(canvas: &Element) {
    let size: &HtmlCanvasElement = canvas.unchecked_ref();
    if let Some(context) = context(canvas) {
        context.clear_rect(0.0, 0.0, size.width().into(), size.height().into());
    }
}

fn context(canvas: &Element) -> Option<CanvasRenderingContext2d> {
    let canvas: &HtmlCanvasElement = canvas.unchecked_ref();
    canvas.get_context("2d").ok().flatten().map(JsCast::unchecked_into)
}
