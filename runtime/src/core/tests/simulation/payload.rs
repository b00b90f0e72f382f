//! The data in the simulated cache: it knows which it is, and notices when the core drops it.

use std::cell::Cell;
use std::sync::Arc;

use crate::query::Value;

thread_local! {
    static IN_CORE: Cell<bool> = const { Cell::new(false) };
    static DROPPED: Cell<Option<u64>> = const { Cell::new(None) };
}

struct Payload(u64);

/// Dropping an application's data is its own code, and none of it runs while the cache is locked.
impl Drop for Payload {
    fn drop(&mut self) {
        if IN_CORE.get() {
            DROPPED.set(Some(self.0));
        }
    }
}

pub(super) fn value(serial: u64) -> Value {
    Arc::new(Payload(serial))
}

pub(super) fn serial(value: &Value) -> u64 {
    value.downcast_ref::<Payload>().map_or(0, |payload| payload.0)
}

/// Runs a piece of the core, and says which data was dropped by it, if any was.
pub(super) fn watched<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    DROPPED.set(None);
    IN_CORE.set(true);
    let result = work();
    IN_CORE.set(false);
    (result, DROPPED.get())
}

/// A panic may have left the core in the middle.
pub(super) fn forget() {
    IN_CORE.set(false);
}
