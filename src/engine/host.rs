//! What the engine needs from its host: messages to and from the page, files, downloads, storage, and time.

use crate::{
    protocol::{Event, Request, RequestKind},
    shelf::Files,
};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

/// A download that brings no byte for this long has stalled.
pub(super) const STALL_MS: u32 = 30_000;

/// The longest wait that a server may ask for.
pub(super) const MOST_WAIT_SECS: u32 = 120;

/// How often a server may ask to wait.
pub(super) const MOST_WAITS: u32 = 5;

/// A request, and the file that came with it.
#[derive(Debug)]
pub struct Message<F> {
    /// The request.
    pub request: Request,
    /// The visitor's file.
    pub file: Option<F>,
}

/// Why a download failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// The file is not there, or the server does not answer. Another place may have it.
    Absent(String),
    /// The download began and broke off.
    Broken(String),
    /// The server asks for another request later.
    Later {
        /// The server's reason, as a sentence.
        reason: String,
        /// The wait that it asks for.
        wait_secs: u32,
    },
}

impl FetchFailure {
    /// The reason, as a sentence for the visitor.
    pub fn into_reason(self) -> String {
        match self {
            Self::Absent(reason) | Self::Broken(reason) | Self::Later { reason, .. } => reason,
        }
    }
}

/// Why there is no WebGPU adapter, as a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAdapter {
    /// Never in this browser.
    Never(String),
    /// Not now; another try may find one.
    NotNow(String),
}

/// A file that arrives in pieces. Dropping it ends the transfer.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Pieces {
    /// The length in bytes, if it is known. For a download, not before its first piece.
    fn total_bytes(&self) -> Option<u64>;

    /// The next bytes; `None` at the end. The future can be dropped and made anew: nothing is lost.
    ///
    /// # Errors
    /// If the file does not arrive, or breaks off.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchFailure>;
}

/// The host of the engine: the browser's worker, or a test.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Host {
    /// A visitor's file, not read yet.
    type File;
    /// A file that arrives in pieces.
    type Pieces: Pieces;
    /// The files that are kept on this device.
    type Files: Files;

    /// Sends `event` to the page.
    fn post(&self, event: Event);

    /// Sends `event` to the page, with a file's `bytes` beside it.
    fn post_with(&self, event: Event, bytes: Vec<u8>);

    /// Tells the page why the request `asked` was not carried out. `reason` is a sentence.
    fn refuse(&self, asked: RequestKind, reason: impl Into<String>) {
        self.post(Event::NotDone { asked, reason: reason.into() });
    }

    /// Shows the visitor `sentence`, which needs no answer.
    fn notice(&self, sentence: impl Into<String>) {
        self.post(Event::Notice { sentence: sentence.into() });
    }

    /// Milliseconds since a fixed moment.
    fn now_ms(&self) -> f64;

    /// The next message, when it arrives. `None` when no more can come.
    async fn receive(&self) -> Option<Message<Self::File>>;

    /// The next message, if it has arrived already.
    fn try_receive(&self) -> Option<Message<Self::File>>;

    /// Lets waiting messages arrive.
    async fn breathe(&self);

    /// Returns after `milliseconds`.
    async fn sleep(&self, milliseconds: u32);

    /// Why the GPU was lost, in the browser's words, if it was.
    fn lost_device(&self) -> Option<String>;

    /// The description of the WebGPU adapter, or why there is none.
    async fn adapter(&self) -> Result<String, NoAdapter>;

    /// All bytes of the visitor's `file`.
    ///
    /// # Errors
    /// If it cannot be read: the system's own words.
    async fn read(&self, file: &Self::File) -> Result<Vec<u8>, String>;

    /// The visitor's `file`, called `name`, piece by piece.
    fn open(&self, name: &str, file: &Self::File) -> Self::Pieces;

    /// The file at `url`, piece by piece. It is requested now, and the first piece shows whether it is there.
    fn fetch(&self, url: &str) -> Self::Pieces;

    /// The files that are kept on this device.
    fn files(&self) -> &Self::Files;

    /// A number that no other worker draws.
    fn unique(&self) -> u64;

    /// Milliseconds since 1970.
    fn unix_ms(&self) -> u64;
}

/// The output of whichever of two futures was ready first.
pub enum First<A, B> {
    /// The first one.
    A(A),
    /// The second one.
    B(B),
}

/// The whole file at `url`, of at most `limit_bytes`. After each piece `tell` is called with the bytes so far, and with
/// the total if it is known.
///
/// # Errors
/// If it does not arrive, breaks off, brings no byte for [`STALL_MS`], or is larger.
pub async fn download(
    host: &impl Host,
    url: &str,
    limit_bytes: usize,
    tell: impl Fn(u64, Option<u64>),
) -> Result<Vec<u8>, FetchFailure> {
    let mut waits = 0;
    loop {
        match attempt(host, url, limit_bytes, &tell).await {
            Err(FetchFailure::Later { wait_secs, .. }) if waits < MOST_WAITS && wait_secs <= MOST_WAIT_SECS => {
                waits += 1;
                host.sleep(wait_secs * 1000).await;
            }
            ended => return ended,
        }
    }
}

async fn attempt(
    host: &impl Host,
    url: &str,
    limit_bytes: usize,
    tell: impl Fn(u64, Option<u64>),
) -> Result<Vec<u8>, FetchFailure> {
    let mut pieces = host.fetch(url);
    let mut bytes = Vec::new();
    tell(0, None);
    loop {
        match first(pieces.next(), host.sleep(STALL_MS)).await {
            First::A(Ok(Some(piece))) if bytes.len() + piece.len() > limit_bytes => {
                let reason = format!("{url} is larger than the {limit_bytes} bytes that it may have.");
                return Err(FetchFailure::Broken(reason));
            }
            First::A(Ok(Some(piece))) => bytes.extend_from_slice(&piece),
            First::A(Ok(None)) => return Ok(bytes),
            First::A(Err(failure)) => return Err(failure),
            First::B(()) => {
                let reason = format!("No byte of {url} has arrived for {} seconds.", STALL_MS / 1000);
                return Err(FetchFailure::Broken(reason));
            }
        }
        tell(bytes.len() as u64, pieces.total_bytes());
    }
}

/// Waits for the first of two futures to be ready, and drops the other. If both are ready, `a` counts.
pub async fn first<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> First<A, B> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|context| {
        if let Poll::Ready(a) = a.as_mut().poll(context) {
            return Poll::Ready(First::A(a));
        }
        b.as_mut().poll(context).map(First::B)
    })
    .await
}

/// The error if the file `name` did not come with its request.
pub fn not_arrived(name: &str) -> String {
    format!("{name} did not arrive; drop it again.")
}
