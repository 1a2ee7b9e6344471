//! Keeps the screen on, and so the computer awake, while something goes on that takes long.

use super::{files::Listener, page};
use js_sys::{Function, Promise, Reflect};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Event;

/// The wish that the screen stays on; a browser may not know it, or refuse.
pub struct WakeLock {
    wish: Rc<Wish>,
    _listener: Listener,
}

#[derive(Default)]
struct Wish {
    is_wanted: Cell<bool>,
    /// What the browser gave.
    held: RefCell<Option<JsValue>>,
}

impl WakeLock {
    /// Nothing is wished yet.
    pub fn new() -> Self {
        let wish = Rc::<Wish>::default();
        let again = wish.clone();
        // The browser takes it back when the page is hidden.
        let listener = Listener::on("visibilitychange", move |_: Event| {
            if again.is_wanted.get() && !page::document().hidden() {
                spawn_local(ask(again.clone()));
            }
        });
        Self { wish, _listener: listener }
    }

    /// From now on the screen is to stay on, or not.
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
    // A battery that is low, or a hidden page: the run goes on all the same.
    let Ok(held) = JsFuture::from(promise).await else { return };
    if wish.is_wanted.get() {
        wish.held.replace(Some(held));
    } else {
        drop(call(&held, "release", None));
    }
}

/// The promise that a method of `object` gives; none where there is no such method.
fn call(object: &JsValue, method: &str, argument: Option<&str>) -> Option<Promise> {
    let function: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise = match argument {
        Some(argument) => function.call1(object, &argument.into()),
        None => function.call0(object),
    };
    promise.ok()?.dyn_into().ok()
}
