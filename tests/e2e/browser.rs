//! Starts Chromium and speaks its own protocol with it, through two pipes.
//!
//! There is no driver and no socket in between. The browser ends by itself when this process ends for any reason.

use crate::scratch;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    env, fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The longest wait for any condition. A cold start of the worker on two busy cores takes most of a minute.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// The kind of browser that the visitor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// With WebGPU, through SwiftShader.
    WebGpu,
    /// With WebGPU switched off.
    WithoutWebGpu,
    /// As visitors have it: hidden tabs are slowed down.
    Throttled,
}

/// Flags for a browser without a screen, a sandbox or background downloads.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
];

/// Flags for a browser that does not slow down hidden tabs. Most tests need not care about that.
const UNTHROTTLED: [&str; 3] = [
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
];

/// A name of this machine. Browsers trust `127.0.0.1`, but not this name.
pub const FOREIGN_HOST: &str = "tenfold.test";

/// A running browser.
pub struct Browser {
    requests: Mutex<Requests>,
    inbox: Arc<Inbox>,
    _process: Child,
}

struct Requests {
    pipe: ChildStdin,
    last_id: u64,
}

/// The browser's messages that no test has taken yet.
#[derive(Default)]
struct Inbox {
    content: Mutex<Content>,
    arrival: Condvar,
}

#[derive(Default)]
struct Content {
    replies: HashMap<u64, Value>,
    events: Vec<Message>,
    is_closed: bool,
}

/// A message that the browser sent without being asked.
#[derive(Clone, Debug)]
pub struct Message {
    pub method: String,
    pub parameters: Value,
}

static BROWSERS: Mutex<Vec<(Kind, Arc<Browser>)>> = Mutex::new(Vec::new());

impl Browser {
    /// The browser of this kind. It is started once.
    pub fn shared(kind: Kind) -> Arc<Self> {
        let mut browsers = BROWSERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, browser)) = browsers.iter().find(|(other, _)| *other == kind) {
            return browser.clone();
        }
        let browser = Arc::new(Self::start(kind));
        browsers.push((kind, browser.clone()));
        browser
    }

    fn start(kind: Kind) -> Self {
        let program = env::var_os("CHROME").unwrap_or_else(|| "chromium".into());
        let scratch = scratch::folder();
        let profile = scratch.join(format!("browser-{kind:?}"));
        let log = fs::File::create(scratch.join(format!("browser-{kind:?}.log"))).expect("a log file");
        let webgpu: &[&str] = match kind {
            Kind::WebGpu | Kind::Throttled => &["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
            Kind::WithoutWebGpu => &["--disable-gpu", "--disable-features=WebGPU,WebGPUService"],
        };
        // The browser reads from file 3 and writes to file 4. The shell connects our two pipes to them.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >&2 </dev/null"])
            .arg(&program)
            .args(FLAGS)
            .args(webgpu)
            .args(if kind == Kind::Throttled { [].as_slice() } else { &UNTHROTTLED })
            .arg(format!("--host-resolver-rules=MAP {FOREIGN_HOST} 127.0.0.1"))
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let pipe = process.stdin.take().expect("piped");
        let replies = BufReader::new(process.stdout.take().expect("piped"));
        let inbox = Arc::new(Inbox::default());
        let filled = inbox.clone();
        std::thread::spawn(move || filled.fill(replies));
        Self { requests: Mutex::new(Requests { pipe, last_id: 0 }), inbox, _process: process }
    }

    /// Makes the browser run `method` and returns the result. `session` names a page or a worker; without it the
    /// browser itself is meant.
    ///
    /// # Errors
    /// The browser's message, if it refuses.
    pub fn call(&self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value, String> {
        let mut request = json!({ "method": method, "params": parameters });
        if let Some(session) = session {
            request["sessionId"] = session.into();
        }
        let id = {
            let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.last_id += 1;
            request["id"] = requests.last_id.into();
            let sent = requests.pipe.write_all(format!("{request}\0").as_bytes()).and_then(|()| requests.pipe.flush());
            sent.map_err(|error| format!("the browser is gone: {error}"))?;
            requests.last_id
        };
        let reply = self.inbox.wait(PATIENCE + Duration::from_secs(10), |content| content.replies.remove(&id));
        let reply = reply.ok_or_else(|| format!("the browser did not answer {method}"))?;
        match reply.get("error") {
            Some(error) => Err(format!("{method}: {error}")),
            None => Ok(reply["result"].clone()),
        }
    }

    /// Waits for a message for which `wanted` gives a value, and takes it.
    pub fn wait_for<T>(&self, what: &str, mut wanted: impl FnMut(&Message) -> Option<T>) -> T {
        let found = self.inbox.wait(PATIENCE, |content| {
            let (index, found) =
                content.events.iter().enumerate().find_map(|(index, event)| Some((index, wanted(event)?)))?;
            content.events.remove(index);
            Some(found)
        });
        found.unwrap_or_else(|| panic!("the browser did not report {what}"))
    }

    /// The values that `wanted` gives for the messages so far. The messages stay for other calls.
    pub fn messages<T>(&self, wanted: impl FnMut(&Message) -> Option<T>) -> Vec<T> {
        let content = self.inbox.content.lock().unwrap_or_else(PoisonError::into_inner);
        content.events.iter().filter_map(wanted).collect()
    }

    /// Drops all messages, at the start of a test.
    pub fn forget_messages(&self) {
        self.inbox.content.lock().unwrap_or_else(PoisonError::into_inner).events.clear();
    }
}

impl Inbox {
    /// Reads messages, each ended by a zero byte, until the browser closes the pipe.
    fn fill(&self, mut pipe: impl BufRead) {
        let mut bytes = Vec::new();
        while matches!(pipe.read_until(0, &mut bytes), Ok(1..)) {
            bytes.pop();
            if let Ok(message) = serde_json::from_slice::<Value>(&bytes) {
                self.take(message);
            }
            bytes.clear();
        }
        self.content.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
        self.arrival.notify_all();
    }

    fn take(&self, mut message: Value) {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        match message["id"].as_u64() {
            Some(id) => {
                content.replies.insert(id, message);
            }
            None => content.events.push(Message {
                method: message["method"].as_str().unwrap_or_default().to_owned(),
                parameters: message["params"].take(),
            }),
        }
        self.arrival.notify_all();
    }

    /// The value that `taken` finds in the content, now or once it has arrived.
    fn wait<T>(&self, patience: Duration, mut taken: impl FnMut(&mut Content) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = taken(&mut content) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if content.is_closed || left.is_zero() {
                return None;
            }
            (content, _) = self.arrival.wait_timeout(content, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
