//! How much of a download has arrived, and how fast.

use crate::protocol::Part;

/// How much of `part` has arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The part that is being downloaded.
    pub part: Part,
    /// The bytes that have arrived.
    pub received_bytes: u64,
    /// All bytes, if the server says how many.
    pub total_bytes: Option<u64>,
    /// The mean rate since the first bytes; none before the second message.
    pub bytes_per_sec: Option<f64>,
    /// The time of the first message in milliseconds, and its bytes.
    first: (f64, u64),
}

impl Progress {
    /// The progress once the worker has counted `received_bytes` of `part`. `at_ms` is the page's clock.
    pub fn after(before: Option<Self>, part: Part, received_bytes: u64, total_bytes: Option<u64>, at_ms: f64) -> Self {
        match before {
            Some(before) if before.part == part => {
                let (first_ms, first_bytes) = before.first;
                let elapsed_secs = (at_ms - first_ms) / 1000.0;
                let fresh_bytes = received_bytes.saturating_sub(first_bytes) as f64;
                let bytes_per_sec = (elapsed_secs > 0.0).then(|| fresh_bytes / elapsed_secs);
                Self { received_bytes, total_bytes, bytes_per_sec, ..before }
            }
            // The parts come one after another, so a count of an earlier part is stale.
            Some(before) if before.part > part => before,
            _ => Self { part, received_bytes, total_bytes, bytes_per_sec: None, first: (at_ms, received_bytes) },
        }
    }
}
