//! Structural sharing: while a response is decoded, what stands in it as it stood in the one before is not decoded again.
//!
//! [`Part`](crate::Part) asks here for each of its texts. The parts from before are known by where they stand in the body
//! from before, so what is kept of a part beyond its value are two numbers. Nothing here depends on the types of parts.

mod index;
mod pool;

use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bytes::Bytes;

use crate::query::Value;
use pool::{Look, Pool};

/// The parts that stand directly in a body, or in a part, in their order.
#[derive(Default)]
struct Level(Vec<Record>);

/// One part.
#[derive(Clone)]
struct Record {
    /// Where its text begins, counted from the beginning of what is around it.
    start: u32,
    /// How long its text is, in bytes.
    size: u32,
    value: Value,
    /// The parts within it.
    inner: Option<Arc<Level>>,
}

/// A body that was decoded, with its parts; empty before the first.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    body: Bytes,
    level: Arc<Level>,
}

thread_local! {
    static POOL: RefCell<Option<Pool>> = const { RefCell::new(None) };
    static WANTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `decode`, which reads `body`. Parts that stood in the previous body are taken from there; gives all parts of `body`,
/// if it has any.
pub(crate) fn sharing<R>(body: &Bytes, previous: &Parts, decode: impl FnOnce() -> R) -> (R, Option<Arc<Parts>>) {
    let active = Active::new(Some(Pool::new(body.clone(), previous.clone())));
    let result = decode();
    let parts = with_pool(Pool::finish).flatten();
    drop(active);
    (result, parts)
}

/// Runs `decode` without parts: what it reads is not the text of a body.
pub(crate) fn suspended<R>(decode: impl FnOnce() -> R) -> R {
    let _wanted = Wanted::set(false);
    decode()
}

/// Whether the text of a part is asked for.
pub(crate) fn are_wanted() -> bool {
    WANTED.get() && with_pool(Pool::takes_more).unwrap_or(false)
}

/// What is known of a part before it is decoded.
pub(crate) enum Entered {
    Known(Value),
    New(Opened),
}

/// Looks a part up by its text. One that is new is open until the [`Opened`] is gone.
pub(crate) fn enter(text: &str, ty: TypeId) -> Entered {
    match with_pool(|pool| pool.enter(text, ty)) {
        Some(Look::Known(value)) => Entered::Known(value),
        Some(Look::New(depth)) => Entered::New(Opened { depth: Some(depth), _wanted: Wanted::set(true) }),
        // What is in a text from elsewhere is from elsewhere, too.
        Some(Look::Elsewhere) | None => Entered::New(Opened { depth: None, _wanted: Wanted::set(false) }),
    }
}

/// A part that is being decoded. If it fails or panics, it is as if it had not been there.
pub(crate) struct Opened {
    /// How many parts are around it; `None` when it is not in the body.
    depth: Option<usize>,
    _wanted: Wanted,
}

impl Opened {
    /// Keeps the value for the next response.
    pub(crate) fn keep(self, value: Value) {
        if let Some(depth) = self.depth {
            with_pool(|pool| pool.keep(depth, value));
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let left = self.depth.and_then(|depth| with_pool(|pool| pool.leave(depth)));
        // Values are dropped here, where their code may decode again.
        drop(left);
    }
}

/// Works on the pool. User code never runs in `work`.
fn with_pool<R>(work: impl FnOnce(&mut Pool) -> R) -> Option<R> {
    POOL.with(|pool| pool.try_borrow_mut().ok()?.as_mut().map(work))
}

/// Has a pool in place while it lives, and then what was there before.
struct Active {
    before: Option<Pool>,
    _wanted: Wanted,
}

impl Active {
    fn new(pool: Option<Pool>) -> Active {
        let wanted = Wanted::set(pool.is_some());
        Active { before: swap(pool), _wanted: wanted }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        drop(swap(self.before.take()));
    }
}

fn swap(pool: Option<Pool>) -> Option<Pool> {
    POOL.with(|place| place.try_borrow_mut().ok().and_then(|mut place| std::mem::replace(&mut *place, pool)))
}

/// Says whether parts are wanted while it lives.
struct Wanted(bool);

impl Wanted {
    fn set(wanted: bool) -> Wanted {
        Wanted(WANTED.replace(wanted))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        WANTED.set(self.0);
    }
}

#[cfg(test)]
mod tests;
