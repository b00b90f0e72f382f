//! Time that is skipped while somebody waits, and real while something is on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// The clock of the runtime that a test runs on.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    skips: Arc<AtomicBool>,
}

impl Clock {
    /// From now on time jumps to whatever is due next.
    pub fn skip(&self) {
        if !self.skips.swap(true, SeqCst) {
            tokio::time::pause();
        }
    }

    /// Time passes as it does.
    pub fn run(&self) {
        if self.skips.swap(false, SeqCst) {
            tokio::time::resume();
        }
    }
}
