//! The browser, for the rest of the code. Only this room and `bin/worker` name web-sys.
//!
//! [`worker_client`] is the page's end of the message channel, and [`worker_scope`] the worker's. `boot.js` starts the
//! worker's wasm between them. Everything here also compiles natively, but only [`clock`] and [`constructors`] run
//! there.

#[cfg(feature = "page")]
pub mod bench;
#[cfg(feature = "page")]
pub mod canvas;
#[cfg(feature = "page")]
pub mod clipboard;
pub mod clock;
pub mod constructors;
pub mod download;
#[cfg(feature = "page")]
pub mod files;
#[cfg(feature = "page")]
pub mod gestures;
pub mod gpu;
#[cfg(feature = "page")]
pub mod offline;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "page")]
pub mod picture;
#[cfg(feature = "page")]
pub mod share;
pub mod store;
#[cfg(feature = "page")]
pub mod wake_lock;
#[cfg(feature = "page")]
pub mod worker_client;
pub mod worker_scope;

use wasm_bindgen::{JsCast, JsValue};

/// The message of a JavaScript error.
fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}
