//! What differs between a native program and a browser: tasks, sleeping, clocks, and whether futures move between threads.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(all(test, larder_shuttle))]
mod schedules;
#[cfg(all(not(target_arch = "wasm32"), not(all(test, larder_shuttle))))]
mod tokio;
#[cfg(target_arch = "wasm32")]
mod web;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

#[cfg(not(target_arch = "wasm32"))]
pub use self::native::{BoxFuture, MaybeSend, MaybeSync};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::native::{BoxStream, random};
#[cfg(all(test, larder_shuttle))]
pub(crate) use self::schedules::{Instant, LONGEST_SLEEP, Spawner, SystemTime, sleep};
#[cfg(all(not(target_arch = "wasm32"), not(all(test, larder_shuttle))))]
pub(crate) use self::tokio::{Instant, LONGEST_SLEEP, Spawner, SystemTime, sleep};
#[cfg(target_arch = "wasm32")]
pub use self::web::{BoxFuture, MaybeSend, MaybeSync};
#[cfg(target_arch = "wasm32")]
pub(crate) use self::web::{
    BoxStream, HostListeners, Instant, LONGEST_SLEEP, Spawner, SystemTime, mind_host, random, sleep,
};

/// What a host reports of itself.
#[cfg(target_arch = "wasm32")]
pub(crate) enum HostEvent {
    Focused(bool),
    Online(bool),
}

/// The first of two futures to be ready.
pub(crate) enum First<A, B> {
    One(A),
    Other(B),
}

/// Awaits whichever is ready first, and drops the other. If both are, the first one counts.
pub(crate) async fn race<A: Future, B: Future>(one: A, other: B) -> First<A::Output, B::Output> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| {
        if let Poll::Ready(output) = one.as_mut().poll(context) {
            return Poll::Ready(First::One(output));
        }
        other.as_mut().poll(context).map(First::Other)
    })
    .await
}

/// Awaits a future, but no longer than the limit.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    match race(future, sleep(limit)).await {
        First::One(output) => Some(output),
        First::Other(()) => None,
    }
}
