//! The worker's end of the message channel to the page.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

use crate::protocol::{self, Event, Request};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Tells the page the build of this worker, in a form that all builds can read. This is the first message.
pub fn introduce() {
    let introduction = Object::new();
    for (name, value) in [("boot", "build"), ("build", protocol::BUILD)] {
        Reflect::set(&introduction, &name.into(), &value.into()).expect("a plain object takes properties");
    }
    scope().post_message(&introduction).expect("plain text can be sent");
}

/// Sends `event` to the page.
pub fn post(event: &Event) {
    let header = Uint8Array::from(protocol::encode(event).as_slice());
    scope()
        .post_message_with_transfer(&Array::of1(&header), &Array::of1(&header.buffer()))
        .expect("bytes of their own buffer can be transferred");
}

/// Sends `event` to the page, with `bytes` beside it.
pub fn post_with(event: &Event, bytes: &[u8]) {
    let header = Uint8Array::from(protocol::encode(event).as_slice());
    let payload = Uint8Array::from(bytes);
    scope()
        .post_message_with_transfer(&Array::of2(&header, &payload), &Array::of2(&header.buffer(), &payload.buffer()))
        .expect("bytes of their own buffers can be transferred");
}

/// Lets the browser run its other tasks for this worker, such as receiving messages from the page.
///
/// A message to oneself comes after those tasks. Unlike a timer, it is never throttled.
pub async fn breathe() {
    let channel = MessageChannel::new().expect("a worker has message channels");
    let arrived = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    channel.port2().post_message(&JsValue::NULL).expect("null can be sent");
    // This promise is never rejected.
    let _ = JsFuture::from(arrived).await;
    channel.port1().close();
}

/// Returns after `milliseconds`. Dropping the future cancels the timer.
pub async fn sleep(milliseconds: u32) {
    struct Timer(i32);

    impl Drop for Timer {
        fn drop(&mut self) {
            scope().clear_timeout_with_handle(self.0);
        }
    }

    let mut timer = None;
    let passed = Promise::new(&mut |resolve, _| {
        let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
        let handle = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        timer = handle.ok().map(Timer);
    });
    let _ = JsFuture::from(passed).await;
    drop(timer);
}

/// Calls `on_request` for each request and the file beside it, for the rest of the worker's life.
///
/// Requests that arrived while the wasm was loading come first. A message that is not a request of this build makes the
/// worker fail.
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
    // The boot script has kept earlier messages and dispatches them now.
    if let Ok(replay) = Reflect::get(&scope, &"replayWaiting".into())
        && let Ok(replay) = replay.dyn_into::<Function>()
    {
        replay.call0(&scope).expect("the boot script's replay only dispatches messages");
    }
}

/// The bytes of `blob`.
///
/// # Errors
/// The browser's error message, if the file cannot be read: it was moved or deleted, or reading is not permitted.
pub async fn read_blob(blob: &Blob) -> Result<Vec<u8>, String> {
    match JsFuture::from(blob.array_buffer()).await {
        Ok(buffer) => Ok(Uint8Array::new(&buffer).to_vec()),
        Err(error) => Err(super::describe(&error)),
    }
}
