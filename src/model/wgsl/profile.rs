//! The time that each kernel takes on the device, by timestamp queries. Only in builds with the feature `profile`.

use std::{cell::RefCell, future::Future, pin::Pin};

/// A time in milliseconds that the device has yet to report.
type Pending = Pin<Box<dyn Future<Output = Option<f64>>>>;

thread_local! {
    /// The kernels launched since [`begin`], by name. `None` while kernels are not timed.
    static LAUNCHES: RefCell<Option<Vec<(String, Pending)>>> = const { RefCell::new(None) };
}

/// Starts to time every kernel.
pub fn begin() {
    LAUNCHES.set(Some(Vec::new()));
}

/// Stops timing. Returns the kernels since [`begin`] in the order of their launches, each with its milliseconds.
pub async fn end() -> Vec<(String, f64)> {
    let mut times = Vec::new();
    for (name, time) in LAUNCHES.take().unwrap_or_default() {
        times.push((name, time.await.unwrap_or(f64::NAN)));
    }
    times
}

/// Whether kernels are timed.
pub(super) fn is_on() -> bool {
    LAUNCHES.with_borrow(Option::is_some)
}

/// Adds a launch to the list.
pub(super) fn note(name: String, time: impl Future<Output = Option<f64>> + 'static) {
    LAUNCHES.with_borrow_mut(|launches| launches.get_or_insert_default().push((name, Box::pin(time))));
}
