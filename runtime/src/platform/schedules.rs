//! Tasks under `shuttle`, which chooses who runs next. Time stands still.

use std::ops::Add;
use std::time::Duration;

use crate::error::Error;

pub(crate) use std::time::SystemTime;

/// Nobody waits that long.
pub(crate) const LONGEST_SLEEP: Duration = Duration::MAX;

/// The only moment there is.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Instant;

impl Instant {
    pub(crate) fn now() -> Instant {
        Instant
    }

    #[expect(clippy::unused_self, reason = "as other clocks have it")]
    pub(crate) fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    #[expect(clippy::unused_self, reason = "as other clocks have it")]
    pub(crate) fn saturating_duration_since(self, _earlier: Instant) -> Duration {
        Duration::ZERO
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, _time: Duration) -> Instant {
        self
    }
}

/// Starts tasks.
pub(crate) struct Spawner;

impl Spawner {
    #[expect(clippy::unnecessary_wraps, reason = "there may be no runtime elsewhere")]
    pub(crate) fn new() -> Result<Spawner, Error> {
        Ok(Spawner)
    }

    #[expect(clippy::unused_self, reason = "other spawners know their runtime")]
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(shuttle::future::spawn(task));
    }
}

/// It never ends, as time does not pass.
pub(crate) async fn sleep(_time: Duration) {
    std::future::pending::<()>().await;
}
