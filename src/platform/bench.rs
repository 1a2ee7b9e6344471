//! The functions that the page offers to benchmark programs with `?benchmark`.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

pub use js_sys::Promise;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::{domain::CLASS_COUNT, protocol::benchmark::Timings};

/// Promises for the worker's answers. Answers come in the order of the requests.
#[derive(Clone, Default)]
pub struct Answers(Rc<RefCell<VecDeque<(Function, Function)>>>);

impl Answers {
    /// A new promise, for the next answer.
    pub fn promise(&self) -> Promise {
        Promise::new(&mut |resolve, reject| self.0.borrow_mut().push_back((resolve, reject)))
    }

    /// Settles the oldest promise with `answer`.
    pub fn settle(&self, answer: Result<&Timings, &str>) {
        let Some((resolve, reject)) = self.0.borrow_mut().pop_front() else { return };
        // Resolving a promise throws nothing.
        let _ = match answer {
            Ok(timings) => resolve.call1(&JsValue::NULL, &object(timings)),
            Err(reason) => reject.call1(&JsValue::NULL, &reason.into()),
        };
    }
}

/// Offers `function` as `window.name`. Callers pass an object of options.
pub fn offer(name: &str, function: impl Fn(Options) -> Promise + 'static) {
    let function = Closure::<dyn Fn(JsValue) -> Promise>::new(move |options| function(Options(options)));
    offer_value(name, &function.into_js_value());
}

/// Offers `value` as `window.name`.
pub fn offer_value(name: &str, value: &JsValue) {
    Reflect::set(&js_sys::global(), &name.into(), value).expect("a window takes properties");
}

/// The options object of a call.
pub struct Options(JsValue);

impl Options {
    /// The option `name` as a number; `default` if it is missing.
    pub fn number(&self, name: &str, default: u32) -> u32 {
        self.get(name).as_f64().map_or(default, |number| number as u32)
    }

    /// The option `name` as a boolean; `default` if it is missing.
    pub fn is(&self, name: &str, default: bool) -> bool {
        self.get(name).as_bool().unwrap_or(default)
    }

    /// Whether the option `name` is the text `value`.
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.get(name).as_string().as_deref() == Some(value)
    }

    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED)
    }
}

/// A promise, already resolved, of an object with one property.
pub fn promise_of(name: &str, value: &str) -> Promise {
    let object = Object::new();
    Reflect::set(&object, &name.into(), &value.into()).expect("an object takes properties");
    future_to_promise(async move { Ok(object.into()) })
}

/// A promise of the time at which `promise` is resolved, in milliseconds since the page was requested.
pub fn time_of(promise: Promise) -> Promise {
    future_to_promise(async move {
        JsFuture::from(promise).await?;
        Ok(super::clock::now_ms().into())
    })
}

fn object(timings: &Timings) -> Object {
    let numbers = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(JsValue::from).collect::<Array>();
    let object = Object::new();
    let milliseconds = numbers(&mut timings.milliseconds.iter().copied());
    let losses = numbers(&mut timings.losses.iter().map(|&loss| loss.into()));
    let logits = numbers(&mut timings.logits.iter().map(|&logit| logit.into()));
    let bytes = |count: u64| JsValue::from(count as f64);
    // The names that benchmark programs use.
    for (name, value) in [
        ("msPerStep", milliseconds.clone().into()),
        ("ms", milliseconds.into()),
        ("losses", losses.into()),
        ("logits0", logits.slice(0, CLASS_COUNT as u32).into()),
        ("logits", logits.into()),
        ("wasmBytes", bytes(timings.memory.wasm_bytes)),
        ("gpuBytes", bytes(timings.memory.gpu_bytes)),
    ] {
        Reflect::set(&object, &name.into(), &value).expect("an object takes properties");
    }
    object
}
