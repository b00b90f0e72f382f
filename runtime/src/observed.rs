//! What can be read and listened to, and the three ways to hear of its changes: a future, a stream, a callback.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::core::EntryId;
use crate::guard::lock;
use crate::listeners::{CallbackGuard, Listener, Listeners, Waiting};
use crate::platform::{MaybeSend, MaybeSync};
use crate::shared::Shared;
use crate::state::State;
use crate::sync::Mutex;

/// Tells states apart without comparing them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Which subscription of several that follow each other, and the version of the state in it.
    pub(crate) state: (u64, u64),
    /// Whose data it is, unless it is of the one source there is, and the version of it; `None` without data.
    pub(crate) data: Option<(Option<EntryId>, u64)>,
}

/// What a reader wants to hear of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News {
    /// Any change.
    State,
    /// Other data.
    Data,
}

impl News {
    fn is_there(self, seen: &Stamp, now: &Stamp) -> bool {
        match self {
            News::State => seen.state != now.state,
            News::Data => seen.data != now.data,
        }
    }
}

/// Something that has a state and tells of its changes: a subscription, a part that was selected of one, a trigger.
pub(crate) trait Observed<S>: Heard {
    /// The state now, and what tells it apart. Takes no lock on the cache and runs no user code.
    fn read(&self) -> (Stamp, S);
}

/// Something that tells its listeners when it may have changed.
pub(crate) trait Heard: MaybeSend + MaybeSync {
    fn listeners(&self) -> &Listeners;
    fn shared(&self) -> &Arc<Shared>;

    /// Lets a listener hear. What happened before it came here it looks for in its turn.
    fn attach(&self, listener: Arc<dyn Listener>) {
        self.listeners().add(Arc::downgrade(&listener));
        self.shared().notify(Arc::downgrade(&listener));
    }
}

/// How far one reader has got.
pub(crate) struct Cursor {
    seen: Stamp,
    waiting: Option<Arc<Waiting>>,
}

impl Cursor {
    pub(crate) fn new(seen: Stamp) -> Self {
        Self { seen, waiting: None }
    }

    /// The next state that is news. It counts as seen when it is returned.
    pub(crate) async fn next<S>(&mut self, source: &(impl Observed<S> + ?Sized), news: News) -> S {
        poll_fn(|context| self.poll(source, context, |seen, now| news.is_there(seen, now))).await
    }

    fn poll<S>(
        &mut self,
        source: &(impl Observed<S> + ?Sized),
        context: &Context<'_>,
        is_news: impl Fn(&Stamp, &Stamp) -> bool,
    ) -> Poll<S> {
        let waiting = self.waiting.get_or_insert_with(|| {
            let waiting = Arc::new(Waiting::default());
            let listener: Weak<Waiting> = Arc::downgrade(&waiting);
            source.listeners().add(listener);
            waiting
        });
        // Whoever publishes does so before it wakes. So what comes after this look finds the waker.
        waiting.register(context.waker());
        let (now, state) = source.read();
        if !is_news(&self.seen, &now) {
            return Poll::Pending;
        }
        self.seen = now;
        Poll::Ready(state)
    }
}

/// The states of something as a stream: the state now, and then each that follows.
pub(crate) struct Following<S> {
    source: Arc<dyn Observed<S>>,
    cursor: Cursor,
    news: News,
    is_first: bool,
}

impl<S> Following<S> {
    pub(crate) fn new(source: Arc<dyn Observed<S>>, news: News) -> Self {
        Self { source, cursor: Cursor::new(Stamp::default()), news, is_first: true }
    }

    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<S>> {
        let Self { source, cursor, news, is_first } = self;
        let next = cursor.poll(&**source, context, |seen, now| *is_first || news.is_there(seen, now));
        *is_first &= next.is_pending();
        next.map(Some)
    }
}

/// The states of a watcher as a stream: the state now, and then each that follows. Changes in between are left out, and it
/// has no end.
///
/// It keeps the subscription until it is dropped.
#[must_use = "dropping it unsubscribes"]
pub struct Changes<T>(Following<State<T>>);

impl<T> Changes<T> {
    pub(crate) fn new(source: Arc<dyn Observed<State<T>>>, news: News) -> Self {
        Self(Following::new(source, news))
    }
}

impl<T> Stream for Changes<T> {
    type Item = State<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<State<T>>> {
        self.get_mut().0.poll_next(context)
    }
}

impl<T> fmt::Debug for Changes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("news", &self.0.news).finish_non_exhaustive()
    }
}

/// A function that is called with each state that is news.
struct Callback<S, F> {
    source: Arc<dyn Observed<S>>,
    news: News,
    seen: Mutex<Stamp>,
    call: F,
}

impl<S, F: Fn(S) + MaybeSend + MaybeSync> Listener for Callback<S, F> {
    fn notify(&self) {
        let (now, state) = self.source.read();
        let seen = std::mem::replace(&mut *lock(&self.seen), now);
        if self.news.is_there(&seen, &now) {
            (self.call)(state);
        }
    }
}

/// Calls a function with each change from now on.
pub(crate) fn on_change<S: 'static>(
    source: Arc<dyn Observed<S>>,
    news: News,
    call: impl Fn(S) + MaybeSend + MaybeSync + 'static,
) -> CallbackGuard {
    let seen = Mutex::new(source.read().0);
    let callback = Arc::new(Callback { source: source.clone(), news, seen, call });
    source.attach(callback.clone());
    CallbackGuard::new(callback)
}
