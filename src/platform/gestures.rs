//! Drops, pastes and arrow keys anywhere on the page.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, Event, KeyboardEvent, Node};

use super::files::{Link, Listener, Offer};

/// What the visitor does with the page as a whole.
pub enum Gesture {
    /// Files are being dragged over the page (true), or no longer (false).
    Hovering(bool),
    /// Something was dropped.
    Dropped(Offer),
    /// Something was pasted.
    Pasted(Offer),
    /// A link, or a picture of another page, was dropped or pasted, without a file.
    Linked(Link),
    /// A key that moves through pictures was pressed.
    Step(Step),
}

/// A move through a row of pictures.
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

/// Listens until it is dropped.
pub struct Watch {
    _listeners: Vec<Listener>,
}

/// Calls `on_gesture` for each gesture; a drop or a paste contains at most `file_limit` files.
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
    // A picture of this page that is dragged over it is not a new one. If it leaves the page meanwhile, the browser does not
    // report the end of the drag. The next drop is then a new one.
    let dragged = Rc::new(RefCell::new(None::<Node>));
    let is_own = {
        let dragged = dragged.clone();
        move || dragged.borrow().as_ref().is_some_and(Node::is_connected)
    };
    let begin = {
        let dragged = dragged.clone();
        move |event: DragEvent| {
            dragged.replace(event.target().and_then(|target| target.dyn_into().ok()));
        }
    };
    let end = move |_: DragEvent| {
        dragged.take();
    };
    let over = {
        let (hover, is_own) = (hover.clone(), is_own.clone());
        move |event: DragEvent| {
            if is_for_field(&event, event.data_transfer().as_ref()) {
                return;
            }
            // This accepts the drop. Otherwise the browser would open the dropped file instead of the page.
            event.prevent_default();
            hover(!is_own() && event.data_transfer().is_some_and(|transfer| holds(&transfer, "Files")));
        }
    };
    let leave = {
        let hover = hover.clone();
        move |event: DragEvent| {
            // A move between two elements of the page has a related target; a move out of the window has none.
            if event.related_target().is_none() {
                hover(false);
            }
        }
    };
    let drop = {
        let on_gesture = on_gesture.clone();
        move |event: DragEvent| {
            hover(false);
            let transfer = event.data_transfer();
            if is_for_field(&event, transfer.as_ref()) {
                return;
            }
            event.prevent_default();
            match transfer {
                Some(transfer) if !is_own() => on_gesture(match Link::from_transfer(&transfer) {
                    Some(link) => Gesture::Linked(link),
                    None => Gesture::Dropped(Offer::from_transfer(&transfer, file_limit)),
                }),
                _ => {}
            }
        }
    };
    let paste = {
        let on_gesture = on_gesture.clone();
        move |event: ClipboardEvent| {
            let transfer = event.clipboard_data();
            match transfer {
                Some(transfer) if !is_for_field(&event, Some(&transfer)) => {
                    on_gesture(match Link::from_transfer(&transfer) {
                        Some(link) => Gesture::Linked(link),
                        None => Gesture::Pasted(Offer::from_transfer(&transfer, file_limit)),
                    });
                }
                _ => {}
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
            Listener::on("dragstart", begin),
            Listener::on("dragend", end),
            Listener::on("dragenter", over.clone()),
            Listener::on("dragover", over),
            Listener::on("dragleave", leave),
            Listener::on("drop", drop),
            Listener::on("paste", paste),
            Listener::on("keydown", key),
        ],
    }
}

fn holds(transfer: &DataTransfer, kind: &str) -> bool {
    transfer.types().includes(&kind.into(), 0)
}

/// Whether `event` brings text to a form field, which takes it by itself.
fn is_for_field(event: &Event, transfer: Option<&DataTransfer>) -> bool {
    is_within(event, "input, select, textarea") && !transfer.is_some_and(|transfer| holds(transfer, "Files"))
}

/// Whether `event` happens in a form field.
pub fn is_in_field(event: &Event) -> bool {
    is_within(event, "input, select, textarea")
}

fn is_within(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).ok().flatten().is_some())
}

/// The arrow keys work everywhere except in form fields. Home and End scroll the page, so they work only in a list.
fn step(event: &KeyboardEvent) -> Option<Step> {
    if event.default_prevented() || event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let within = |selector| is_within(event, selector);
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
