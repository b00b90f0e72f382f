//! What a reader sees of an entry, and the cell in which it is published.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::watch;

use crate::error::Error;
use crate::guard::lock;
use crate::parts::Level;
use crate::platform::SystemTime;
use crate::query::Value;

/// What a watcher sees of its entry at one moment.
#[non_exhaustive]
pub struct State<T> {
    /// The last good data. It stays when a later request fails.
    pub data: Option<Arc<T>>,
    /// Why the last request failed. Gone with the next success.
    pub error: Option<Error>,
    /// Whether the first data is on its way.
    pub is_loading: bool,
    /// Whether a request is in flight, the first or a later one.
    pub is_fetching: bool,
    /// Whether the data was invalidated, or is older than the stale time.
    pub is_stale: bool,
    /// When the data came.
    pub fetched_at: Option<SystemTime>,
    /// The status of the response that brought the data.
    pub status: Option<StatusCode>,
    /// The headers of that response.
    pub headers: Option<Arc<HeaderMap>>,
}

impl<T: Send + Sync + 'static> State<T> {
    pub(crate) fn new(snapshot: &Snapshot, started_at: SystemTime) -> Self {
        let shown = snapshot.shown.as_ref();
        Self {
            data: shown.and_then(|shown| shown.value.clone().downcast().ok()),
            error: snapshot.error.clone(),
            is_loading: snapshot.is_fetching && shown.is_none(),
            is_fetching: snapshot.is_fetching,
            is_stale: snapshot.is_stale,
            fetched_at: shown.and_then(|shown| started_at.checked_add(shown.fetched_at)),
            status: shown.map(|shown| shown.status),
            headers: shown.map(|shown| shown.headers.clone()),
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
            is_stale: self.is_stale,
            fetched_at: self.fetched_at,
            status: self.status,
            headers: self.headers.clone(),
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
            .field("is_stale", &self.is_stale)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The data of an entry, with the response that brought it.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) value: Value,
    pub(crate) body: Bytes,
    /// What of the value the next response may bring again.
    pub(crate) parts: Option<Arc<Level>>,
    pub(crate) status: StatusCode,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) fetched_at: Duration,
}

/// What is published of an entry, without its type.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) versions: Versions,
    pub(crate) shown: Option<Shown>,
    pub(crate) error: Option<Error>,
    pub(crate) is_fetching: bool,
    pub(crate) is_stale: bool,
}

/// Counts the changes of an entry's state, and of its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) state: u64,
    pub(crate) data: u64,
}

/// Where an entry's state is published. Readers take no lock on the cache.
pub(crate) struct StateCell {
    current: Mutex<Arc<Snapshot>>,
    versions: watch::Sender<Versions>,
}

impl StateCell {
    pub(crate) fn new() -> Self {
        Self { current: Mutex::default(), versions: watch::Sender::new(Versions::default()) }
    }

    pub(crate) fn current(&self) -> Arc<Snapshot> {
        lock(&self.current).clone()
    }

    /// Puts a new state in, and gives back the old one to be dropped where user code may run. Wakes nobody yet.
    pub(crate) fn store(&self, snapshot: Arc<Snapshot>) -> Arc<Snapshot> {
        std::mem::replace(&mut *lock(&self.current), snapshot)
    }

    /// Wakes whoever waits for a change.
    pub(crate) fn wake(&self) {
        let versions = self.current().versions;
        self.versions.send_if_modified(|known| std::mem::replace(known, versions) != versions);
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Versions> {
        self.versions.subscribe()
    }
}
