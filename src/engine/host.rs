//! What the engine needs of the place where it runs: the line to the page, files, downloads, storage, and time.

use crate::protocol::{Event, Request};
use std::{
    future::{Future, poll_fn},
    ops::Range,
    pin::pin,
    task::Poll,
};

/// A request and the file that came beside it.
#[derive(Debug)]
pub struct Message<F> {
    /// What is asked.
    pub request: Request,
    /// The visitor's file.
    pub file: Option<F>,
}

/// Why a download failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// There is no such file there, or nobody answers: another place may have it.
    Absent(String),
    /// It began and broke off.
    Broken(String),
}

impl FetchFailure {
    /// Why, as a sentence for the visitor.
    pub fn into_reason(self) -> String {
        match self {
            Self::Absent(reason) | Self::Broken(reason) => reason,
        }
    }
}

/// A file that arrives in pieces; dropping it ends that.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Pieces {
    /// The length in bytes, where it is known.
    fn total_bytes(&self) -> Option<u64>;

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// If the file breaks off, as a sentence.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchFailure>;
}

/// The place where the engine runs: the browser's worker, or a test.
#[expect(async_fn_in_trait, reason = "called on one thread, natively and in the worker")]
pub trait Host {
    /// A file of the visitor's, its bytes unread.
    type File;
    /// A file on its way.
    type Pieces: Pieces;
    /// Something that only one worker may have, for as long as it lives.
    type Claim;

    /// Tells the page `event`.
    fn post(&self, event: Event);

    /// Tells the page `event`, with a file's `bytes` beside it.
    fn post_with(&self, event: Event, bytes: Vec<u8>);

    /// Milliseconds since some fixed moment.
    fn now_ms(&self) -> f64;

    /// The next message, once there is one; none when there will be no more.
    async fn receive(&self) -> Option<Message<Self::File>>;

    /// The next message, if it is there already.
    fn try_receive(&self) -> Option<Message<Self::File>>;

    /// Lets messages arrive that are waiting to.
    async fn breathe(&self);

    /// Returns after `milliseconds`.
    async fn sleep(&self, milliseconds: u32);

    /// Why the GPU computes no more, in the browser's words, if it was lost.
    fn lost_device(&self) -> Option<String>;

    /// The description of the WebGPU adapter, or, as a clause, why there is none.
    async fn adapter(&self) -> Result<String, String>;

    /// All bytes of the visitor's `file`.
    ///
    /// # Errors
    /// If it cannot be read: the system's own words.
    async fn read(&self, file: &Self::File) -> Result<Vec<u8>, String>;

    /// The visitor's `file`, called `name`, piece by piece.
    fn open(&self, name: &str, file: &Self::File) -> Self::Pieces;

    /// The file at `url`, piece by piece.
    ///
    /// # Errors
    /// If it does not begin.
    async fn fetch(&self, url: &str) -> Result<Self::Pieces, FetchFailure>;

    /// The size of the kept file `name`, in bytes; none if there is none.
    async fn kept_size(&self, name: &str) -> Option<u64>;

    /// The bytes in `range` of the kept file `name`; none if they are not there.
    async fn kept(&self, name: &str, range: Range<u64>) -> Option<Vec<u8>>;

    /// Keeps `parts`, one after the other, as the file `name`, or else what was kept before.
    ///
    /// # Errors
    /// If they are not kept: why, as a clause.
    async fn keep(&self, name: &str, parts: &[&[u8]]) -> Result<(), String>;

    /// Keeps the file `name` no longer.
    ///
    /// # Errors
    /// If it stays: why, as a clause.
    async fn forget(&self, name: &str) -> Result<(), String>;

    /// Takes `name` for this worker alone; none if another has it.
    ///
    /// # Errors
    /// If nothing can be kept here: why, as a clause.
    async fn claim(&self, name: &str) -> Result<Option<Self::Claim>, String>;
}

/// Which of two futures was ready first.
pub enum First<A, B> {
    /// The first one.
    A(A),
    /// The second one.
    B(B),
}

/// Waits for one of two futures and drops the other; the first one has precedence.
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
