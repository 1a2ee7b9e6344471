//! A visitor's actions in a tab: drop, paste, choose, click, press keys.

use crate::{browser::PATIENCE, tab::Tab};
use serde_json::{Value, json};
use std::{path::Path, time::Instant};

impl Tab {
    /// Drags files or folders over the page and drops them, as from the system's file manager.
    pub fn drop_files(&self, paths: &[impl AsRef<Path>]) {
        let paths: Vec<_> = paths.iter().map(|path| path.as_ref().to_str().expect("a plain name")).collect();
        // `dragOperationsMask` 1: the file manager offers a copy.
        let data = json!({ "items": [], "files": paths, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.call("Input.dispatchDragEvent", json!({ "type": kind, "x": 640, "y": 300, "data": data }));
        }
    }

    /// The middle of the first element that `selector` finds, as `{ x, y }`. The element is scrolled into view.
    pub fn middle(&self, selector: &str) -> Value {
        self.evaluate(&format!(
            "(() => {{
                const element = document.querySelector({selector:?});
                element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                const box = element.getBoundingClientRect();
                return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }};
            }})()"
        ))
    }

    /// Drags texts over the first element that `selector` finds and drops them there, as from another page. Each text
    /// comes with its type.
    pub fn drop_texts(&self, selector: &str, texts: &[(&str, &str)]) {
        let place = self.middle(selector);
        let items: Vec<_> = texts.iter().map(|(kind, text)| json!({ "mimeType": kind, "data": text })).collect();
        let data = json!({ "items": items, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": place["x"], "y": place["y"], "data": data });
            self.call("Input.dispatchDragEvent", event);
        }
    }

    /// Copies a PNG into the clipboard and presses Ctrl+V.
    pub fn paste(&self, png: &[u8]) {
        let permissions = json!({
            "origin": self.server().origin(), "browserContextId": self.context,
            "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
        });
        self.browser.call(None, "Browser.grantPermissions", permissions).expect("the browser obeys");
        self.call("Page.bringToFront", json!({}));
        self.evaluate(&format!(
            "navigator.clipboard.write([new ClipboardItem({{
                'image/png': new Blob([new Uint8Array({png:?})], {{ type: 'image/png' }})
            }})])"
        ));
        let key = json!({
            "type": "keyDown", "key": "v", "code": "KeyV", "windowsVirtualKeyCode": 86, "modifiers": 2,
            "commands": ["paste"],
        });
        self.call("Input.dispatchKeyEvent", key);
    }

    /// Clicks the page's button for choosing pictures, and chooses `paths` in the dialogue.
    pub fn choose_files(&self, paths: &[impl AsRef<Path>]) {
        let paths: Vec<_> = paths.iter().map(|path| path.as_ref().to_str().expect("a plain name")).collect();
        self.call("Page.setInterceptFileChooserDialog", json!({ "enabled": true }));
        self.click("[data-action=choose]");
        let input = self.browser.wait_for("a dialogue for files", |message| {
            (message.method == "Page.fileChooserOpened").then(|| message.parameters["backendNodeId"].clone())
        });
        self.call("DOM.setFileInputFiles", json!({ "files": paths, "backendNodeId": input }));
    }

    /// Clicks the middle of the first element that `selector` finds. Clicks once more if the element moves away under the
    /// mouse, as a visitor would, because the page still arranges what has just come.
    pub fn click(&self, selector: &str) {
        let mouse = |kind: &str, place: &Value| {
            let event = json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        };
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            self.wait_until(&format!("{selector} to click"), &format!("document.querySelector({selector:?})"));
            let place = self.evaluate(&format!(
                "(() => {{
                    const element = document.querySelector({selector:?});
                    element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                    const box = element.getBoundingClientRect();
                    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                    window.pressed = undefined;
                    const press = event => window.pressed = document.querySelector({selector:?})?.contains(event.target);
                    addEventListener('mousedown', press, {{ capture: true, once: true }});
                    return {{ x, y, reached: element.contains(document.elementFromPoint(x, y)) }};
                }})()"
            ));
            assert_eq!(place["reached"], true, "something covers {selector}");
            mouse("mousePressed", &place);
            if self.evaluate("window.pressed") == true {
                mouse("mouseReleased", &place);
                return;
            }
            // Released elsewhere, the mouse clicks nothing.
            mouse("mouseReleased", &json!({ "x": 0, "y": 0 }));
        }
        panic!("{selector} does not stay under the mouse\n{}", self.describe());
    }

    /// Drags the first match of `selector` with the mouse, and drops it on the page above it.
    pub fn drag(&self, selector: &str) {
        let middle = self.evaluate(&format!(
            "(() => {{
                const element = document.querySelector({selector:?});
                element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                const box = element.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"
        ));
        let [x, y]: [f64; 2] = serde_json::from_value(middle).expect("two numbers");
        let mouse = |kind: &str, y: f64| {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        };
        mouse("mousePressed", y);
        // A drag begins after some pixels.
        for moved in [5.0, 10.0, 30.0, 60.0, 100.0] {
            mouse("mouseMoved", y - moved);
        }
        mouse("mouseReleased", y - 100.0);
    }

    /// Presses and releases the key of this name, such as `ArrowRight`.
    pub fn press(&self, key: &str) {
        // Only a key that types something has a text. Enter has one too, because a button needs it.
        let (code, text) = match key {
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            "ArrowUp" => (38, ""),
            "ArrowDown" => (40, ""),
            "Delete" => (46, ""),
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            other => panic!("{other} has no code here yet"),
        };
        let press = json!({ "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text, "type": "keyDown" });
        self.call("Input.dispatchKeyEvent", press);
        let release = json!({ "key": key, "code": key, "windowsVirtualKeyCode": code, "type": "keyUp" });
        self.call("Input.dispatchKeyEvent", release);
    }

    /// Runs JavaScript inside the page's worker.
    pub fn evaluate_in_worker(&self, expression: &str) {
        let worker = self.worker();
        self.browser
            .call(Some(&worker), "Runtime.evaluate", json!({ "expression": expression }))
            .expect("the worker obeys");
    }

    /// Destroys the page worker's GPU device, as a driver that crashes does.
    pub fn lose_the_gpu(&self) {
        let destroy = "function () { for (const device of this) device.destroy(); return this.length; }";
        let count = self.of_all(&self.worker(), "GPUDevice", destroy).as_u64();
        assert!(count.is_some_and(|count| count > 0), "the worker has a GPU to lose");
    }

    /// The result of `function`, whose `this` is the array of all objects of this `class` in a page or a worker.
    fn of_all(&self, session: &str, class: &str, function: &str) -> Value {
        let call =
            |method, parameters| self.browser.call(Some(session), method, parameters).expect("it is there and obeys");
        let prototype = call("Runtime.evaluate", json!({ "expression": format!("{class}.prototype") }));
        let objects = call("Runtime.queryObjects", json!({ "prototypeObjectId": prototype["result"]["objectId"] }));
        let request = json!({
            "objectId": objects["objects"]["objectId"], "functionDeclaration": function, "returnByValue": true,
        });
        let value = call("Runtime.callFunctionOn", request)["result"]["value"].take();
        call("Runtime.releaseObject", json!({ "objectId": objects["objects"]["objectId"] }));
        value
    }

    /// Ends the browser's GPU process, as its watchdog does if a submission takes too long.
    pub fn end_the_gpu_process(&self) {
        self.browser.call(None, "Browser.crashGpuProcess", json!({})).expect("the browser obeys");
    }

    /// The megabytes of the page and its `worker`: the memory of their wasm, and JavaScript's after a garbage
    /// collection.
    pub fn megabytes(&self, worker: &str) -> f64 {
        let bytes = [&self.session, worker].map(|session| {
            let sum = "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }";
            let wasm = self.of_all(session, "WebAssembly.Memory", sum).as_f64().expect("a number of bytes");
            assert!(wasm > 0.0, "it runs wasm");
            let usage = self.browser.call(Some(session), "Runtime.getHeapUsage", json!({})).expect("it obeys");
            let held =
                ["usedSize", "backingStorageSize"].map(|part| usage[part].as_f64().expect("the browser says it"));
            wasm + held[0] + held[1]
        });
        (bytes[0] + bytes[1]) / 1e6
    }

    /// The browser's session of the page's newest worker. It is told once.
    pub fn worker(&self) -> String {
        self.browser.wait_for("a worker", |message| {
            let is_worker = message.parameters["targetInfo"]["type"] == "worker";
            let attached = message.method == "Target.attachedToTarget" && is_worker;
            attached.then(|| message.parameters["sessionId"].as_str().unwrap_or_default().to_owned())
        })
    }
}
