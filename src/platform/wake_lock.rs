//! Keeps the screen on, and so the computer awake, during long work.

use super::{files::Listener, page};
use js_sys::{Function, Promise, Reflect};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Event;

/// Requests that the screen stays on. A browser may lack this feature, or refuse.
pub struct WakeLock {
    wish: Rc<Wish>,
    _listener: Listener,
}

#[derive(Default)]
struct Wish {
    is_wanted: Cell<bool>,
    /// The browser's lock, if it has given one.
    held: RefCell<Option<JsValue>>,
}

impl WakeLock {
    /// The screen is not kept on at first.
    pub fn new() -> Self {
        let wish = Rc::<Wish>::default();
        let again = wish.clone();
        // The browser releases the lock when the page is hidden.
        let listener = Listener::on("visibilitychange", move |_: Event| {
            if again.is_wanted.get() && !page::document().hidden() {
                spawn_local(ask(again.clone()));
            }
        });
        Self { wish, _listener: listener }
    }

    /// Keeps the screen on from now on, or no longer.
    pub fn set(&self, is_wanted: bool) {
        if self.wish.is_wanted.replace(is_wanted) == is_wanted {
            return;
        }
        match self.wish.held.take() {
            _ if is_wanted => spawn_local(ask(self.wish.clone())),
            Some(held) => drop(call(&held, "release", None)),
            None => {}
        }
    }
}

impl Default for WakeLock {
    fn default() -> Self {
        Self::new()
    }
}

async fn ask(wish: Rc<Wish>) {
    let navigator: JsValue = page::window().navigator().into();
    let lock = Reflect::get(&navigator, &"wakeLock".into()).unwrap_or(JsValue::UNDEFINED);
    let Some(promise) = call(&lock, "request", Some("screen")) else { return };
    // The browser refuses if the battery is low or the page is hidden; the run continues anyway.
    let Ok(held) = JsFuture::from(promise).await else { return };
    if wish.is_wanted.get() {
        wish.held.replace(Some(held));
    } else {
        drop(call(&held, "release", None));
    }
}

/// The promise that a method of `object` returns; none if there is no such method.
fn call(object: &JsValue, method: &str, argument: Option<&str>) -> Option<Promise> {
    let function: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise = match argument {
        Some(argument) => function.call1(object, &argument.into()),
        None => function.call0(object),
    };
    promise.ok()?.dyn_into().ok()
}
