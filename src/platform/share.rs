//! The share sheet of the device, which browsers of phones offer to pages.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

#[wasm_bindgen]
extern "C" {
    /// The browser's `File`.
    #[wasm_bindgen(js_name = File)]
    type NamedFile;

    #[wasm_bindgen(constructor, js_class = "File")]
    fn new(parts: &Array, name: &str, options: &Object) -> NamedFile;

    #[wasm_bindgen(js_namespace = navigator, js_name = canShare, catch)]
    fn can_share(data: &Object) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_namespace = navigator, catch)]
    async fn share(data: &Object) -> Result<JsValue, JsValue>;
}

/// Whether this browser shares pictures.
pub fn takes_pictures() -> bool {
    // A browser that shares nothing has no such function.
    can_share(&shared(&JsValue::from_str(""), "picture.png")).unwrap_or(false)
}

/// Opens the share sheet with the picture `png`. Nothing happens if the visitor closes it.
pub async fn picture(png: Blob, name: &str) {
    let _ = share(&shared(&png, name)).await;
}

/// What to share: a PNG of this name and content.
fn shared(content: &JsValue, name: &str) -> Object {
    let file = NamedFile::new(&Array::of1(content), name, &with("type", &"image/png".into()));
    with("files", &Array::of1(&file))
}

/// An object with one property.
fn with(name: &str, value: &JsValue) -> Object {
    let object = Object::new();
    Reflect::set(&object, &name.into(), value).expect("a new object takes properties");
    object
}
