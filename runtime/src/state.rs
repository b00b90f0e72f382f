//! What a reader sees of an entry, and the cell in which it is published.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use crate::core::{Coming, Shown};
use crate::error::Error;
use crate::guard::lock;
use crate::listeners::Listeners;
use crate::platform::SystemTime;
use crate::response::ResponseHead;
use crate::sync::Mutex;

/// What a watcher sees of its entry at one moment.
#[non_exhaustive]
pub struct State<T> {
    /// The last good data. It stays when a later request fails.
    pub data: Option<Arc<T>>,
    /// Why the last request failed. Gone with the next success.
    pub error: Option<Error>,
    /// Whether the first data is on its way.
    pub is_loading: bool,
    /// Whether a request is in flight, the first or a later one, or is to be sent again after it failed.
    pub is_fetching: bool,
    /// How many tries of that request failed so far. Zero where none is made.
    pub failures: u32,
    /// Why the last of those tries failed. Once no further one is made, that is the `error`.
    pub last_failure: Option<Error>,
    /// Whether the data was invalidated, or is older than the stale time: the shortest of those who watch the entry. Never
    /// without data.
    pub is_stale: bool,
    /// Whether the data is that of the query before, shown until the data of this one is there.
    pub is_previous: bool,
    /// When the data came, or was set. A change of it by hand leaves it as it was.
    pub fetched_at: Option<SystemTime>,
    /// The status of the response that brought the data. Nothing where the application wrote it.
    pub status: Option<StatusCode>,
    /// The headers of that response.
    pub headers: Option<Arc<HeaderMap>>,
    /// Pages of a list that are asked for.
    pub(crate) coming: Coming,
}

impl<T> State<T> {
    /// What is seen where nothing is asked for.
    pub(crate) fn empty() -> Self {
        Self {
            data: None,
            error: None,
            is_loading: false,
            is_fetching: false,
            failures: 0,
            last_failure: None,
            is_stale: false,
            is_previous: false,
            fetched_at: None,
            status: None,
            headers: None,
            coming: Coming::default(),
        }
    }

    /// The same flags with other data.
    pub(crate) fn with_data<U>(self, data: Option<Arc<U>>) -> State<U> {
        let Self { data: _, error, is_loading, is_fetching, failures, last_failure, .. } = self;
        let Self { is_stale, is_previous, fetched_at, status, headers, coming, .. } = self;
        State {
            data,
            error,
            is_loading,
            is_fetching,
            failures,
            last_failure,
            is_stale,
            is_previous,
            fetched_at,
            status,
            headers,
            coming,
        }
    }
}

impl<T> State<T> {
    /// Status and headers of the response that brought the data, as one. Nothing where the application wrote it.
    pub fn head(&self) -> Option<ResponseHead> {
        Some(ResponseHead::new(self.status?, self.headers.clone()?))
    }
}

impl<T: Send + Sync + 'static> State<T> {
    /// The state of an entry; `shown` is its data, or what is shown in its place. Clones no data and drops none.
    pub(crate) fn new(snapshot: &Snapshot, shown: Option<&Shown>, started_at: SystemTime) -> Self {
        let head = shown.and_then(|shown| shown.head.as_ref());
        Self {
            data: shown.and_then(|shown| shown.value.clone().downcast().ok()),
            error: snapshot.error.clone(),
            is_loading: snapshot.is_fetching && shown.is_none(),
            is_fetching: snapshot.is_fetching,
            failures: snapshot.failures,
            last_failure: snapshot.last_failure.clone(),
            is_stale: snapshot.is_stale,
            is_previous: false,
            fetched_at: shown.and_then(|shown| started_at.checked_add(shown.fetched_at)),
            status: head.map(|(status, _)| *status),
            headers: head.map(|(_, headers)| headers.clone()),
            coming: snapshot.coming,
        }
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            error: self.error.clone(),
            is_loading: self.is_loading,
            is_fetching: self.is_fetching,
            failures: self.failures,
            last_failure: self.last_failure.clone(),
            is_stale: self.is_stale,
            is_previous: self.is_previous,
            fetched_at: self.fetched_at,
            status: self.status,
            headers: self.headers.clone(),
            coming: self.coming,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers can carry secrets, so they are not shown.
        f.debug_struct("State")
            .field("data", &self.data)
            .field("error", &self.error)
            .field("is_loading", &self.is_loading)
            .field("is_fetching", &self.is_fetching)
            .field("failures", &self.failures)
            .field("is_stale", &self.is_stale)
            .field("is_previous", &self.is_previous)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What is published of an entry, without its type.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) versions: Versions,
    pub(crate) shown: Option<Shown>,
    pub(crate) error: Option<Error>,
    pub(crate) is_fetching: bool,
    pub(crate) is_stale: bool,
    pub(crate) failures: u32,
    pub(crate) last_failure: Option<Error>,
    /// Pages of a list that are asked for.
    pub(crate) coming: Coming,
}

/// Counts the changes of an entry's state, and of its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) state: u64,
    pub(crate) data: u64,
}

/// Where an entry's state is published. Readers take no lock on the cache.
#[derive(Default)]
pub(crate) struct StateCell {
    current: Mutex<Arc<Snapshot>>,
    pub(crate) listeners: Listeners,
}

impl StateCell {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn current(&self) -> Arc<Snapshot> {
        lock(&self.current).clone()
    }

    /// Reads the state in place. `read` must not run user code.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&Arc<Snapshot>) -> R) -> R {
        read(&lock(&self.current))
    }

    /// Puts a new state in, and gives back the old one to be dropped where user code may run. Tells nobody yet.
    pub(crate) fn store(&self, snapshot: Arc<Snapshot>) -> Arc<Snapshot> {
        std::mem::replace(&mut *lock(&self.current), snapshot)
    }

    /// Tells whoever listens.
    pub(crate) fn wake(&self) {
        self.listeners.notify();
    }
}
