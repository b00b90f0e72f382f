//! A part of what a watcher sees, which changes only when the part does.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::guard::{guarded, lock};
use crate::listeners::{CallbackGuard, Listener, Listeners};
use crate::observed::{self, Changes, Cursor, Heard, News, Observed, Stamp};
use crate::platform::{MaybeSend, MaybeSync};
use crate::shared::Shared;
use crate::state::State;
use crate::subscription::Subscription;
use crate::sync::Mutex;

/// A part of what a watcher sees: see [`Watcher::select`](crate::Watcher::select).
///
/// It keeps the watcher's subscription, and goes along when the watcher is given another query.
#[must_use = "dropping it unsubscribes, unless the watcher is still there"]
pub struct Selected<U> {
    part: Arc<dyn Observed<State<U>>>,
    cursor: Cursor,
    news: News,
}

impl<U: PartialEq + Send + Sync + 'static> Selected<U> {
    pub(crate) fn new<T: Send + Sync + 'static>(
        subscription: Arc<Subscription>,
        select: impl Fn(&T) -> U + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        let memo = Memo { seen: Stamp::default(), failed: None, stamp: Stamp::default(), state: State::empty() };
        let part = Arc::new(Part {
            subscription,
            listeners: Listeners::default(),
            memo: Mutex::new(memo),
            select,
            ty: PhantomData,
        });
        part.look();
        part.subscription.attach(part.clone());
        let stamp = part.read().0;
        Self { part, cursor: Cursor::new(stamp), news: News::Data }
    }
}

impl<U: Send + Sync + 'static> Selected<U> {
    /// Takes a change of the flags for a change, too, such as that a request is on its way or failed: `changed`, the stream and
    /// the callbacks tell of it. Without this they tell of another part alone, and of a panic in the function that selects, so
    /// they say nothing of a first request that fails.
    pub fn with_flags(self) -> Self {
        Self { news: News::State, ..self }
    }

    /// The part now, and the flags of the whole. The same part is the same `Arc`. Takes no lock on the cache.
    ///
    /// Its error is also that the function which selects panicked; then the last part stays.
    pub fn snapshot(&self) -> State<U> {
        self.part.read().1
    }

    /// The next state with another part that was not returned yet. Changes in between are left out.
    ///
    /// Safe to cancel: a change that was not returned is not lost.
    pub async fn changed(&mut self) -> State<U> {
        self.cursor.next(&*self.part, self.news).await
    }

    /// The states as a stream: the state now, and then each with another part.
    pub fn into_stream(self) -> Changes<U> {
        Changes::new(self.part, self.news)
    }

    /// Calls a function with each state that has another part, from now on, until the guard is dropped. See
    /// [`Watcher::on_change`](crate::Watcher::on_change).
    pub fn on_change(&self, call: impl Fn(State<U>) + MaybeSend + MaybeSync + 'static) -> CallbackGuard {
        observed::on_change(self.part.clone(), self.news, call)
    }
}

impl<U> fmt::Debug for Selected<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selected").field("news", &self.news).finish_non_exhaustive()
    }
}

/// A part, as it was selected last.
struct Part<T, U, F> {
    subscription: Arc<Subscription>,
    listeners: Listeners,
    memo: Mutex<Memo<U>>,
    select: F,
    ty: PhantomData<fn(&T)>,
}

struct Memo<U> {
    /// What the whole was.
    seen: Stamp,
    /// That the function panicked.
    failed: Option<Error>,
    stamp: Stamp,
    state: State<U>,
}

impl<T, U, F> Part<T, U, F>
where
    T: Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
    F: Fn(&T) -> U + MaybeSend + MaybeSync,
{
    /// Looks at the whole, and selects anew if its data is other data. Says whether anything changed. Never runs twice at a
    /// time: when the part is made, and then as a listener.
    fn look(&self) -> bool {
        let (now, whole) = Observed::<State<T>>::read(&*self.subscription);
        let (seen, mut stamp, before, failed) = {
            let memo = lock(&self.memo);
            (memo.seen, memo.stamp, memo.state.data.clone(), memo.failed.clone())
        };
        if seen == now {
            return false;
        }
        let (part, failed) = match &whole.data {
            _ if seen.data == now.data => (before.clone(), failed),
            Some(data) => self.select(data, before.as_ref()),
            None => (None, None),
        };
        let is_same = before.as_ref().map(Arc::as_ptr) == part.as_ref().map(Arc::as_ptr);
        if !is_same || (failed.is_some() && seen.data != now.data) {
            stamp.data = Some((None, stamp.data.map_or(0, |(_, version)| version) + 1));
        }
        stamp.state = now.state;
        let state = whole.with_data(part);
        let state = State { error: failed.clone().or(state.error), ..state };
        let old = std::mem::replace(&mut *lock(&self.memo), Memo { seen: now, failed, stamp, state });
        let _ = guarded(|| drop((old, before)));
        true
    }

    /// The part of new data: the one before if it is equal, and also if the function panics.
    fn select(&self, data: &T, before: Option<&Arc<U>>) -> (Option<Arc<U>>, Option<Error>) {
        let selected = guarded(|| {
            let part = (self.select)(data);
            before.filter(|before| ***before == part).cloned().unwrap_or_else(|| Arc::new(part))
        });
        match selected {
            Ok(part) => (Some(part), None),
            Err(_) => {
                let error = Error::internal(ErrorKind::Panicked, "the function that selects a part panicked");
                (before.cloned(), Some(error))
            }
        }
    }
}

impl<T, U, F> Listener for Part<T, U, F>
where
    T: Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
    F: Fn(&T) -> U + MaybeSend + MaybeSync,
{
    fn notify(&self) {
        if self.look() {
            self.listeners.notify();
        }
    }
}

impl<T, U: Send + Sync, F: MaybeSend + MaybeSync> Observed<State<U>> for Part<T, U, F> {
    fn read(&self) -> (Stamp, State<U>) {
        let memo = lock(&self.memo);
        (memo.stamp, memo.state.clone())
    }
}

impl<T, U: Send + Sync, F: MaybeSend + MaybeSync> Heard for Part<T, U, F> {
    fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    fn shared(&self) -> &Arc<Shared> {
        self.subscription.shared()
    }
}
