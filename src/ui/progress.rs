//! How far a download is, and how fast.

use crate::protocol::Part;

/// How much of `part` has arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What is on its way.
    pub part: Part,
    /// What has arrived.
    pub received_bytes: u64,
    /// All of it, where the server says.
    pub total_bytes: Option<u64>,
    /// Mean rate since the first bytes; none until there are two moments to tell it from.
    pub bytes_per_sec: Option<f64>,
    /// When the first bytes came, and how many.
    first: (f64, u64),
}

impl Progress {
    /// The progress once the worker has counted `received_bytes` of `part`, at `at_ms` of the page's clock.
    pub fn after(before: Option<Self>, part: Part, received_bytes: u64, total_bytes: Option<u64>, at_ms: f64) -> Self {
        match before {
            Some(before) if before.part == part => {
                let (first_ms, first_bytes) = before.first;
                let elapsed_secs = (at_ms - first_ms) / 1000.0;
                let fresh_bytes = received_bytes.saturating_sub(first_bytes) as f64;
                let bytes_per_sec = (elapsed_secs > 0.0).then(|| fresh_bytes / elapsed_secs);
                Self { received_bytes, total_bytes, bytes_per_sec, ..before }
            }
            // Each part is asked for by the one before, so a count of that which comes later is stale.
            Some(before) if before.part > part => before,
            _ => Self { part, received_bytes, total_bytes, bytes_per_sec: None, first: (at_ms, received_bytes) },
        }
    }
}
