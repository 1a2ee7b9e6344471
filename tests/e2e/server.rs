//! Serves the built page as a static host would, below a path of its own, and misbehaves when told to.
//!
//! Each request has its own connection and thread, so that a request that is held up does not delay another.

use crate::browser::FOREIGN_HOST;
use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The page's path on the host. The page's own addresses must be relative.
const BASE: &str = "/some/where/tenfold/";

/// A fault in serving one file. `file` is the end of its path.
#[derive(Clone, Debug)]
pub struct Fault {
    pub file: &'static str,
    pub kind: FaultKind,
}

/// The kind of a fault.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// The server answers that there is no such file.
    Missing,
    /// Another content comes instead.
    Instead(Vec<u8>),
    /// The content comes with one more header: `name: value`.
    Header(&'static str),
    /// Only the first half of the content comes, as if it were complete.
    Half,
    /// The first half comes at once, the second when [`Server::repair`] is called.
    Stuck,
}

/// A running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    dist: PathBuf,
    /// The folder of the files below `data/`; none if the host has none.
    data: Mutex<Option<PathBuf>>,
    faults: Mutex<Vec<Fault>>,
    repaired: Condvar,
    /// Whether the browser may keep the page. If not, each visit is a first one.
    lets_keep: AtomicBool,
    /// Whether the host cannot be reached at all.
    is_away: AtomicBool,
    is_stopped: AtomicBool,
}

impl Server {
    /// Serves the folder that `TENFOLD_DIST` names, with `faults`, at a free port of this machine.
    pub fn start(faults: Vec<Fault>) -> Self {
        let dist = env::var_os("TENFOLD_DIST").map(PathBuf::from);
        let dist = dist.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("dist"));
        assert!(dist.join("index.html").is_file(), "{}: build the page with `cargo xtask build`", dist.display());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(State {
            dist,
            data: Mutex::default(),
            faults: Mutex::new(faults),
            repaired: Condvar::new(),
            lets_keep: AtomicBool::new(false),
            is_away: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
        });
        let shared = state.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.is_stopped.load(Ordering::Relaxed) {
                    return;
                }
                let state = shared.clone();
                // The server ignores a browser that goes away in the middle of an answer.
                thread::spawn(move || connection.and_then(|connection| state.answer(connection)));
            }
        });
        Self { address, state }
    }

    /// The content of a file of the built page.
    pub fn content(&self, path: &str) -> Vec<u8> {
        self.state.read(path).unwrap_or_else(|| panic!("{path} is part of the built page"))
    }

    /// The folder of the built page.
    pub fn folder(&self) -> &Path {
        &self.state.dist
    }

    /// Serves with these faults from now on.
    pub fn break_with(&self, faults: Vec<Fault>) {
        *self.state.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// The page's address, with a slash at the end.
    pub fn address(&self) -> String {
        format!("{}{BASE}", self.origin())
    }

    /// The address without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The page's address under a name of this machine that browsers do not trust without https.
    pub fn untrusted_address(&self) -> String {
        self.address().replace("127.0.0.1", FOREIGN_HOST)
    }

    /// Serves the files in `folder` from now on. A host may do so, so that visitors can train without another server.
    pub fn serve_data(&self, folder: &Path) {
        *self.state.data.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder.to_owned());
    }

    /// Stops serving those files.
    pub fn serve_no_data(&self) {
        *self.state.data.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Lets the browser keep the page for use without a network connection.
    pub fn let_keep(&self) {
        self.state.lets_keep.store(true, Ordering::Relaxed);
    }

    /// Stops or starts answering requests.
    pub fn go_away(&self, away: bool) {
        self.state.is_away.store(away, Ordering::Relaxed);
    }

    /// Ends all faults.
    pub fn repair(&self) {
        self.state.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.state.repaired.notify_all();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.repair();
        self.state.is_stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections. It may have ended already.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn answer(&self, mut connection: TcpStream) -> io::Result<()> {
        let mut lines = BufReader::new(connection.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        // The headers are not needed.
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}

        let url = request.split(' ').nth(1).unwrap_or_default();
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let path = url.strip_prefix(BASE).filter(|path| !path.contains(".."));
        let path = path.map(|path| if path.is_empty() { "index.html" } else { path }).unwrap_or_default();
        if self.is_away.load(Ordering::Relaxed) {
            return Ok(());
        }
        if path == "service-worker.js" && !self.lets_keep.load(Ordering::Relaxed) {
            return send_missing(&mut connection);
        }
        let fault = self.fault_of(path);
        let content = match &fault {
            Some(FaultKind::Missing) => None,
            Some(FaultKind::Instead(other)) => Some(other.clone()),
            _ => self.read(path),
        };
        let Some(mut content) = content else { return send_missing(&mut connection) };
        let half = content.len() / 2;
        if let Some(FaultKind::Half) = fault {
            content.truncate(half);
        }
        let header = match fault {
            Some(FaultKind::Header(header)) => format!("{header}\r\n"),
            _ => String::new(),
        };
        // The browser must not keep the answer, so that it asks again when the page is visited after a fault.
        write!(
            connection,
            "HTTP/1.1 200 OK\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\n{header}connection: close\r\n\r\n",
            mime_type(path),
            content.len()
        )?;
        let (first, second) = content.split_at(if let Some(FaultKind::Stuck) = fault { half } else { content.len() });
        connection.write_all(first)?;
        if !second.is_empty() {
            let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            drop(self.repaired.wait_while(faults, |faults| !faults.is_empty()));
        }
        connection.write_all(second)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let file = match path.strip_prefix("data/") {
            Some(file) => self.data.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.join(file),
            None => self.dist.join(path),
        };
        fs::read(file).ok()
    }

    fn fault_of(&self, path: &str) -> Option<FaultKind> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.iter().find(|fault| path.ends_with(fault.file)).map(|fault| fault.kind.clone())
    }
}

fn send_missing(connection: &mut TcpStream) -> io::Result<()> {
    connection.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn mime_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript",
        "css" => "text/css",
        "wasm" => "application/wasm",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
