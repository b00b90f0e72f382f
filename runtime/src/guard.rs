//! Keeps a panic in user code where it happened.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::PoisonError;

use crate::sync::{Mutex, MutexGuard};

/// That user code panicked.
#[derive(Debug, PartialEq)]
pub(crate) struct Panicked;

/// Runs user code; a panic comes back as an error.
pub(crate) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, Panicked> {
    // What user code had in hand is dropped with it and not looked at again.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        // What it panicked with is user code's, too, and may panic when it is dropped.
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(another);
        }
        Panicked
    })
}

/// Awaits user code; a panic comes back as an error.
pub(crate) async fn guarded_future<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| match guarded(|| future.as_mut().poll(context)) {
        Ok(poll) => poll.map(Ok),
        Err(panicked) => std::task::Poll::Ready(Err(panicked)),
    })
    .await
}

/// Locks a mutex. No user code runs under the locks of this crate, so what a panic left behind is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
