//! Browsers: the page's event loop.

use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use gloo_events::EventListener;
use web_sys::{EventTarget, VisibilityState};

use super::HostEvent;
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

/// 128 random bits. The standard library has none in a browser.
pub(crate) fn random() -> u128 {
    let bits = || (web_sys::js_sys::Math::random() * f64::from(u32::MAX)) as u128;
    (0..4).fold(0, |all, _| all << 32 | bits())
}

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

/// What listens to the page, for as long as it is held.
pub(crate) type HostListeners = Vec<EventListener>;

/// Reports the page's focus and connection. In a worker there is no page, and the host reports itself.
pub(crate) fn mind_host(report: impl Fn(HostEvent) + Clone + 'static) -> HostListeners {
    let Some(window) = web_sys::window() else { return Vec::new() };
    report(HostEvent::Online(window.navigator().on_line()));
    // A page may be opened in the background.
    if !is_visible() {
        report(HostEvent::Focused(false));
    }
    let listen = |target: &EventTarget, name: &'static str, event: fn() -> HostEvent| {
        let report = report.clone();
        EventListener::new(target, name, move |_| report(event()))
    };
    let mut listeners = vec![
        listen(&window, "online", || HostEvent::Online(true)),
        listen(&window, "offline", || HostEvent::Online(false)),
    ];
    if let Some(document) = window.document() {
        listeners.push(listen(&document, "visibilitychange", || HostEvent::Focused(is_visible())));
    }
    listeners
}

fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

pub(crate) async fn sleep(time: Duration) {
    // Rounding down would wake a little too early.
    let millis = time.min(LONGEST_SLEEP).as_nanos().div_ceil(1_000_000);
    gloo_timers::future::TimeoutFuture::new(u32::try_from(millis).unwrap_or(i32::MAX as u32)).await;
}
