//! When to fill the cache ahead of use.

use std::time::Duration;

/// When a prefetch sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prefetch {
    /// When there is no data, or it is stale.
    IfMissing,
    /// When there is no data, or it is stale, or older than this.
    IfOlderThan(Duration),
    /// In any case.
    Force,
}
