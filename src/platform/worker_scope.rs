//! The worker's end of the line to the page.

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::protocol::{self, Event, Request};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Tells the page `event`.
pub fn post(event: &Event) {
    let header = Uint8Array::from(protocol::encode(event).as_slice());
    scope()
        .post_message_with_transfer(&Array::of1(&header), &Array::of1(&header.buffer()))
        .expect("bytes of their own buffer can be transferred");
}

/// Calls `on_request` with each request and the file beside it, for the rest of the worker's life.
///
/// Requests that came while the wasm was on its way are handed over first. A message that is not a request
/// of this build fails the worker.
pub fn listen(mut on_request: impl FnMut(Request, Option<Blob>) + 'static) {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let parts: Array = message.data().unchecked_into();
        let header: Uint8Array = parts.get(0).unchecked_into();
        match protocol::decode(&header.to_vec()) {
            Ok(request) => on_request(request, parts.get(1).dyn_into().ok()),
            Err(error) => post(&Event::Failed { reason: format!("{error}.") }),
        }
    });
    let scope = scope();
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // The boot script keeps what comes before this listener and hands it over when asked.
    if let Ok(replay) = Reflect::get(&scope, &"replayWaiting".into())
        && let Ok(replay) = replay.dyn_into::<Function>()
    {
        replay.call0(&scope).expect("the boot script's replay only dispatches messages");
    }
}

/// The bytes of `blob`.
///
/// # Errors
/// The browser's own words, if the file cannot be read: moved, deleted, or not permitted.
pub async fn read_blob(blob: &Blob) -> Result<Vec<u8>, String> {
    match JsFuture::from(blob.array_buffer()).await {
        Ok(buffer) => Ok(Uint8Array::new(&buffer).to_vec()),
        Err(error) => Err(super::describe(&error)),
    }
}
