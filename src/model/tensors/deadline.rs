//! A limit to the wait for a device, since a browser's GPU can stop answering without an error.
//!
//! Nothing below the engine reads a clock. So the worker provides a [way to wait for a second](count_seconds). Without
//! it, as in native programs, there is no limit.

use burn::backend::ExecutionError;
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    task::Poll,
};

/// The least limit, in seconds. A driver may take a good part of it to compile kernels.
const LEAST_SECS: u32 = 60;

/// The limit is at least this many times the longest wait so far, so that a slow device does not count as dead.
const TIMES_LONGEST: u32 = 20;

/// A future that is ready after a second.
pub type Second = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static SECOND: RefCell<Option<Rc<dyn Fn() -> Second>>> = const { RefCell::new(None) };
    static LONGEST_SECS: Cell<u32> = const { Cell::new(0) };
    static HAS_PASSED: Cell<bool> = const { Cell::new(false) };
}

/// Limits all later waits for a device on this thread. `second` returns a future that is ready after a second.
///
/// The limit is counted in single seconds. So the time for which a computer sleeps counts as one second.
pub fn count_seconds(second: impl Fn() -> Second + 'static) {
    SECOND.with(|known| *known.borrow_mut() = Some(Rc::new(second)));
}

/// Whether a wait for a device has reached its limit on this thread.
pub fn has_passed() -> bool {
    HAS_PASSED.get()
}

/// The output of `answer`, if it comes within the limit.
///
/// # Errors
/// If the limit passes first.
pub async fn in_time<T>(answer: impl Future<Output = T>) -> Result<T, ExecutionError> {
    let Some(second) = SECOND.with(|known| known.borrow().clone()) else { return Ok(answer.await) };
    let limit_secs = LEAST_SECS.max(TIMES_LONGEST * LONGEST_SECS.get());
    let mut answer = pin!(answer);
    for secs in 0..limit_secs {
        let mut passing = second();
        let answered = poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => passing.as_mut().poll(context).map(|()| None),
        });
        if let Some(answer) = answered.await {
            LONGEST_SECS.set(LONGEST_SECS.get().max(secs));
            return Ok(answer);
        }
    }
    HAS_PASSED.set(true);
    Err(ExecutionError::WithContext { reason: format!("it has not answered for {limit_secs} seconds") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds that pass at once, and their count.
    fn quick_seconds() -> Rc<Cell<u32>> {
        let count = Rc::new(Cell::new(0));
        let counted = count.clone();
        count_seconds(move || {
            let counted = counted.clone();
            Box::pin(async move { counted.set(counted.get() + 1) })
        });
        count
    }

    #[test]
    fn a_device_that_never_answers_is_given_up_after_the_limit() {
        let passed = quick_seconds();
        let waited = pollster::block_on(in_time(std::future::pending::<()>()));
        let reason = waited.expect_err("nobody answers").to_string();
        assert!(reason.contains("has not answered for 60 seconds"), "{reason}");
        assert_eq!((passed.get(), has_passed()), (60, true));
    }

    #[test]
    fn a_slow_device_is_waited_for_in_proportion_to_how_slow_it_was() {
        let passed = quick_seconds();
        let after = |secs| {
            let (passed, end) = (passed.clone(), passed.get() + secs);
            in_time(poll_fn(move |_| if passed.get() >= end { Poll::Ready(end) } else { Poll::Pending }))
        };
        assert!(pollster::block_on(after(50)).is_ok());
        assert!(pollster::block_on(after(900)).is_ok(), "below twenty times fifty seconds");
    }

    #[test]
    fn without_seconds_there_is_no_limit() {
        SECOND.with(|known| *known.borrow_mut() = None);
        assert_eq!(pollster::block_on(in_time(std::future::ready(7))).ok(), Some(7));
    }
}
