//! A tab of the browser with the page in it: it visits, looks, and waits for conditions.

use crate::{
    browser::{Browser, Kind, Message, PATIENCE},
    server::{Fault, Server},
};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The window of a desktop and of a phone, in CSS pixels.
pub const DESK: (u32, u32) = (1280, 900);
pub const PHONE: (u32, u32) = (390, 844);

/// Two cores serve one page at a time best, so tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A tab, closed when it is dropped. The first of several tabs has its own storage, which is deleted with it.
pub struct Tab {
    pub(crate) browser: Arc<Browser>,
    pub(crate) session: String,
    pub(crate) context: String,
    target: String,
    server: Arc<Server>,
    /// The turn at the browser, held by the first tab.
    turn: Option<MutexGuard<'static, ()>>,
}

impl Tab {
    /// An empty tab, and a server of the built page without faults.
    pub fn open(kind: Kind) -> Self {
        Self::open_with(kind, Vec::new())
    }

    /// An empty tab, and a server of the built page with `faults`.
    pub fn open_with(kind: Kind, faults: Vec<Fault>) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let browser = Browser::shared(kind);
        browser.forget_messages();
        let call = |method, parameters| browser.call(None, method, parameters).expect("the browser obeys");
        let text = |value: &Value| value.as_str().expect("an identifier").to_owned();
        let context = text(&call("Target.createBrowserContext", json!({}))["browserContextId"]);
        Self::open_in(browser, context, Arc::new(Server::start(faults)), Some(turn))
    }

    /// Another tab of the same page, with the same storage. It must be dropped before this one.
    pub fn beside(&self) -> Self {
        Self::open_in(self.browser.clone(), self.context.clone(), self.server.clone(), None)
    }

    fn open_in(
        browser: Arc<Browser>,
        context: String,
        server: Arc<Server>,
        turn: Option<MutexGuard<'static, ()>>,
    ) -> Self {
        let call = |method, parameters| browser.call(None, method, parameters).expect("the browser obeys");
        let text = |value: &Value| value.as_str().expect("an identifier").to_owned();
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = text(&call("Target.createTarget", target)["targetId"]);
        let session = call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        let session = text(&session["sessionId"]);
        let tab = Self { browser, session, context, target, server, turn };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "DOM.enable"] {
            tab.call(domain, json!({}));
        }
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        tab.call("Target.setAutoAttach", attach);
        tab.resize(DESK);
        tab
    }

    /// A tab in which the page is ready to classify on the CPU, which starts fastest.
    pub fn ready_on_cpu() -> Self {
        let tab = Self::open(Kind::WebGpu);
        tab.visit("?device=cpu");
        tab.wait_until_ready();
        assert_eq!(tab.attribute("data-device"), "cpu");
        tab
    }

    /// The server, whose behaviour a test can change.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Makes the browser run `method` in this tab.
    pub fn call(&self, method: &str, parameters: Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters).expect("the browser obeys")
    }

    /// Goes to the page, with `query` at the end of its address, and waits until it has painted.
    pub fn visit(&self, query: &str) {
        self.visit_address(&format!("{}{query}", self.server.address()));
    }

    /// Goes to this address, without waiting.
    pub fn go(&self, address: &str) {
        self.call("Page.navigate", json!({ "url": address }));
    }

    /// Runs `script` in each page that is visited from now on, before the page's own scripts.
    pub fn prepare(&self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Goes to the page at this address and waits until it has painted.
    pub fn visit_address(&self, address: &str) {
        let went = self.call("Page.navigate", json!({ "url": address }));
        assert!(went.get("errorText").is_none(), "{went}");
        self.wait_until("the page's own program runs", "document.documentElement.dataset.view");
    }

    /// Goes to one of the page's views by its link in the bar.
    pub fn show(&self, view: &str) {
        self.click(&format!(".views [href='#{view}']"));
        self.wait_until(view, &format!("document.documentElement.dataset.view === '{view}'"));
    }

    /// Waits until the network can answer. Fails at once with the page's words if it says that the network cannot.
    pub fn wait_until_ready(&self) {
        let phase = "document.documentElement.dataset.phase";
        self.wait_until("the network is there", &format!("['ready', 'failed'].includes({phase})"));
        assert_eq!(self.attribute("data-phase"), "ready", "{}", self.describe());
    }

    /// Puts another tab in front of this one, which is then hidden.
    pub fn hide(&self) {
        let call = |method, parameters| self.browser.call(None, method, parameters).expect("the browser obeys");
        let target = call("Target.createTarget", json!({ "url": "about:blank", "browserContextId": self.context }));
        call("Target.activateTarget", json!({ "targetId": target["targetId"] }));
        self.wait_until("a hidden page", "document.hidden");
    }

    /// Sets the size of the window, in CSS pixels.
    pub fn resize(&self, (width, height): (u32, u32)) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Lets the page keep at most `bytes` on the device, or as much as the browser allows.
    pub fn limit_storage(&self, bytes: Option<u64>) {
        let mut quota = json!({ "origin": self.server.origin() });
        if let Some(bytes) = bytes {
            quota["quotaSize"] = json!(bytes);
        }
        self.call("Storage.overrideQuotaForOrigin", quota);
    }

    /// Sets the system's preference to `light` or `dark`, and to reduced motion.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// The value of a JavaScript expression, awaited.
    pub fn evaluate(&self, expression: &str) -> Value {
        self.try_evaluate(expression).unwrap_or_else(|error| panic!("{error}\n{expression}"))
    }

    fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let request = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let answer = self.browser.call(Some(&self.session), "Runtime.evaluate", request)?;
        match answer.get("exceptionDetails") {
            Some(exception) => panic!("{exception}\n{expression}"),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// Waits until a JavaScript `condition` holds. If it never does, fails with what the page showed instead.
    pub fn wait_until(&self, what: &str, condition: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let watch = format!(
                "new Promise(resolve => {{
                    const end = performance.now() + {};
                    const look = () => {{
                        let holds = false;
                        try {{ holds = Boolean({condition}); }} catch {{ }}
                        if (holds || performance.now() > end) resolve(holds); else setTimeout(look, 20);
                    }};
                    look();
                }})",
                left.as_millis()
            );
            // An error means that the page was left in the meantime. The next page is watched then.
            match self.try_evaluate(&watch) {
                Ok(Value::Bool(true)) => return,
                _ if left.is_zero() => panic!("not seen: {what}\n{}", self.describe()),
                _ => {}
            }
        }
    }

    /// An attribute of the root element; empty if it is not set.
    pub fn attribute(&self, name: &str) -> String {
        let value = self.evaluate(&format!("document.documentElement.getAttribute('{name}') ?? ''"));
        value.as_str().expect("a string").to_owned()
    }

    /// The text of the first element that `selector` finds, as the visitor reads it.
    pub fn text(&self, selector: &str) -> String {
        let value = self.evaluate(&format!("document.querySelector({selector:?})?.innerText ?? ''"));
        value.as_str().expect("a string").trim().to_owned()
    }

    /// The sentences that are shown as alerts.
    pub fn alerts(&self) -> Vec<String> {
        let alerts = "[...document.querySelectorAll('[role=alert]')].map(alert => alert.innerText.trim())";
        let alerts = self.evaluate(&format!("{alerts}.filter(text => text)"));
        serde_json::from_value(alerts).expect("strings")
    }

    /// Waits for alerts to appear and gives the only one.
    pub fn only_alert(&self) -> String {
        self.wait_until("an alert", "[...document.querySelectorAll('[role=alert]')].some(alert => alert.innerText)");
        let mut alerts = self.alerts();
        assert_eq!(alerts.len(), 1, "one sentence, not {alerts:?}");
        alerts.remove(0)
    }

    /// The errors inside the page or its worker that nothing caught.
    pub fn uncaught(&self) -> Vec<Value> {
        let is_uncaught = |message: &Message| message.method == "Runtime.exceptionThrown";
        self.browser.messages(|message| is_uncaught(message).then(|| message.parameters.clone()))
    }

    /// The state of the page in words, for the message of a failing test.
    pub fn describe(&self) -> String {
        let shown = "({ root: document.documentElement.outerHTML.slice(0, 300), text: document.body.innerText })";
        let shown = match self.try_evaluate(shown) {
            Ok(shown) => shown,
            Err(error) => json!({ "root": format!("the page does not answer: {error}") }),
        };
        let mut words = format!("address: {}\nroot: {}\n", self.server.address(), shown["root"]);
        let _ = writeln!(words, "text: {}", shown["text"].as_str().unwrap_or_default());
        let console = self.browser.messages(|message| match message.method.as_str() {
            "Runtime.consoleAPICalled" => Some(message.parameters["args"].to_string()),
            "Runtime.exceptionThrown" | "Log.entryAdded" => Some(message.parameters.to_string()),
            _ => None,
        });
        let _ = writeln!(words, "console: {}", console.join("\n"));
        words
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // A browser that has ended has closed the tab already.
        let _ = match self.turn {
            Some(_) => {
                self.browser.call(None, "Target.disposeBrowserContext", json!({ "browserContextId": self.context }))
            }
            None => self.browser.call(None, "Target.closeTarget", json!({ "targetId": self.target })),
        };
    }
}
