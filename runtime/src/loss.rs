//! How much of a value its type could not hold.
//!
//! A union whose variants nothing tells apart takes the variant that loses least. What a decoder ignores it is told by
//! `serde_ignored`; what an enum or a union inside keeps as `Unknown` is noted here, by thread, while the value is read.

use std::cell::Cell;

thread_local! {
    static LOST: Cell<usize> = const { Cell::new(0) };
}

/// Notes that `count` values did not fit what the document describes.
pub(crate) fn note(count: usize) {
    LOST.with(|lost| lost.set(lost.get().saturating_add(count)));
}

/// Runs `read` and says what was noted meanwhile.
pub(crate) fn measured<T>(read: impl FnOnce() -> T) -> (T, usize) {
    let before = LOST.take();
    let value = read();
    (value, LOST.replace(before))
}
