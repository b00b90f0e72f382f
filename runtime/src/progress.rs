//! How far a body is, on its way up or down.

use std::sync::Arc;

use crate::guard::guarded;
use crate::platform::{MaybeSend, MaybeSync};

/// How far a body is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes went over the wire so far.
    pub bytes: u64,
    /// How many there are in all, if that is known.
    pub total: Option<u64>,
}

impl Progress {
    /// How much of the whole that is, from 0 to 1, if it is known how much there is.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        // Nobody sees the difference beyond 53 bits.
        #[allow(clippy::cast_precision_loss)]
        Some((self.bytes as f64 / total as f64).min(1.0))
    }
}

/// Whoever wants to know how far a body is on its way up. It travels with the call, so it moves between threads in a browser
/// as well.
#[derive(Clone)]
pub(crate) struct Telling(Arc<dyn Fn(Progress) + Send + Sync>);

impl Telling {
    pub(crate) fn new(call: impl Fn(Progress) + Send + Sync + 'static) -> Telling {
        Telling(Arc::new(call))
    }

    /// Tells it. A panic there stays there.
    pub(crate) fn tell(&self, progress: Progress) {
        let _ = guarded(|| (self.0)(progress));
    }
}

/// Whoever wants to know how far a body is on its way down.
pub(crate) struct Watching(Box<dyn Watch>);

trait Watch: MaybeSend + MaybeSync {
    fn see(&self, progress: Progress);
}

impl<F: Fn(Progress) + MaybeSend + MaybeSync> Watch for F {
    fn see(&self, progress: Progress) {
        self(progress);
    }
}

impl Watching {
    pub(crate) fn new(call: impl Fn(Progress) + MaybeSend + MaybeSync + 'static) -> Watching {
        Watching(Box::new(call))
    }

    /// Tells it. A panic there stays there.
    pub(crate) fn tell(&self, progress: Progress) {
        let _ = guarded(|| self.0.see(progress));
    }
}
