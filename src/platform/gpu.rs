//! Asks the browser for a WebGPU adapter before Burn does, because Burn can panic without one.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Why there is no adapter; each displays as a clause that follows "CPU, because".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// WebGPU needs a secure context.
    #[error("browsers offer WebGPU only over https")]
    Insecure,
    /// The browser does not know WebGPU.
    #[error("this browser has no WebGPU")]
    Unknown,
    /// The browser has no adapter at the moment.
    #[error("the browser offers no WebGPU adapter")]
    NoneOffered,
    /// The request failed, with the browser's error message.
    #[error("the browser refused a WebGPU adapter ({0})")]
    Refused(String),
}

/// The description of the browser's adapter, which may be empty.
///
/// Works in a worker and in a page. WebGPU is accessed by name, because its web-sys types are unstable.
///
/// # Errors
/// If there is no adapter.
pub async fn adapter() -> Result<String, AdapterError> {
    let scope: JsValue = js_sys::global().into();
    let navigator = property(&scope, "navigator");
    let gpu = property(&navigator, "gpu");
    if gpu.is_undefined() || gpu.is_null() {
        return Err(if property(&scope, "isSecureContext").is_falsy() {
            AdapterError::Insecure
        } else {
            AdapterError::Unknown
        });
    }
    let adapter = request_adapter(&gpu).await.map_err(|error| AdapterError::Refused(super::describe(&error)))?;
    if adapter.is_null() || adapter.is_undefined() {
        return Err(AdapterError::NoneOffered);
    }
    Ok(describe_adapter(&property(&adapter, "info")))
}

/// Why the GPU has failed, in the browser's words; none while it works.
///
/// Burn does not report a lost device, so the worker's boot script watches it.
pub fn lost() -> Option<String> {
    property(&js_sys::global(), "lostDevice").as_string()
}

async fn request_adapter(gpu: &JsValue) -> Result<JsValue, JsValue> {
    let request: Function = Reflect::get(gpu, &"requestAdapter".into())?.dyn_into()?;
    // The same preference as wgpu has, so that both get the same adapter.
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into())?;
    let promise: Promise = request.call1(gpu, &options)?.dyn_into()?;
    JsFuture::from(promise).await
}

/// Browsers fill in different parts of `GPUAdapterInfo`. Chromium leaves `description` empty by default.
fn describe_adapter(info: &JsValue) -> String {
    let part = |name| property(info, name).as_string().unwrap_or_default();
    let description = part("description");
    if !description.is_empty() {
        return description;
    }
    let parts = [part("vendor"), part("architecture")];
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// `object.name`, or undefined if there is no such object or property.
fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
