//! Browsers: the page's event loop.

use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;

use crate::error::Error;

pub(crate) use web_time::{Instant, SystemTime};

/// A boxed future. Natively it is `Send`.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A boxed stream. Natively it is `Send`.
pub(crate) type BoxStream<T> = Pin<Box<dyn Stream<Item = T>>>;

/// `Send` natively. In a browser nothing moves between threads, so everything is.
pub trait MaybeSend {}
impl<T: ?Sized> MaybeSend for T {}

/// `Sync` natively. In a browser nothing is shared between threads, so everything is.
pub trait MaybeSync {}
impl<T: ?Sized> MaybeSync for T {}

/// Longer sleeps than this are cut short: a browser counts milliseconds in 31 bits. Whoever sleeps looks at the clock
/// afterwards.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_millis(i32::MAX as u64);

/// Starts tasks.
pub(crate) struct Spawner;

impl Spawner {
    #[expect(clippy::unnecessary_wraps, reason = "natively there may be no runtime")]
    pub(crate) fn new() -> Result<Spawner, Error> {
        Ok(Spawner)
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(task);
    }
}

pub(crate) async fn sleep(time: Duration) {
    // Rounding down would wake a little too early.
    let millis = time.min(LONGEST_SLEEP).as_nanos().div_ceil(1_000_000);
    gloo_timers::future::TimeoutFuture::new(u32::try_from(millis).unwrap_or(i32::MAX as u32)).await;
}
