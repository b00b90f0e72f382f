//! Native programs: tokio.

use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use tokio::runtime::Handle;

use crate::error::Error;

pub(crate) use std::time::SystemTime;
pub(crate) use tokio::time::{Instant, sleep};

/// A boxed future. In a browser it need not be `Send`.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A boxed stream. In a browser it need not be `Send`.
pub(crate) type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

/// `Send`, except in a browser, where nothing moves between threads.
pub trait MaybeSend: Send {}
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Sync`, except in a browser, where nothing is shared between threads.
pub trait MaybeSync: Sync {}
impl<T: Sync + ?Sized> MaybeSync for T {}

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
