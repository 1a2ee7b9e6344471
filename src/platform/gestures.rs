//! Drops, pastes and arrow keys anywhere on the page.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, Element, KeyboardEvent};

use super::files::{Listener, Offer};

/// What the visitor does to the page as a whole.
pub enum Gesture {
    /// Files are being dragged over the page (true), or no more (false).
    Hovering(bool),
    /// Something was dropped.
    Dropped(Offer),
    /// Something was pasted.
    Pasted(Offer),
    /// A key that moves through pictures was pressed.
    Step(Step),
}

/// Where a key moves through a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the previous one.
    Back,
    /// To the next one.
    Forward,
    /// To the first one.
    First,
    /// To the last one.
    Last,
}

/// Ends the watch when it is dropped.
pub struct Watch {
    _listeners: Vec<Listener>,
}

/// Tells `on_gesture` what the visitor does, with at most `file_limit` files an offer.
pub fn watch(file_limit: usize, on_gesture: impl Fn(Gesture) + 'static) -> Watch {
    let on_gesture = Rc::new(on_gesture);
    let hovering = Rc::new(Cell::new(false));
    let hover = {
        let on_gesture = on_gesture.clone();
        Rc::new(move |now: bool| {
            if hovering.replace(now) != now {
                on_gesture(Gesture::Hovering(now));
            }
        })
    };
    let over = {
        let hover = hover.clone();
        move |event: DragEvent| {
            if holds_files(&event) {
                // Says that the page takes the drop; otherwise the browser would open the file.
                event.prevent_default();
                hover(true);
            }
        }
    };
    let leave = {
        let hover = hover.clone();
        move |event: DragEvent| {
            // Between two elements of the page there is a related target; out of the window there is none.
            if event.related_target().is_none() {
                hover(false);
            }
        }
    };
    let drop = {
        let on_gesture = on_gesture.clone();
        move |event: DragEvent| {
            event.prevent_default();
            hover(false);
            if let Some(transfer) = event.data_transfer() {
                on_gesture(Gesture::Dropped(Offer::from_transfer(&transfer, file_limit)));
            }
        }
    };
    let paste = {
        let on_gesture = on_gesture.clone();
        move |event: ClipboardEvent| {
            if let Some(transfer) = event.clipboard_data() {
                on_gesture(Gesture::Pasted(Offer::from_transfer(&transfer, file_limit)));
            }
        }
    };
    let key = move |event: KeyboardEvent| {
        if let Some(step) = step(&event) {
            event.prevent_default();
            on_gesture(Gesture::Step(step));
        }
    };
    Watch {
        _listeners: vec![
            Listener::on("dragenter", over.clone()),
            Listener::on("dragover", over),
            Listener::on("dragleave", leave),
            Listener::on("drop", drop),
            Listener::on("paste", paste),
            Listener::on("keydown", key),
        ],
    }
}

fn holds_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

/// The arrows work everywhere but in form fields; Home and End, which scroll the page, only in a list.
fn step(event: &KeyboardEvent) -> Option<Step> {
    if event.default_prevented() || event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let within = |selector| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        target.is_some_and(|target| target.closest(selector).ok().flatten().is_some())
    };
    if within("input, select, textarea") {
        return None;
    }
    match event.key().as_str() {
        "ArrowLeft" => Some(Step::Back),
        "ArrowRight" => Some(Step::Forward),
        "Home" if within("[role=listbox]") => Some(Step::First),
        "End" if within("[role=listbox]") => Some(Step::Last),
        _ => None,
    }
}
