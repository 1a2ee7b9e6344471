//! The page without a network: a service worker keeps the files of one build on the device.
//!
//! `service-worker.js` keeps the files and answers requests. `offline.js` registers it, and tells when a newer build
//! waits.

use super::files::Listener;
use web_sys::Event;

/// Listens until it is dropped.
pub struct Watch {
    _listener: Listener,
}

/// Calls `act` when a newer build of the page is ready.
pub fn watch_updates(act: impl Fn() + 'static) -> Watch {
    Watch { _listener: Listener::on("tenfold-update", move |_: Event| act()) }
}
