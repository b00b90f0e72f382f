//! Whoever is to be told when something was published: tasks that wait, callbacks, parts that are selected.

use std::sync::{Arc, Weak};
use std::task::Waker;

use crate::guard::{guarded, lock};
use crate::platform::{MaybeSend, MaybeSync};
use crate::sync::Mutex;

/// Is told that something was published, outside every lock and one at a time. May run user code.
pub(crate) trait Listener: MaybeSend + MaybeSync {
    fn notify(&self);
}

/// Whoever is to be told, in the order in which they came. They are held weakly: whoever wants to hear keeps its listener.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<Vec<Weak<dyn Listener>>>);

impl Listeners {
    pub(crate) fn add(&self, listener: Weak<dyn Listener>) {
        let mut all = lock(&self.0);
        if all.len() == all.capacity() {
            all.retain(|listener| listener.strong_count() > 0);
        }
        all.push(listener);
    }

    /// Takes out those that are gone, and one that is still there.
    pub(crate) fn remove(&self, listener: &Weak<dyn Listener>) {
        lock(&self.0).retain(|other| other.strong_count() > 0 && !is_same(other, listener));
    }

    pub(crate) fn notify(&self) {
        let all = {
            let mut all = lock(&self.0);
            all.retain(|listener| listener.strong_count() > 0);
            all.clone()
        };
        for listener in all {
            // Looked up only now: one that an earlier one dropped is not told any more.
            let Some(listener) = listener.upgrade() else { continue };
            let _ = guarded(|| listener.notify());
            // It may be the last to hold what user code gave.
            let _ = guarded(|| drop(listener));
        }
    }
}

fn is_same(one: &Weak<dyn Listener>, other: &Weak<dyn Listener>) -> bool {
    // The same object may be seen through different tables of functions.
    std::ptr::addr_eq(one.as_ptr(), other.as_ptr())
}

/// A function that is called each time.
pub(crate) struct Call<F>(pub(crate) F);

impl<F: Fn() + MaybeSend + MaybeSync> Listener for Call<F> {
    fn notify(&self) {
        (self.0)();
    }
}

/// The task that waits, if there is one. At most one does at a time.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Option<Waker>>);

impl Waiting {
    /// Remembers whom to wake. Whoever waits looks afterwards whether what it waits for has happened, so that nothing is lost.
    pub(crate) fn register(&self, waker: &Waker) {
        // Wakers come from the application's runtime: they are copied and dropped outside the lock.
        let waker = waker.clone();
        let before = lock(&self.0).replace(waker);
        drop(before);
    }
}

impl Listener for Waiting {
    fn notify(&self) {
        let waker = lock(&self.0).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A registration of a callback. Dropping it ends the calls.
///
/// A callback of a watcher keeps the watcher's subscription for as long as it is registered.
#[must_use = "dropping it ends the calls"]
pub struct CallbackGuard(#[expect(dead_code, reason = "held so that it hears")] Arc<dyn Listener>);

impl CallbackGuard {
    pub(crate) fn new(listener: Arc<dyn Listener>) -> Self {
        Self(listener)
    }
}

impl std::fmt::Debug for CallbackGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackGuard")
    }
}
