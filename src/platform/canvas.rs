//! Draws pixels on a canvas, and finds the pixel under the pointer.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ImageData, MouseEvent, PointerEvent};

/// Draws `rgb`, interleaved rows of `side` pixels, on `canvas`, whose size must be `side` by `side`.
pub fn draw_rgb(canvas: &Element, rgb: &[u8], side: usize) {
    let rgba: Vec<u8> = rgb.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
    draw_rgba(canvas, &rgba, side);
}

/// Draws `rgba`, interleaved rows of `width` pixels with opacity, on `canvas`, whose size must match.
pub fn draw_rgba(canvas: &Element, rgba: &[u8], width: usize) {
    let Ok(image) = ImageData::new_with_u8_clamped_array(Clamped(rgba), width as u32) else { return };
    if let Some(context) = context(canvas) {
        // This fails only for an image without pixels, which the line above refuses.
        let _ = context.put_image_data(&image, 0.0, 0.0);
    }
}

/// The column and the row under the pointer. They are measured in the element of class `over`, or in the SVG, around
/// the target of `event`; that element shows `columns` by `rows` pixels. Outside it they are out of range.
pub fn pixel_of(event: &MouseEvent, [columns, rows]: [usize; 2]) -> [i32; 2] {
    let Some(element) = around(event, ".over, svg") else { return [-1; 2] };
    let place = element.get_bounding_client_rect();
    let pixel = |at: f64, len: f64, count: usize| (at / len.max(1.0) * count as f64).floor() as i32;
    [
        pixel(f64::from(event.client_x()) - place.left(), place.width(), columns),
        pixel(f64::from(event.client_y()) - place.top(), place.height(), rows),
    ]
}

/// Captures this pointer for the element that `selector` finds around the target of `event`, until the pointer is
/// lifted.
pub fn hold_pointer(event: &PointerEvent, selector: &str) {
    if let Some(element) = around(event, selector) {
        // A pointer that has been lifted needs no capture.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// The closest element around the target of `event` that matches `selector`. The event does not tell which element has
/// the handler, because yew listens only on the page's root.
fn around(event: &MouseEvent, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
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
