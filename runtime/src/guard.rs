//! Keeps a panic in user code where it happened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll};

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

/// Awaits user code; a panic comes back as an error. When that code's future is dropped, a panic there stays there.
pub(crate) struct GuardedFuture<F>(Option<Pin<Box<F>>>);

pub(crate) fn guarded_future<F: Future>(future: F) -> GuardedFuture<F> {
    GuardedFuture(Some(Box::pin(future)))
}

impl<F: Future> Future for GuardedFuture<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else { return Poll::Ready(Err(Panicked)) };
        let output = match guarded(|| future.as_mut().poll(context)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panicked) => Err(panicked),
        };
        let _ = guarded(|| drop(self.0.take()));
        Poll::Ready(output)
    }
}

impl<F> Drop for GuardedFuture<F> {
    fn drop(&mut self) {
        let _ = guarded(|| drop(self.0.take()));
    }
}

/// Locks a mutex. No user code runs under the locks of this crate, so what a panic left behind is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
