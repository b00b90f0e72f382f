//! Tasks, timers and the clock of tokio.

use std::time::Duration;

use tokio::runtime::Handle;

use crate::error::Error;

pub(crate) use std::time::SystemTime;
pub(crate) use tokio::time::{Instant, sleep};

/// Longer sleeps than this are cut short. Whoever sleeps looks at the clock afterwards.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(365 * 24 * 3600);

/// Starts tasks.
pub(crate) struct Spawner(Handle);

impl Spawner {
    pub(crate) fn new() -> Result<Spawner, Error> {
        Handle::try_current().map(Spawner).map_err(|_| {
            Error::setup("a client must be made inside a tokio runtime, such as in a function under #[tokio::main]")
        })
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(task));
    }
}
